//! The program: one file a subcommand.
//!
//! Results go to standard output or to `-o`, all else to standard error. Exit status: 0 done, 1 inputs
//! have problems or `--fail-on` was reached, 2 could not run, 128 and its number for a signal. A closed pipe is 0.

mod assess;
mod batch;
mod cache;
mod check;
mod compare;
mod completions;
mod draft;
mod environment;
mod explain;
mod files;
mod index;
mod inspect;
mod man;
mod new;
mod open;
mod outputs;
mod progress;
mod report;
mod rows;
mod say;
mod scenario;
mod schema;
mod scheme;
mod screen;
mod services;
mod settle;
mod signals;
mod sites;
mod summed;
mod taxonomy;
mod told;
mod work;

use assess::{Args as OfScenario, BANDS, Ended, With, one};
use civex::error::{Error, WriteError};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use say::{Common, Say};
use screen::Screen;
use std::process::ExitCode;

/// How a run that could run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as it should be.
    Done,
    /// Inputs have problems, or `--fail-on` was reached.
    Problems,
    /// Some scenario of many could not be assessed, which has been told.
    Failed,
}

/// Which civilians and which civilian sites lie inside planned operation areas, so that the option
/// that exposes fewest people is seen in time.
#[derive(Debug, Parser)]
#[command(name = "civex", version, max_term_width = 100)]
struct Program {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    Assess(Box<assess::Args>),
    Batch(Box<batch::Args>),
    Compare(Box<compare::Args>),
    Explain(Box<explain::Args>),
    Report(Box<report::Args>),
    Check(check::Args),
    Inspect(inspect::Args),
    Index(index::Args),
    Sites(Box<sites::Args>),
    New(new::Args),
    Taxonomy(taxonomy::Args),
    Scheme(scheme::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// A file that grows beyond what the user allows shall end in an error, as on a full disk, not in a
/// signal that ends the program.
fn let_writing_fail() {
    #[cfg(unix)]
    {
        use signal_hook::{consts::SIGXFSZ, flag};
        // Nobody looks at the flag: what matters is that the signal is caught.
        let _kept = flag::register(SIGXFSZ, std::sync::Arc::default());
    }
}

/// Runs the subcommand that was typed.
pub(crate) fn run() -> ExitCode {
    environment::forget_settings();
    let_writing_fail();
    signals::listen();
    let Program { common, command } = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => return ExitCode::from(say::misuse(&error)),
    };
    let say = match Say::new(common) {
        Ok(say) => say,
        Err(found) => {
            let error = Program::command().error(ErrorKind::ArgumentConflict, found);
            return ExitCode::from(say::misuse(&error));
        }
    };
    let mut stdout = std::io::stdout().lock();
    let mut out = Screen::new(&mut stdout);
    let done = match command {
        Command::Assess(args) => assess::run(&args, say, &mut out),
        Command::Batch(args) => batch::run(&args, say, &mut out),
        Command::Compare(args) => compare::run(&args, say, &mut out),
        Command::Explain(args) => explain::run(&args, say, &mut out).map(|()| Outcome::Done),
        Command::Report(args) => report::run(&args, say, &mut out),
        Command::Check(args) => check::run(&args, say, &mut out),
        Command::Inspect(args) => inspect::run(&args, say, &mut out),
        Command::Index(args) => index::run(&args, say, &mut out),
        Command::Sites(args) => sites::run(&args, say, &mut out),
        Command::New(args) => new::run(&args, say, &mut out).map(|()| Outcome::Done),
        Command::Taxonomy(args) => taxonomy::run(&args, &mut out).map(|()| Outcome::Done),
        Command::Scheme(args) => scheme::run(&args, &mut out).map(|()| Outcome::Done),
        Command::Schema(args) => schema::run(&args, &mut out).map(|()| Outcome::Done),
        Command::Completions(args) => completions::run(&args, &mut out).map(|()| Outcome::Done),
        Command::Man(args) => man::run(&args, &mut out).map(|()| Outcome::Done),
    };
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say.error(&error);
            ExitCode::from(2)
        }
    }
}

/// Whether whoever read our output has seen enough.
fn is_closed_pipe(error: &Error) -> bool {
    matches!(error, Error::Write(WriteError::Io { path, source })
        if path == "-" && source.kind() == std::io::ErrorKind::BrokenPipe)
}

/// A failure of standard output.
fn stdout_failed(source: std::io::Error) -> Error {
    WriteError::Io { path: "-".into(), source }.into()
}
