//! `civex completions`: what a shell needs to complete commands, options and their values.
//!
//! ```text
//! $ civex completions bash > ~/.local/share/bash-completion/completions/civex
//! ```

use super::screen::Screen;
use super::{Program, stdout_failed};
use civex::error::Result;
use clap::CommandFactory;
use clap_complete::Shell;

/// Print the completions of a shell.
///
/// Examples:
///
/// - `civex completions bash > ~/.local/share/bash-completion/completions/civex`
///
/// - `civex completions zsh > ~/.zfunc/_civex`
///
/// - `civex completions fish > ~/.config/fish/completions/civex.fish`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints completions.
pub(crate) fn run(args: &Args, out: &mut Screen) -> Result<()> {
    let out = out.data();
    // Made whole first: the generator does not tell of a pipe that closes.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Program::command(), "civex", &mut script);
    out.write_all(&script).map_err(stdout_failed)
}
