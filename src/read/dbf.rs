//! The encoding of the texts of a Shapefile, which its table (`.dbf`) hardly ever tells.
//!
//! A file beside it (`.cpg`) names the encoding, or a byte of the table's head (LDID) does; most programs write
//! neither, or the byte that only says *as on this machine*. GDAL reads such texts as Latin-1, or as they are. Here
//! all texts and names of columns are looked at once: UTF-8 proves itself, a declaration that fits is believed, and
//! what is left is guessed as for tables of text, which is told.
//!
//! Sources: dBASE III+ and Visual `FoxPro` table structure; ESRI, *Shapefile and dBASE code page conversion*.

use super::table::encoding::guess;
use encoding_rs::{Encoding, UTF_8};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// So many bytes of texts beyond ASCII are kept to tell an encoding.
const SAMPLE: usize = 1 << 20;

/// Code pages by the byte of the head, where it tells one. 0x57 only says that it is the one of the machine.
const BY_LDID: [(u8, u16); 43] = [
    (0x01, 437),
    (0x02, 850),
    (0x03, 1252),
    (0x08, 865),
    (0x09, 437),
    (0x0a, 850),
    (0x0b, 437),
    (0x0d, 437),
    (0x0e, 850),
    (0x0f, 437),
    (0x10, 850),
    (0x11, 437),
    (0x12, 850),
    (0x13, 932),
    (0x14, 850),
    (0x15, 437),
    (0x16, 850),
    (0x17, 865),
    (0x18, 437),
    (0x19, 437),
    (0x1a, 850),
    (0x1b, 437),
    (0x1d, 850),
    (0x1f, 852),
    (0x22, 852),
    (0x23, 852),
    (0x26, 866),
    (0x40, 852),
    (0x4d, 936),
    (0x4e, 949),
    (0x4f, 950),
    (0x50, 874),
    (0x58, 1252),
    (0x64, 852),
    (0x65, 866),
    (0x66, 865),
    (0x6b, 857),
    (0x7b, 932),
    (0x7d, 1255),
    (0xc8, 1250),
    (0xc9, 1251),
    (0xca, 1254),
    (0xcb, 1253),
];

/// How the texts of a table are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The encoding, as GDAL takes it.
    pub(super) encoding: String,
    /// What is to be said of it.
    pub(super) remark: Option<String>,
}

/// Whether a table is shorter than its head says; the place in the file is left at its begin.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn is_cut_off(mut file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut head = [0; 12];
    let is_whole = file.read_exact(&mut head).is_ok();
    file.rewind()?;
    let [rows, begin, wide] = [
        u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])),
        u64::from(u16::from_le_bytes([head[8], head[9]])),
        u64::from(u16::from_le_bytes([head[10], head[11]])),
    ];
    Ok(is_whole && length < begin + rows * wide)
}

/// The encoding of a table; `None` if all of it is ASCII, or the head is not that of a table. `cpg` is the text of the
/// file beside it, and `cpg_name` what that file is, or would be, called.
///
/// # Errors
///
/// If the table cannot be read.
pub(super) fn encoding(
    dbf: impl Read,
    cpg: Option<&str>,
    cpg_name: &str,
) -> io::Result<Option<Told>> {
    let texts = Texts::of(BufReader::with_capacity(1 << 17, dbf))?;
    let Some(texts) = texts.filter(|texts| !texts.sample.is_empty()) else { return Ok(None) };
    let label = cpg.map(str::trim).filter(|label| !label.is_empty());
    let (declared, by) = match label {
        Some(label) => (Declared::by_label(label), cpg_name),
        None => (Declared::by_ldid(texts.ldid), "its .dbf"),
    };
    let told = |encoding: &str, remark| Ok(Some(Told { encoding: encoding.into(), remark }));
    let Some(found) = declared.as_ref().filter(|declared| texts.fits(declared)) else {
        let says = declared.map(|declared| declared.gdal).or(label.map(str::to_string));
        if texts.is_utf8 {
            let remark = |says| format!("{by} says {says}, but its texts are UTF-8; read as that");
            return told("UTF-8", says.map(remark));
        }
        let guessed = guess(&texts.sample);
        let fault = says.map_or_else(
            || "it does not tell the encoding of its texts".to_string(),
            |says| format!("{by} says {says}, which its texts are not"),
        );
        let remark = format!(
            "{fault}; read as {}; if names look wrong, name the right one in a file {cpg_name}",
            guessed.name()
        );
        return told(&for_gdal(guessed), Some(remark));
    };
    told(&found.gdal, None)
}

/// An encoding that a file declares.
struct Declared {
    /// As GDAL takes it.
    gdal: String,
    /// The same, if it can be tried here.
    known: Option<&'static Encoding>,
}

