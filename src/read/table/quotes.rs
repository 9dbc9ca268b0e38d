//! Quotes that are not closed, which would swallow the rows behind them.

use memchr::{memchr, memchr2};

/// Where a quote opens in a record that is not closed: it runs to the end of the text, or across a
/// line into a quote that was meant to open another cell.
pub(super) fn unclosed(record: &[u8], delimiter: u8) -> Option<usize> {
    let is_end = |byte: &u8| *byte == delimiter || *byte == b'\n' || *byte == b'\r';
    let mut at = 0;
    while let Some(byte) = record.get(at) {
        // Elsewhere than at the beginning of a cell a quote is a letter of it.
        if *byte == b'"' {
            let Some(close) = closing(record, at) else { return Some(at) };
            let is_across = memchr2(b'\n', b'\r', &record[at..close]).is_some();
            let behind = record[close + 1..].iter().find(|byte| **byte != b' ');
            if is_across && behind.is_some_and(|byte| !is_end(byte)) {
                return Some(at);
            }
            at = close + 1;
        }
        at += record[at..].iter().position(is_end)? + 1;
    }
    None
}

/// The quote that closes the one at a place; two in a row are a letter.
fn closing(record: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = at + memchr(b'"', record.get(at..)?)?;
        if record.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_closed_before_the_next_cell() {
        for (record, wanted) in [
            ("1,\"a \"\"b\"\" \n c\",2\n", None),
            ("\n1,\"\",2\r\n", None),
            ("1,\"a\nb\" ,2", None),
            ("1,5\" pipe,2", None),
            ("1,\"a\"b,2", None),
            ("1,\"a\"", None),
            ("1,\"a,2\n2,b\n", Some(2)),
            ("1,\"", Some(2)),
            ("1,\"a,2\n2,\"b\",3\n", Some(2)),
            ("1,x,\"a\"\"", Some(4)),
        ] {
            assert_eq!(unclosed(record.as_bytes(), b','), wanted, "{record}");
        }
    }
}
