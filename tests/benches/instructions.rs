//! Instructions, which differ by less than a hundredth from run to run where times differ by tenths: of starts, warm
//! requests, pictures and reconciles. Release builds run under callgrind, and what they take is compared with
//! `instructions.json`, so that a commit that costs more is seen.
//!
//! ```console
//! $ cargo bench --bench instructions
//! $ UPDATE_INSTRUCTIONS=1 cargo bench --bench instructions
//! ```
//!
//! The second writes down what it finds. The file is of x86-64 and of the compiler that it names: others have other
//! numbers. Without valgrind nothing is measured.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for measuring")]

mod instructions {
    pub(crate) mod callgrind;
    pub(crate) mod figures;
    pub(crate) mod measured;
}
mod lambda;

use std::process::ExitCode;

use instructions::{callgrind, figures, measured};

fn main() -> ExitCode {
    if !callgrind::is_there() {
        println!("valgrind is not there: no instructions are counted");
        return ExitCode::SUCCESS;
    }
    figures::compare(&measured::all())
}
