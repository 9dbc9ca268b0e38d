//! The program: one file a subcommand.

mod scheme;
mod taxonomy;

use std::process::ExitCode;

use clap::Parser;

/// Which civilians, which civilian sites and who depends on them, inside planned operation areas.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    Taxonomy(taxonomy::Args),
    Scheme(scheme::Args),
}

/// Runs the subcommand that was typed.
pub(crate) fn run() -> ExitCode {
    let mut out = std::io::stdout().lock();
    let done = match Command::parse() {
        Command::Taxonomy(args) => taxonomy::run(&args, &mut out),
        Command::Scheme(args) => scheme::run(&args, &mut out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done where even this cannot be written.
            let _ = report(&error);
            ExitCode::from(2)
        }
    }
}

/// An error and its way out on standard error.
fn report(error: &civex::error::Error) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut err = std::io::stderr().lock();
    writeln!(err, "error: {error}")?;
    error.hint().map_or(Ok(()), |hint| writeln!(err, "hint: {hint}"))
}
