//! The integration tests, one binary.

// `cfg(test)` lets helpers unwrap: see `allow-unwrap-in-tests` in clippy.toml.
#[cfg(test)]
mod tidy;
