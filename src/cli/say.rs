//! Bad news on standard error: `error:`, `problem:`, `notice:` and `hint:` lines.

use civex::error::{Error, Notice, Problem, ReadError};
use std::collections::BTreeMap;
use std::io::Write;

/// At most so many notices of one kind are said; the output holds more.
const OF_A_KIND: usize = 5;

/// An error with its way out; the faults of a file one by one.
pub(super) fn error(error: &Error) {
    match error {
        Error::Read(ReadError::Faults(faults)) => {
            for fault in faults {
                line("error", fault);
                hint(fault.hint.as_deref());
            }
        }
        other => {
            line("error", other);
            hint(other.hint().as_deref());
        }
    }
}

/// A problem with its way out.
pub(super) fn problem(problem: &Problem) {
    line("problem", problem);
    hint(problem.hint().as_deref());
}

/// Notices in their order, the first few of each kind.
pub(super) fn notices(notices: &[Notice]) {
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for notice in notices {
        let count = said.entry(notice.kind.name()).or_default();
        *count += 1;
        if *count <= OF_A_KIND {
            line("notice", notice);
        }
    }
    for (kind, count) in said.iter().filter(|(_, count)| **count > OF_A_KIND) {
        line("notice", format!("{} more of kind {kind}", count - OF_A_KIND));
    }
}

/// One line; nothing is to be done where even this cannot be written.
pub(super) fn line(kind: &str, text: impl std::fmt::Display) {
    let _gone = writeln!(std::io::stderr().lock(), "{kind}: {text}");
}

fn hint(hint: Option<&str>) {
    if let Some(hint) = hint {
        line("hint", hint);
    }
}
