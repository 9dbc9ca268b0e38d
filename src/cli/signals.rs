//! SIGINT, SIGTERM and SIGHUP end a run, and nothing half-made stays behind.
//!
//! They are waited for on a thread of its own, so that it does not matter what the others do. The first ends the
//! program within a second, with 128 and its number as the status. A batch ends in order ([`Stop`]): the scenario in
//! hand is brought to its end, unless that takes long or a second signal comes. What a shell or `nohup` has told the
//! program to ignore stays ignored.

use super::say::Say;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// The batch that is to end in order.
static IN_ORDER: OnceLock<Arc<Stop>> = OnceLock::new();

/// Whether a batch is to stop.
pub(super) struct Stop {
    say: Say,
    of: usize,
    asked: AtomicBool,
    done: AtomicUsize,
}

impl Stop {
    /// From now on signals end this batch of so many scenarios in order.
    pub(super) fn in_order(say: Say, of: usize) -> Arc<Self> {
        let stop = Self { say, of, asked: AtomicBool::new(false), done: AtomicUsize::new(0) };
        Arc::clone(IN_ORDER.get_or_init(|| Arc::new(stop)))
    }

    /// Whether no further scenario is to be begun.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// One more scenario is done.
    pub(super) fn one_done(&self) {
        self.done.fetch_add(1, Ordering::AcqRel);
    }

    /// Says how far the batch has come.
    pub(super) fn tell(&self) {
        let (done, of) = (self.done.load(Ordering::Acquire), self.of);
        let text = format!("interrupted: {done} of {of} scenarios are done");
        self.say.refusal("interrupted", text, Some("`--resume` goes on".into()));
    }
}

/// Listens from now on. Where that cannot be, signals end the program as they are wont to.
pub(super) fn listen() {
    #[cfg(unix)]
    let _without = unix::listen();
}

#[cfg(unix)]
mod unix {
    use super::IN_ORDER;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag::register_usize;
    use signal_hook::low_level::{exit, pipe};
    use std::io::{Read, Result};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    /// So long the scenario in hand may take to its end.
    const GRACE: Duration = Duration::from_secs(5);

    /// So long the program may take to its end, whatever holds it up.
    const LAST: Duration = Duration::from_secs(1);

    pub(super) fn listen() -> Result<()> {
        let (hears, speaks) = UnixStream::pair()?;
        let came = Arc::new(AtomicUsize::new(0));
        let last = Arc::clone(&came);
        std::thread::Builder::new().spawn(move || wait(hears, &last))?;
        let ignored = ignored();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if !ignored(signal) {
                register_usize(signal, Arc::clone(&came), signal.unsigned_abs() as usize)?;
                pipe::register(signal, speaks.try_clone()?)?;
            }
        }
        Ok(())
    }

    /// Which signals the program was told to ignore. Where nobody tells, that is the end of a terminal.
    fn ignored() -> impl Fn(i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        move |signal| mask.map_or(signal == SIGHUP, |mask| mask >> (signal - 1) & 1 == 1)
    }

    fn wait(mut hears: UnixStream, came: &AtomicUsize) {
        let mut signal = [0];
        if !matches!(hears.read(&mut signal), Ok(1)) {
            return;
        }
        let in_order = IN_ORDER.get();
        if let Some(stop) = in_order {
            stop.asked.store(true, Ordering::Release);
            let _set = hears.set_read_timeout(Some(GRACE));
            let _once_more_or_too_long = hears.read(&mut signal);
        }
        let (done, ends) = mpsc::channel();
        let last_work = move || {
            civex::write::give_up();
            if let Some(stop) = IN_ORDER.get() {
                stop.tell();
            }
            let _nobody_waits = done.send(());
        };
        if std::thread::Builder::new().spawn(last_work).is_ok() {
            let _done_or_too_long = ends.recv_timeout(LAST);
        }
        // Other threads are at work still: nothing is torn down under them.
        exit(if in_order.is_some() {
            2
        } else {
            128 + i32::try_from(came.load(Ordering::Acquire)).unwrap_or(0)
        });
    }
}
