//! Standard output as people read it.
//!
//! What is written here may hold names from files of strangers, so everything goes through one place that leaves
//! nothing of it to steer a terminal or to change the order of letters. Formats for machines ask for
//! [`Screen::data`] and keep every letter.

use civex::write::printable;
use std::io::{self, Write};

/// Standard output.
pub(crate) struct Screen<'o>(&'o mut dyn Write);

impl<'o> Screen<'o> {
    pub(super) const fn new(out: &'o mut dyn Write) -> Self {
        Self(out)
    }

    /// The same for what a machine reads.
    pub(super) const fn data(&mut self) -> &mut dyn Write {
        self.0
    }

    /// For people or for a machine.
    pub(super) const fn of(&mut self, is_data: bool) -> &mut dyn Write {
        if is_data { self.0 } else { self }
    }
}

impl Write for Screen<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.write_all(printable(&String::from_utf8_lossy(text)).as_bytes())?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
