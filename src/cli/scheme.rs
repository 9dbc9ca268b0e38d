//! `civex scheme`: the value judgements of an assessment, as a file that can be changed.
//!
//! ```text
//! $ civex scheme strict.toml --diff
//! # digest 5e0c…
//! name = "strict"
//!
//! [floors]
//! t1 = 70
//! ```

use super::screen::Screen;
use std::path::{Path, PathBuf};

use civex::error::{Result, WriteError};
use civex::read::{Place, scheme};

/// Print the whole scheme: the built-in one, or what a file makes of it.
///
/// The file is checked, and every fault in it is reported with its line. What is printed can be read
/// back; the digest in its first line stands in every assessment made under the scheme.
///
/// Example: civex scheme > scheme.toml
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scheme file (TOML) that holds what differs from the built-in scheme.
    file: Option<PathBuf>,
    /// Print only what differs from the built-in scheme.
    #[arg(long)]
    diff: bool,
}

/// Prints a scheme and its digest.
pub(crate) fn run(args: &Args, out: &mut Screen) -> Result<()> {
    let out = out.data();
    let scheme = match &args.file {
        Some(file) => open(file)?,
        None => scheme::built_in(),
    };
    let text =
        if args.diff { scheme::differences_toml(&scheme) } else { scheme::canonical_toml(&scheme) };
    write!(out, "# digest {}\n{text}", scheme.digest)
        .map_err(|source| WriteError::Io { path: "-".to_owned(), source }.into())
}

/// The scheme of a file of the command line, whose path is relative to the working directory.
fn open(file: &Path) -> Result<civex::model::Scheme> {
    let written = file.display().to_string();
    let resolved = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    Ok(scheme::open(&Place { resolved, ..Place::new(&written, None) })?)
}
