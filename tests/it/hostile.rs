//! A small run of the mutations of `tests/hostile`, so that a change that lets one through is seen at once.

use std::path::Path;
use std::process::Command;

/// A Python 3 with its standard library, if there is any.
fn python() -> Option<String> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/python");
    let named = std::env::var("CIVEX_PYTHON").into_iter();
    let mut known = named.chain([usual.to_owned(), "python3".to_owned()]);
    known.find(|python| Command::new(python).args(["-c", "import sqlite3, zlib"]).status().is_ok_and(|of| of.success()))
}

#[test]
fn mutated_inputs_of_every_kind_do_no_harm() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/mutate.py");
    let ran = Command::new(python)
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_civex"))
        // Two of each kind; a machine that is busy may take its time.
        .args(["--runs", "56", "--seed", "7", "--seconds", "120", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("56 runs"), "{said}");
}
