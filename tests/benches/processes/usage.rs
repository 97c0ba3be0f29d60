//! What a process has used so far, as Linux tells.

use std::fs;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// In hundredths of a second, as the kernel counts.
    pub(crate) user_ms: f64,
    pub(crate) system_ms: f64,
    /// The most memory that it ever had, in MB as Lambda counts them: of 2^20 bytes.
    pub(crate) peak_mb: f64,
}

pub(crate) fn usage(pid: u32) -> Usage {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in brackets may have spaces in it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).unwrap().parse::<f64>().unwrap() * 10.0;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: f64 = peak.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    Usage { user_ms: ticks(11), system_ms: ticks(12), peak_mb: kilobytes / 1_024.0 }
}
