//! Signals: whatever a run is doing, it ends, and nothing half-made is left.

use crate::scene::{Scene, USUAL, area, collection};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The root of the project.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn program(scene: &Scene, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_civex"));
    command.current_dir(scene.path(".")).args(args.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// A run that waits for areas on standard input: with its pipe open it does not end by itself.
fn waiting(scene: &Scene) -> Child {
    let args = "assess --areas - --population pop.tif,nodata_means=zero -o out.geojson -o out.gpkg";
    let child = program(scene, args).stdin(Stdio::piped()).spawn().unwrap();
    // The handlers are there when the program has opened what it reads.
    std::thread::sleep(Duration::from_millis(500));
    child
}

#[test]
fn each_signal_ends_a_run_with_its_own_status_and_leaves_nothing() {
    let scene = Scene::usual();
    let before = scene.files();
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut child = waiting(&scene);
        // Waiting for a child closes its input, which would end it too.
        let _open = child.stdin.take();
        let begun = Instant::now();
        send(&child, signal);
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), Some(status), "{signal}: {:?}", ended.signal());
        assert!(begun.elapsed() < Duration::from_secs(5), "{signal}");
        assert_eq!(scene.files(), before, "{signal}");
    }
}

#[test]
fn what_is_told_to_be_ignored_stays_ignored() {
    let scene = Scene::usual();
    let line = format!(
        "trap '' HUP INT; exec {} assess --areas - --population pop.tif,nodata_means=zero -o out.geojson",
        env!("CARGO_BIN_EXE_civex")
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(scene.path("."));
    let mut child = shell.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let _open = child.stdin.take();
    std::thread::sleep(Duration::from_millis(500));
    send(&child, "-HUP");
    send(&child, "-INT");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(child.try_wait().unwrap(), None);
    send(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn two_signals_end_a_batch_whose_messages_nobody_reads() {
    let scene = Scene::usual();
    // More messages than a pipe holds.
    for number in 0..1000 {
        let name = format!("plans/{}{number}.toml", "a".repeat(100));
        scene.write(
            &name,
            "[areas]\npath = \"gone.geojson\"\n[[population]]\npath = \"gone.tif\"\n",
        );
    }
    let mut child = program(&scene, "batch plans --out-dir out").spawn().unwrap();
    let done = || scene.has("out/runs.jsonl").then(|| scene.read("out/runs.jsonl").len());
    let mut before = None;
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = done();
        if now.is_some() && now == before {
            break;
        }
        before = now;
    }
    assert_eq!(child.try_wait().unwrap(), None, "it waits until somebody reads");
    let begun = Instant::now();
    send(&child, "-INT");
    std::thread::sleep(Duration::from_millis(50));
    send(&child, "-INT");
    let ended = child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{ended}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(ended.code() == Some(2) || ended.code() == Some(130), "{ended}: {said}");
}

/// A small version of what `tests/hostile/kill.py` does: `tests/hostile/kill.py PROGRAM data/iceland 200`.
#[test]
fn killed_at_any_moment_no_command_leaves_a_part_or_half_a_file() {
    let root = Path::new(ROOT);
    let ran = Command::new("python3")
        .arg(root.join("tests/hostile/kill.py"))
        .arg(env!("CARGO_BIN_EXE_civex"))
        .arg(root.join("data/iceland"))
        .args(["18", "1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_file_in_the_making_is_not_seen_and_what_was_there_stays_until_the_end() {
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml -o out.geojson").code, 0);
    let before = scene.read("out.geojson");
    scene.write("areas.geojson", collection(&[area("B", &[USUAL])]).to_string());
    let mut child = waiting(&scene);
    assert_eq!(scene.read("out.geojson"), before);
    send(&child, "-TERM");
    child.wait().unwrap();
    assert_eq!(scene.read("out.geojson"), before);
}
