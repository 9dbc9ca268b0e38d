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

    /// Ends the last stage: takes its bar off the screen and says how long it took.
    pub(super) fn done(&self) {
        if let Ok(mut stage) = self.stage.lock()
            && let Some(stage) = stage.take()
        {
            stage.bar.finish_and_clear();
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
