//! The integration tests, one binary.

// `cfg(test)` lets helpers unwrap: see `allow-unwrap-in-tests` in clippy.toml.
#[cfg(test)]
mod areas;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod differencing;
#[cfg(test)]
mod earth;
#[cfg(test)]
mod engine6;
#[cfg(test)]
mod field;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod guest;
#[cfg(test)]
mod hints;
#[cfg(test)]
mod honest;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod index;
mod institutions;
#[cfg(test)]
mod inventory;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod output;
#[cfg(test)]
mod owned;
#[cfg(test)]
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(test)]
mod pencil;
#[cfg(test)]
mod population;
#[cfg(test)]
mod register;
mod regress;
#[cfg(test)]
mod report;
#[cfg(test)]
mod rings;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod seal;
#[cfg(test)]
mod services;
#[cfg(test)]
mod sidecar;
#[cfg(test)]
#[cfg(unix)]
mod signals;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod start;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tagged;
#[cfg(test)]
mod text;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod unknown;
#[cfg(test)]
mod validity;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod worlds;
