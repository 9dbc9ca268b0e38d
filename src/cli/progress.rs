//! Progress on standard error: a bar with a time left, or a line now and then without a terminal.

use civex::assess::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Without a terminal, this much time passes between two lines.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Shows how the work goes on.
pub(super) struct Shown {
    how: How,
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
    said: Instant,
}

impl Shown {
    /// `--quiet` shows nothing; a terminal shows a bar; `--progress` shows lines where there is none.
    pub(super) fn new(quiet: bool, wanted: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let how = match (quiet, terminal, wanted) {
            (false, true, _) => How::Bar,
            (false, false, true) => How::Lines,
            _ => How::Not,
        };
        Self { how, stage: Mutex::new(None) }
    }

    /// Takes the last bar off the screen.
    pub(super) fn done(&self) {
        if let Ok(mut stage) = self.stage.lock()
            && let Some(stage) = stage.take()
        {
            stage.bar.finish_and_clear();
        }
    }
}

impl Progress for Shown {
    fn stage(&self, name: &'static str, work: u64) {
        self.done();
        if self.how == How::Not {
            return;
        }
        let bar = if self.how == How::Bar { ProgressBar::new(work) } else { ProgressBar::hidden() };
        bar.set_length(work);
        let style =
            ProgressStyle::with_template("{msg:20} {wide_bar} {percent:>3} % {eta:>4} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(name);
        if let Ok(mut stage) = self.stage.lock() {
            *stage = Some(Stage { name, bar, said: Instant::now() });
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
            let share = 100 * stage.bar.position() / stage.bar.length().unwrap_or(1).max(1);
            let left = stage.bar.eta().as_secs();
            super::say::line(stage.name, format!("{share} %, {left} s left"));
        }
    }
}
