//! Instructions, which differ by less than a hundredth from run to run where times differ by tenths: of starts, warm
//! requests, pictures and reconciles. Release builds run under callgrind, and what they take is compared with
//! `instructions.json`, so that a commit that costs more is seen.
//!
//! ```console
//! $ cargo bench --bench instructions
//! $ UPDATE_INSTRUCTIONS=1 cargo bench --bench instructions
//! $ KEEP_CALLGRIND=callgrind.out cargo bench --bench instructions -- requests
//! ```
//!
//! The second writes down what it finds. The third counts one kind alone (`starts`, `requests`, `pictures`, `reconciles`) and
//! keeps what callgrind wrote of its last run, for `callgrind_annotate`. The file is of x86-64 and of the compiler that it names: others have other
//! numbers. Without valgrind nothing is measured.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for measuring")]

mod instructions {
    pub(crate) mod callgrind;
    pub(crate) mod figures;
    pub(crate) mod measured;
}
mod lambda;

use std::{env, process::ExitCode};

use instructions::{callgrind, figures, measured};

fn main() -> ExitCode {
    if !callgrind::is_there() {
        println!("valgrind is not there: no instructions are counted");
        return ExitCode::SUCCESS;
    }
    let asked = env::args().nth(1).filter(|asked| !asked.starts_with('-'));
    let Some(measured) = measured::of(asked.as_deref()) else {
        println!("there are starts, requests, pictures and reconciles, and no {}", asked.unwrap_or_default());
        return ExitCode::FAILURE;
    };
    figures::compare(&measured)
}
