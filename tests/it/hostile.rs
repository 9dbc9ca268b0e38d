//! A small run of the mutations of `tests/hostile`, so that a change that lets one through is seen at once.

use crate::scene::Scene;
use std::path::Path;
use std::process::Command;

/// A Python 3 with its standard library, if there is any.
fn python() -> Option<String> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/python");
    let named = std::env::var("CIVEX_PYTHON").into_iter();
    let mut known = named.chain([usual.to_owned(), "python3".to_owned()]);
    known.find(|python| {
        Command::new(python)
            .args(["-c", "import sqlite3, zlib"])
            .status()
            .is_ok_and(|of| of.success())
    })
}

/// Runs mutations through a program: whether there was no finding, and what was said.
fn mutate(program: &Path, runs: &str) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/mutate.py");
    let ran = Command::new(python()?)
        .arg(script)
        .arg(program)
        // A machine that is busy may take its time.
        .args(["--runs", runs, "--seed", "7", "--seconds", "120", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    Some((ran.status.success(), said.concat()))
}

#[test]
fn mutated_inputs_of_every_kind_do_no_harm() {
    // Two of each kind.
    let Some((is_clean, said)) = mutate(Path::new(env!("CARGO_BIN_EXE_civex")), "56") else {
        return;
    };
    assert!(is_clean && said.contains("56 runs"), "{said}");
}

#[test]
#[cfg(unix)]
fn a_program_that_does_harm_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::empty();
    let civex = env!("CARGO_BIN_EXE_civex");
    let harm = "echo more >> mine.txt; echo panicked >&2; exit 7";
    // Those that make the sound inputs have no limit of memory.
    scene.write(
        "harmful",
        format!("#!/bin/sh\ncase \"$*\" in *--memory*) {harm};; esac\nexec {civex} \"$@\"\n"),
    );
    let program = scene.path("harmful");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let Some((is_clean, said)) = mutate(&program, "2") else { return };
    assert!(!is_clean, "{said}");
    for wanted in ["FOUND changes mine.txt", "FOUND panics", "FOUND ends with status 7"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}
