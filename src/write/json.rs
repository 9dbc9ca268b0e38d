//! JSON that may be looked at: letters that would steer a terminal, or change the order of others, are escaped, which
//! changes no value.

use super::words::is_steering;
use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        if !rest.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            while let Some((at, letter)) = rest.char_indices().find(|(_, it)| is_steering(*it)) {
                out.write_all(&rest.as_bytes()[..at])?;
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                rest = &rest[at + letter.len_utf8()..];
            }
        }
        out.write_all(rest.as_bytes())
    }
}

/// Writes a value.
///
/// # Errors
///
/// If it cannot be written, or is no JSON.
pub(crate) fn to_writer(out: impl Write, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Plain))?;
    Ok(())
}

/// A value as a text.
///
/// # Errors
///
/// If it is no JSON.
pub fn json_text(value: &(impl Serialize + ?Sized)) -> io::Result<String> {
    let mut text = Vec::new();
    to_writer(&mut text, value)?;
    String::from_utf8(text).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_is_escaped_and_stays_what_it_is() {
        let name = "a\u{1b}[2J\u{9b}\u{202e}\u{7f}é\u{e0041}\n\"";
        let text = json_text(name).unwrap();
        assert_eq!(text, r#""a\u001b[2J\u009b\u202e\u007fé\udb40\udc41\n\"""#);
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), name);
    }
}
