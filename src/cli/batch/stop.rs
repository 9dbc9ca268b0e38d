//! SIGINT and SIGTERM stop a batch: the scenario in hand is brought to its end, unless that takes long or the
//! signal comes again; then it is left, and what was begun of it is removed.

use super::super::say::Say;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Whether a batch is to stop.
pub(super) struct Stop {
    say: Say,
    folder: PathBuf,
    of: usize,
    asked: AtomicBool,
    done: AtomicUsize,
    /// Held while something is written that must be whole.
    writing: Mutex<()>,
}

impl Stop {
    /// Listens for signals from now on, for a batch of so many scenarios.
    pub(super) fn listen(say: Say, folder: &Path, of: usize) -> Arc<Self> {
        let stop = Arc::new(Self {
            say,
            folder: folder.to_path_buf(),
            of,
            asked: AtomicBool::new(false),
            done: AtomicUsize::new(0),
            writing: Mutex::new(()),
        });
        #[cfg(unix)]
        unix::listen(&stop);
        stop
    }

    /// Whether no further scenario is to be begun.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// One more scenario is done.
    pub(super) fn one_done(&self) {
        self.done.fetch_add(1, Ordering::AcqRel);
    }

    /// Does something that no signal cuts short.
    pub(super) fn whole<T>(&self, work: impl FnOnce() -> T) -> T {
        let _held = self.writing.lock();
        work()
    }

    /// Says how far the batch has come.
    pub(super) fn tell(&self) {
        let (done, of) = (self.done.load(Ordering::Acquire), self.of);
        let text = format!("interrupted: {done} of {of} scenarios are done");
        self.say.refusal("interrupted", text, Some("`--resume` goes on".into()));
    }
}

/// Removes files that a run began and did not end, whose temporary names begin so.
pub(super) fn remove_parts(folder: &Path, prefix: &str) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(prefix) && name.contains(".part") {
            // One that cannot be removed is in nobody's way.
            let _removed = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
mod unix {
    use super::{Stop, remove_parts};
    use civex::write::part_prefix;
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::low_level::{exit, pipe};
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    /// So long the scenario in hand may take to its end.
    const GRACE: Duration = Duration::from_secs(5);

    /// Listens on a thread of its own. Where that cannot be, signals end the program as they are wont to.
    pub(super) fn listen(stop: &Arc<Stop>) {
        let Ok((hears, speaks)) = UnixStream::pair() else { return };
        let Ok(again) = speaks.try_clone() else { return };
        let stop = Arc::clone(stop);
        let thread = std::thread::Builder::new().spawn(move || wait(&stop, hears));
        if thread.is_ok() {
            let _caught = [pipe::register(SIGINT, speaks), pipe::register(SIGTERM, again)];
        }
    }

    fn wait(stop: &Stop, mut hears: UnixStream) {
        let mut signal = [0];
        if !matches!(hears.read(&mut signal), Ok(1)) {
            return;
        }
        stop.asked.store(true, Ordering::Release);
        let _set = hears.set_read_timeout(Some(GRACE));
        let _once_more_or_too_long = hears.read(&mut signal);
        let _held = stop.writing.lock();
        stop.tell();
        remove_parts(&stop.folder, part_prefix());
        // Other threads are at work still: nothing is torn down under them.
        exit(2);
    }
}
