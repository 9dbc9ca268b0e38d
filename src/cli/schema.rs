//! `civex schema`: the JSON Schemas of the files that civex reads and writes.
//!
//! ```text
//! $ civex schema scenario > scenario.schema.json
//! ```

use super::screen::Screen;
use super::stdout_failed;
use civex::error::Result;
use civex::read::{scenario, scheme};
use civex::write::{gaps, schema};
use clap::ValueEnum;

/// Print the JSON Schema (2020-12) of a file: for editors, and for programs that read or write it.
///
/// A scenario or scheme in TOML follows the same schema: editors that know TOML check while you type.
///
/// Example: civex schema scenario > scenario.schema.json
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of what.
    #[arg(value_enum, value_name = "FILE")]
    of: Of,
}

/// A file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// A scenario, in TOML or JSON.
    Scenario,
    /// A scheme, in TOML.
    Scheme,
    /// An assessment, in GeoJSON.
    Assessment,
    /// An answer of a partner: a row of a table, or the properties of a feature.
    Answer,
}

/// Prints a schema.
pub(crate) fn run(args: &Args, out: &mut Screen) -> Result<()> {
    let out = out.data();
    let schema = match args.of {
        Of::Scenario => scenario::schema(),
        Of::Scheme => scheme::schema(),
        Of::Assessment => schema::assessment(),
        Of::Answer => gaps::answer_schema(),
    };
    writeln!(out, "{schema:#}").map_err(stdout_failed)
}
