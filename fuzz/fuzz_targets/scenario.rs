//! Any text as a scenario, in TOML and in JSON, and as a scheme.
//!
//! Nothing panics or hangs; faults are sentences at places that exist; what is taken stands up to a
//! second look, and a scheme reads back as itself.

#![no_main]

use civex::error::FileFault;
use civex::read::{scenario, scheme};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for file in ["s.toml", "s.json"] {
        match scenario::parse(text, file) {
            Ok(scenario) => assert!(scenario::check(&scenario).is_ok(), "{scenario:?}"),
            Err(faults) => look_at(&faults, text),
        }
    }
    match scheme::read(text, "s.toml") {
        Ok(scheme) => {
            let whole = scheme::canonical_toml(&scheme);
            assert_eq!(scheme::read(&whole, "t.toml").as_ref(), Ok(&scheme));
            let differing = scheme::differences_toml(&scheme);
            assert_eq!(scheme::read(&differing, "t.toml").as_ref(), Ok(&scheme));
        }
        Err(faults) => look_at(&faults, text),
    }
});

/// Faults are some, each of one sentence, and stand where there is text.
fn look_at(faults: &[FileFault], text: &str) {
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(!fault.found.is_empty() && !fault.to_string().is_empty());
        if let Some((line, column)) = fault.place {
            assert!(line >= 1 && line <= text.matches('\n').count() + 1, "{fault:?}");
            assert!(column >= 1 && column <= text.chars().count() + 1, "{fault:?}");
        }
    }
}
