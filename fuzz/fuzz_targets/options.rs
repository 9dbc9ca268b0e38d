//! Any text behind `--areas`, `--population` and `--sites`: read or refused, never a panic, and never
//! without a path.

#![no_main]

use civex::read::options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(entry) = options::areas(text) {
        assert!(text.starts_with(&entry.path) && !entry.path.is_empty());
    }
    if let Ok(entry) = options::population(text) {
        assert!(text.starts_with(&entry.path) && !entry.path.is_empty());
    }
    if let Ok(entry) = options::sites(text) {
        assert!(text.starts_with(&entry.path) && !entry.path.is_empty());
    }
});
