//! `civex man`: manual pages.
//!
//! ```text
//! $ civex man | man -l -
//! $ civex man ~/.local/share/man/man1
//! ```

use super::outputs::Overwrite;
use super::screen::Screen;
use super::{Program, stdout_failed};
use civex::error::{Result, WriteError};
use civex::write::{Complete, complete, publish};
use clap::CommandFactory;
use clap_mangen::Man;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Print the manual page of civex, or write those of all commands into a folder.
///
/// Examples:
///
/// - `civex man | man -l -`
///
/// - `civex man ~/.local/share/man/man1`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to write the pages: civex.1, civex-assess.1 and so on.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// Prints or writes manual pages.
pub(crate) fn run(args: &Args, out: &mut Screen) -> Result<()> {
    let mut command = Program::command().disable_help_subcommand(true);
    // Gives subcommands the names that they are called by.
    command.build();
    let Some(folder) = &args.folder else {
        return page(command).and_then(|page| out.data().write_all(&page)).map_err(stdout_failed);
    };
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set()).cloned();
    let commands: Vec<clap::Command> = inner.chain([command.clone()]).collect();
    let mut files = Vec::with_capacity(commands.len());
    for command in commands {
        files.push(written(folder, command)?);
    }
    let pages = files.len();
    publish(files, args.overwrite.replace())?;
    writeln!(out, "{pages} manual pages in {}", folder.display()).map_err(stdout_failed)
}

/// The page of a command, as a file that is complete.
fn written(folder: &Path, command: clap::Command) -> std::result::Result<Complete, WriteError> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let path = folder.join(format!("{name}.1"));
    complete(&path, |file| file.write_all(&page(command)?))
}

/// The page of a command.
fn page(command: clap::Command) -> std::io::Result<Vec<u8>> {
    let version = format!("civex {}", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    Man::new(command).source(version).manual("civex").render(&mut page)?;
    Ok(page)
}