impl Declared {
    fn by_label(label: &str) -> Option<Self> {
        let label = label.to_ascii_lowercase();
        let word = ["ansi", "oem", "windows", "cp", "ibm"]
            .iter()
            .find_map(|prefix| label.strip_prefix(prefix))
            .unwrap_or(&label);
        let word = word.trim_start_matches([' ', '-', '_']);
        if let Some(part) = word.strip_prefix("8859").map(|part| part.trim_start_matches('-'))
            && part.parse::<u8>().is_ok()
        {
            return Self::by_name(&format!("iso-8859-{part}"));
        }
        match word.parse() {
            Ok(page) => Some(Self::by_page(page)),
            Err(_no_number) => Self::by_name(&label.replace("iso ", "iso-")),
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        let known = Encoding::for_label(name.as_bytes())?;
        Some(Self { gdal: for_gdal(known), known: Some(known) })
    }

    fn by_page(page: u32) -> Self {
        let name = match page {
            65_001 => "utf-8".to_string(),
            866 => "ibm866".to_string(),
            932 => "shift_jis".to_string(),
            936 => "gbk".to_string(),
            949 => "euc-kr".to_string(),
            950 => "big5".to_string(),
            page => format!("windows-{page}"),
        };
        // Pages of DOS are known to GDAL alone.
        Self::by_name(&name).unwrap_or_else(|| Self { gdal: format!("CP{page}"), known: None })
    }

    fn by_ldid(ldid: u8) -> Option<Self> {
        let page = BY_LDID.iter().find(|(byte, _)| *byte == ldid);
        page.map(|(_, page)| Self::by_page(u32::from(*page)))
    }
}

/// An encoding as GDAL takes it, which hands it on to iconv.
fn for_gdal(encoding: &'static Encoding) -> String {
    match encoding.name() {
        "IBM866" => "CP866".into(),
        "Shift_JIS" => "CP932".into(),
        "EUC-KR" => "CP949".into(),
        "x-mac-cyrillic" => "MACCYRILLIC".into(),
        name => name.strip_prefix("windows-").map_or(name.into(), |page| format!("CP{page}")),
    }
}

/// What matters of the texts of a table.
struct Texts {
    /// The byte of the head that may tell the encoding.
    ldid: u8,
    /// Texts beyond ASCII, one a line.
    sample: Vec<u8>,
    /// Whether all of them are UTF-8.
    is_utf8: bool,
}

impl Texts {
    /// Those of a table; `None` if its head is not that of one.
    fn of(mut dbf: impl Read) -> io::Result<Option<Self>> {
        const HEAD: usize = 32;
        let mut head = [0; HEAD];
        if !is_read(&mut dbf, &mut head)? {
            return Ok(None);
        }
        let [length, row] =
            [8, 10].map(|at| usize::from(u16::from_le_bytes([head[at], head[at + 1]])));
        let mut texts = Self { ldid: head[29], sample: Vec::new(), is_utf8: true };
        let mut columns = vec![0; length.saturating_sub(HEAD)];
        if row == 0 || !is_read(&mut dbf, &mut columns)? {
            return Ok(None);
        }
        let (mut fields, mut at) = (Vec::new(), 1);
        for column in columns.chunks_exact(HEAD).take_while(|column| column[0] != b'\r') {
            let name = column[..11].split(|byte| *byte == 0).next().unwrap_or_default();
            texts.add(name, name.len() >= 10);
            // Texts may be longer than a byte can count.
            let is_text = column[11] == b'C';
            let high = if is_text { usize::from(column[17]) << 8 } else { 0 };
            let width = usize::from(column[16]) | high;
            fields.extend(is_text.then_some(at..at + width));
            at += width;
        }
        let mut cells = vec![0; row];
        while is_read(&mut dbf, &mut cells)? {
            for field in &fields {
                let cell = cells.get(field.clone()).unwrap_or_default();
                let end = cell.iter().rposition(|byte| !matches!(byte, b' ' | 0));
                texts.add(&cell[..end.map_or(0, |end| end + 1)], end == cell.len().checked_sub(1));
            }
        }
        Ok(Some(texts))
    }

    /// Adds a text, which may be cut off in the middle of a letter where it fills its field.
    fn add(&mut self, text: &[u8], is_full: bool) {
        if text.is_ascii() {
            return;
        }
        let fault = std::str::from_utf8(text).err();
        self.is_utf8 &= fault.is_none_or(|fault| is_full && fault.error_len().is_none());
        if self.sample.len() + text.len() < SAMPLE {
            self.sample.extend_from_slice(text);
            self.sample.push(b'\n');
        }
    }

    /// Whether they may be in an encoding: nearly all of them can be read so, and they are not UTF-8 beside one in
    /// which anything can be read.
    fn fits(&self, declared: &Declared) -> bool {
        let Some(encoding) = declared.known else { return !self.is_utf8 };
        if encoding == UTF_8 {
            return self.is_utf8;
        }
        if self.is_utf8 && encoding.is_single_byte() {
            return false;
        }
        let (text, _) = encoding.decode_without_bom_handling(&self.sample);
        let lost = text.chars().filter(|letter| *letter == '\u{fffd}').count();
        lost <= text.lines().count() / 20
    }
}

/// Fills a buffer; whether there were as many bytes.
fn is_read(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GBK, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256};

