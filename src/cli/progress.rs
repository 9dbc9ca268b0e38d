//! Progress on standard error: a bar with a time left, or a line now and then without a terminal.

use super::say::Say;
use civex::assess::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Without a terminal, this much time passes between two lines.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Shows how the work goes on.
pub(super) struct Shown {
    say: Say,
    how: How,
    /// Whether machines are told of the beginning of a stage, too.
    wanted: bool,
    stage: Mutex<Option<Stage>>,
}

/// The bar over all scenarios of a batch, which stays while they are told of.
static OVER_ALL: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes something beside the bar that stays.
pub(super) fn aside(write: impl FnOnce()) {
    let bar = OVER_ALL.lock().ok().and_then(|bar| bar.clone());
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Not,
    Bar,
    Lines,
}

struct Stage {
    name: &'static str,
    bar: ProgressBar,
    begun: Instant,
    said: Instant,
}

impl Shown {
    /// `--quiet` shows nothing; a terminal shows a bar; `--progress` shows lines where there is none, and
    /// machines get them always.
    pub(super) fn new(say: Say, wanted: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let how = match (say.is_quiet(), say.is_json(), terminal) {
            (true, ..) => How::Not,
            (_, true, _) => How::Lines,
            (_, _, true) => How::Bar,
            _ if wanted => How::Lines,
            _ => How::Not,
        };
        Self { say, how, wanted, stage: Mutex::new(None) }
    }

    /// Shows nothing, for one scenario of many; how long stages took is told to those who want to know.
    pub(super) const fn unseen(say: Say) -> Self {
        Self { say, how: How::Not, wanted: false, stage: Mutex::new(None) }
    }

    /// Keeps the bar of this stage on the screen while others write.
    pub(super) fn stays(&self) {
        if let (Ok(stage), Ok(mut over_all)) = (self.stage.lock(), OVER_ALL.lock()) {
            *over_all = stage.as_ref().map(|stage| stage.bar.clone());
        }
    }

    /// Ends the last stage: takes its bar off the screen and says how long it took.
    pub(super) fn done(&self) {
        if let Ok(mut stage) = self.stage.lock()
            && let Some(stage) = stage.take()
        {
            stage.bar.finish_and_clear();
            if let Ok(mut over_all) = OVER_ALL.lock()
                && self.how != How::Not
            {
                *over_all = None;
            }
            let seconds = stage.begun.elapsed().as_secs_f64();
            self.say.note("stage", || format!("{}: {seconds:.2} s", stage.name));
        }
    }
}

impl Progress for Shown {
    fn stage(&self, name: &'static str, work: u64) {
        self.done();
        let is_bar = self.how == How::Bar && work > 0;
        let bar = if is_bar { ProgressBar::new(work) } else { ProgressBar::hidden() };
        bar.set_length(work);
        let style =
            ProgressStyle::with_template("{msg:20} {wide_bar} {percent:>3} % {eta:>4} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(name);
        if self.how == How::Lines && self.wanted && self.say.is_json() {
            self.say.progress(name, (0, work), None);
        }
        let begun = Instant::now();
        if let Ok(mut stage) = self.stage.lock() {
            *stage = Some(Stage { name, bar, begun, said: begun });
        }
    }

    fn advance(&self, work: u64) {
        if self.how == How::Not {
            return;
        }
        let Ok(mut stage) = self.stage.lock() else { return };
        let Some(stage) = stage.as_mut() else { return };
        stage.bar.inc(work);
        if self.how == How::Lines && stage.said.elapsed() >= NOW_AND_THEN {
            stage.said = Instant::now();
            let done = (stage.bar.position(), stage.bar.length().unwrap_or(1));
            self.say.progress(stage.name, done, Some(stage.bar.eta().as_secs()));
        }
    }
}
