//! Merely parsing GeoJSON and writing it again: the least that reading and writing a file costs.
//!
//! From the file named by `MERELY_READ` to that named by `MERELY_WRITE`, through the crates that
//! civex uses; `peers.py` times the whole process. Without the two it does nothing.

use geojson::FeatureCollection;
use std::{
    env, error, fs,
    io::{BufWriter, Write},
};

fn main() -> Result<(), Box<dyn error::Error>> {
    let (Some(read), Some(write)) = (env::var_os("MERELY_READ"), env::var_os("MERELY_WRITE"))
    else {
        return Ok(());
    };
    let features: FeatureCollection = serde_json::from_slice(&fs::read(read)?)?;
    let mut out = BufWriter::new(fs::File::create(write)?);
    serde_json::to_writer(&mut out, &features)?;
    out.flush()?;
    Ok(())
}