    /// A table of one column of texts.
    fn dbf(ldid: u8, name: &[u8], texts: &[Vec<u8>]) -> Vec<u8> {
        let mut head = vec![0; 65];
        head[0] = 3;
        head[4] = texts.len() as u8;
        (head[8], head[10], head[29], head[64]) = (65, 41, ldid, b'\r');
        head[32..32 + name.len()].copy_from_slice(name);
        (head[43], head[48]) = (b'C', 40);
        for text in texts {
            head.push(b' ');
            head.extend(text.iter().copied().chain(std::iter::repeat(b' ')).take(40));
        }
        head
    }

    fn told(table: &[u8], cpg: Option<&str>) -> (String, String) {
        let told = encoding(table, cpg, "a.cpg").unwrap().unwrap();
        (told.encoding, told.remark.unwrap_or_default())
    }

    fn written(encoding: &'static Encoding, texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| encoding.encode(text).0.into_owned()).collect()
    }

    #[test]
    fn what_nobody_tells_is_guessed_and_told() {
        for (in_what, texts, wanted) in [
            (WINDOWS_1252, &["Hôpital Saint-Étienne", "École élémentaire"][..], "CP1252"),
            (WINDOWS_1256, &["مستشفى الكرامة", "مدرسة النور الابتدائية"], "CP1256"),
            (WINDOWS_1251, &["Больница", "Детский сад"], "CP1251"),
            (encoding_rs::IBM866, &["Больница города", "Детский сад"], "CP866"),
            (GBK, &["北京大学第一医院", "实验小学"], "GBK"),
            (SHIFT_JIS, &["東京都立病院", "小学校のひろば"], "CP932"),
        ] {
            for ldid in [0, 0x57] {
                let (name, remark) = told(&dbf(ldid, b"name", &written(in_what, texts)), None);
                assert_eq!(name, wanted);
                assert!(
                    remark.contains("does not tell") && remark.ends_with("a file a.cpg"),
                    "{remark}"
                );
            }
        }
        let utf8 = written(UTF_8, &["Hôpital", "東京都"]);
        assert_eq!(told(&dbf(0x57, b"name", &utf8), None), ("UTF-8".into(), String::new()));
        assert_eq!(encoding(&dbf(0, b"name", &[b"plain".into()])[..], None, "").unwrap(), None);
        assert_eq!(encoding(&b"no table"[..], None, "").unwrap(), None);
    }

    #[test]
    fn a_declaration_that_fits_is_believed_and_another_is_told() {
        let arabic = written(WINDOWS_1256, &["مستشفى الكرامة", "مدرسة النور الابتدائية"]);
        let utf8 = written(UTF_8, &["Hôpital", "École"]);
        let table = |ldid, texts: &[Vec<u8>]| dbf(ldid, b"name", texts);
        for label in ["1256", "CP1256", "windows-1256", "ANSI 1256"] {
            assert_eq!(told(&table(0, &arabic), Some(label)), ("CP1256".into(), String::new()));
        }
        assert_eq!(told(&table(0xc9, &arabic), None).0, "CP1251");
        assert_eq!(told(&table(0x26, &arabic), None).0, "CP866");
        assert_eq!(told(&table(1, &arabic), None).0, "CP437");
        for label in ["UTF-8", "65001"] {
            assert_eq!(told(&table(0, &utf8), Some(label)), ("UTF-8".into(), String::new()));
            let (name, remark) = told(&table(0, &arabic), Some(label));
            assert_eq!(name, "CP1256");
            assert!(remark.starts_with("a.cpg says UTF-8, which its texts are not"), "{remark}");
        }
        for label in ["ISO 8859-1", "88591", "ISO-8859-1"] {
            let (name, remark) = told(&table(0, &utf8), Some(label));
            assert_eq!(name, "UTF-8");
            assert!(remark.starts_with("a.cpg says CP1252, but its texts are UTF-8"), "{remark}");
        }
        assert!(told(&table(0, &arabic), Some("System")).1.contains("says System, which"));
    }

    #[test]
    fn names_of_columns_and_texts_cut_at_their_width_count_too() {
        let name = WINDOWS_1251.encode("Название").0.into_owned();
        assert_eq!(told(&dbf(0, &name, &[]), None).0, "CP1251");
        let long: Vec<u8> = "ñ".repeat(25).into_bytes();
        let cut = [b"a".as_slice(), &long[..39]].concat();
        assert_eq!(told(&dbf(0, b"n", &[cut]), None), ("UTF-8".into(), String::new()));
    }

    #[test]
    fn tables_cut_anywhere_are_no_reason_to_panic() {
        let whole = dbf(0, b"name", &written(WINDOWS_1252, &["Hôpital"]));
        for length in 0..whole.len() {
            let _any = encoding(&whole[..length], None, "").unwrap();
        }
    }
}
