//! The integration tests, one binary.

// `cfg(test)` lets helpers unwrap: see `allow-unwrap-in-tests` in clippy.toml.
#[cfg(test)]
mod laws;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod pencil;
#[cfg(test)]
mod tidy;
