//! The programs that are measured, built as they are deployed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Always all of them: what is built beside a function can change the features of what it is built of.
const FUNCTIONS: [&str; 4] = ["api-accounts", "api-jobs", "complete", "generate-image"];

/// Builds the functions, and says in which folder they are. With `MEASURE_AS_BUILT` set nothing is built: what is there is
/// measured.
pub(crate) fn functions() -> PathBuf {
    build(&FUNCTIONS.map(|name| ["-p", name]).concat());
    // The bench itself is in `deps` of its own profile's folder, which need not be the same.
    let folder = env::current_exe().unwrap().ancestors().nth(3).unwrap().join("release");
    for name in FUNCTIONS {
        is_there(&folder.join(name));
    }
    folder
}

/// Builds an example, and says where it is.
pub(crate) fn example(package: &str, name: &str) -> PathBuf {
    build(&["-p", package, "--example", name]);
    let program = env::current_exe().unwrap().ancestors().nth(3).unwrap().join("release/examples").join(name);
    is_there(&program);
    program
}

/// Nobody would ask for an event in the place of one that is not.
fn is_there(program: &Path) {
    assert!(program.exists(), "there is no {}: unset MEASURE_AS_BUILT", program.display());
}

fn build(what: &[&str]) {
    if env::var_os("MEASURE_AS_BUILT").is_some() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    let built = cargo.current_dir(root).args(["build", "--quiet", "--release"]).args(what).status();
    assert!(built.unwrap().success(), "{what:?} is not built");
}
