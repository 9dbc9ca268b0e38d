//! Archives and texts that GDAL reads: how much they hold, known before GDAL opens them.
//!
//! A zip archive of some kilobytes may hold a text of gigabytes, and GDAL keeps a KML in memory as a whole. So
//! the directory of an archive is read here first. What it says of itself is not believed: texts are
//! unpacked to nothing and counted, up to the most that fits the budget. Rasters, and layers with an index, are
//! read piece by piece; of these only what no packer can do is refused. An archive within an archive is not
//! looked into, and so not read; files of other machines are not looked at.
//!
//! Sources: PKWARE, APPNOTE.TXT 6.3.10; RFC 1951 and 1952; IEEE Std 1003.1-2017, pax.

use super::drivers::DatasetType;
use super::place::Place;
use crate::error::{Large, ReadError, bytes_text, grouped};
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// So many files an archive may hold: as many as the plain format can count.
const MOST_ENTRIES: u64 = 65_535;

/// So many bytes a packed byte may stand for: deflate comes to 1,032.
const MOST_RATIO: u64 = 1_032;

/// Endings of files that GDAL reads piece by piece, or reads no vector from.
const PIECEWISE: [&str; 28] = [
    "shp",
    "shx",
    "dbf",
    "prj",
    "cpg",
    "qix",
    "sbn",
    "sbx",
    "gpkg",
    "sqlite",
    "fgb",
    "parquet",
    "gdbtable",
    "gdbtablx",
    "gdbindexes",
    "atx",
    "spx",
    "freelist",
    "horizon",
    "tif",
    "tiff",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "pdf",
    "tfw",
];

/// Refuses an archive that holds more than may be read, and a text of markup that is larger than may be.
///
/// # Errors
///
/// If an archive cannot be understood, holds what no packer makes, or more than the budget allows.
pub(super) fn check(place: &Place, role: DatasetType) -> Result<(), ReadError> {
    let Some(Found { kind, file, inner }) = Found::of(place)? else { return Ok(()) };
    let checking = Checking { place, role };
    let checked = match kind {
        Kind::Zip => checking.zip(&file, &inner),
        _ if role == DatasetType::Raster => Ok(()),
        Kind::Plain => checking.plain(&file),
        Kind::Tar => checking.tar(&file, &inner),
        Kind::Gzip => checking.gzip(&file),
    };
    checked.map_err(|fault| fault.of(place))
}

/// Whether a file begins as a zip archive does.
pub(super) fn is_zip(file: &Path) -> bool {
    file.is_file() && begins_with(file, b"PK")
}

/// The archive that a place leads into, and the name of the file in it that is asked for; `None` for any other place.
///
/// # Errors
///
/// If it is an archive within an archive.
pub(super) fn split(place: &Place) -> Result<Option<(Place, String)>, ReadError> {
    let found =
        Found::of(place)?.filter(|found| found.kind == Kind::Zip && !found.inner.is_empty());
    Ok(found.map(|Found { file, inner, .. }| (Place { resolved: file, ..place.clone() }, inner)))
}

/// The names of the files in a zip archive, in its order.
///
/// # Errors
///
/// If its directory cannot be read.
pub(super) fn names(place: &Place) -> Result<Vec<String>, ReadError> {
    let entries = opened(place).map_err(|fault| fault.of(place))?.1;
    let names = entries.into_iter().map(|entry| entry.name);
    Ok(names.filter(|name| !name.ends_with('/')).collect())
}

/// A file of a zip archive, unpacked into a file without a name: no more of it than the budget of memory, since the
/// folder of such files may be in memory.
///
/// # Errors
///
/// If it is not there, does not unpack to what the archive says, or is larger than may be.
pub(super) fn unpacked(place: &Place, name: &str) -> Result<File, ReadError> {
    let unpack = || -> Result<File, Fault> {
        let (mut reader, entries) = opened(place)?;
        let entry = entries.into_iter().find(|entry| entry.name == name);
        let entry = entry.ok_or_else(|| broken(&format!("no \"{name}\" is in it")))?;
        let checking = Checking { place, role: DatasetType::Vector };
        checking.plausible(&entry)?;
        let (needed, budget) = (entry.unpacked, place.budget.bytes);
        if needed > budget {
            let (path, what) = (place.written.clone(), Large::Text);
            return Err(ReadError::TooLarge { path, what, needed, budget }.into());
        }
        let mut file = tempfile::tempfile()?;
        let mut content = entry.content(&mut reader)?.take(needed.saturating_add(1));
        if io::copy(&mut content, &mut file)? != needed {
            return Err(checking.not_as_it_says(&entry));
        }
        file.rewind()?;
        Ok(file)
    };
    unpack().map_err(|fault| fault.of(place))
}

/// A regular file beside another, of its name and another ending in letters of any size; in an archive, too.
///
/// # Errors
///
/// If the archive cannot be read.
pub(super) fn beside(place: &Place, ending: &str) -> Result<Option<File>, ReadError> {
    let Some((outer, inner)) = split(place)? else {
        let path = &place.resolved;
        let names =
            [ending.to_string(), ending.to_uppercase()].map(|ending| path.with_extension(ending));
        let found = names.iter().find(|name| name.is_file());
        return Ok(found.and_then(|name| File::open(name).ok()));
    };
    let wanted = Path::new(&inner).with_extension(ending);
    let names = names(&outer)?;
    let name = names.iter().find(|name| wanted.to_string_lossy().eq_ignore_ascii_case(name));
    name.map(|name| unpacked(&outer, name)).transpose()
}

/// A zip archive and its directory.
fn opened(place: &Place) -> Result<(BufReader<File>, Vec<Entry>), Fault> {
    let mut reader = BufReader::new(File::open(&place.resolved)?);
    let length = reader.get_ref().metadata()?.len();
    let entries = entries(&mut reader, length)?;
    Ok((reader, entries))
}

/// What kind a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Zip,
    Tar,
    Gzip,
}

/// A file of this machine, and the path within it that is asked for.
struct Found {
    kind: Kind,
    file: PathBuf,
    inner: String,
}

impl Found {
    /// The file at a place, if there is one on this machine.
    fn of(place: &Place) -> Result<Option<Self>, ReadError> {
        const ARCHIVES: [(&str, Kind); 3] =
            [("/vsizip/", Kind::Zip), ("/vsitar/", Kind::Tar), ("/vsigzip/", Kind::Gzip)];
        let resolved = place.resolved.to_string_lossy();
        let archive = ARCHIVES.into_iter().find_map(|(prefix, kind)| {
            let rest = resolved.get(..prefix.len()).filter(|it| it.eq_ignore_ascii_case(prefix));
            rest.map(|_| (kind, &resolved[prefix.len()..]))
        });
        let Some((kind, rest)) = archive else {
            let file = place.resolved.clone();
            let kind = if begins_with(&file, b"PK") { Kind::Zip } else { Kind::Plain };
            return Ok(file.is_file().then_some(Self { kind, file, inner: String::new() }));
        };
        let within = rest.trim_start_matches(['/', '{']);
        if ARCHIVES.iter().any(|(prefix, _)| within.starts_with(&prefix[1..])) {
            let found = "an archive within an archive, wanted one whose size can be told";
            return Err(ReadError::unusable_hint(&place.written, found, "unpack the outer one"));
        }
        // A path may be put in braces, so that it is known where it ends.
        let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let split = braced.map(|(file, inner)| (PathBuf::from(file), inner)).or_else(|| {
            let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
            let mut files = ends.map(|at| (PathBuf::from(&rest[..at]), &rest[at..]));
            files.find(|(file, _)| file.is_file())
        });
        let inner = |inner: &str| inner.trim_matches('/').to_string();
        Ok(split.map(|(file, within)| Self { kind, file, inner: inner(within) }))
    }
}

fn begins_with(file: &Path, mark: &[u8]) -> bool {
    let mut first = vec![0; mark.len()];
    File::open(file).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == mark
}

/// Why an archive is not read.
enum Fault {
    Refused(Box<ReadError>),
    Read(io::Error),
}

impl Fault {
    /// As an error of the archive at a place.
    fn of(self, place: &Place) -> ReadError {
        match self {
            Self::Refused(error) => *error,
            Self::Read(error) => {
                let found = format!("its archive cannot be read: {error}");
                let hint = "fetch or write it again, or unpack it";
                ReadError::unusable_hint(&place.written, found, hint)
            }
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// A fault of the bytes of an archive.
fn broken(why: &str) -> Fault {
    Fault::Read(io::Error::other(why.to_string()))
}

/// The ending of a name, in small letters.
fn ending(name: &str) -> String {
    let ending = Path::new(name).extension().unwrap_or_default();
    ending.to_string_lossy().to_ascii_lowercase()
}

/// Whether a file is read piece by piece, going by its name.
fn is_piecewise(name: &str) -> bool {
    PIECEWISE.contains(&ending(name).as_str())
}

/// Bytes of memory for each byte of a text once GDAL has read it. KML is kept as a tree, in which an empty
/// placemark of 12 bytes takes 570; a row of delimited text is there several times.
fn cost(name: &str) -> u64 {
    match ending(name).as_str() {
        "csv" | "tsv" | "txt" => 4,
        "gml" | "gpx" | "json" | "geojson" => 20,
        _ => 50,
    }
}

/// The same of a file within one of ours: spreadsheets are read cell by cell.
fn cost_in(place: &Place, name: &str) -> u64 {
    if super::table::is_sheet(place) { 8 } else { cost(name) }
}

/// What is checked, and for what.
struct Checking<'a> {
    place: &'a Place,
    role: DatasetType,
}

impl Checking<'_> {
    /// A file that is no archive: markup is held in memory.
    fn plain(&self, file: &Path) -> Result<(), Fault> {
        if is_markup(&mut File::open(file)?)? {
            self.text("", &file.to_string_lossy(), std::fs::metadata(file)?.len())?;
        }
        Ok(())
    }

    /// A text of so many bytes, known by its name within an archive if it is in one.
    fn text(&self, inner: &str, name: &str, bytes: u64) -> Result<(), ReadError> {
        let cost = cost_in(self.place, name);
        let (needed, budget) = (bytes.saturating_mul(cost), self.place.budget.bytes);
        if needed <= budget {
            return Ok(());
        }
        let path = match inner {
            "" => self.place.written.clone(),
            inner if self.place.written.ends_with(inner) => self.place.written.clone(),
            inner => format!("{}/{inner}", self.place.written),
        };
        Err(ReadError::TooLarge { path, what: Large::Parsed(bytes), needed, budget })
    }

    /// A zip archive, of which what `inner` names is read, or all of it.
    fn zip(&self, file: &Path, inner: &str) -> Result<(), Fault> {
        let mut reader = BufReader::new(File::open(file)?);
        let length = reader.get_ref().metadata()?.len();
        let entries = entries(&mut reader, length)?;
        let packed: u64 = entries.iter().map(|entry| entry.packed).fold(0, u64::saturating_add);
        if packed > length {
            let found = format!(
                "its files say that they take {} of an archive of {}",
                bytes_text(packed),
                bytes_text(length)
            );
            return Err(self.refuse(found));
        }
        let mut needed = 0_u64;
        for entry in &entries {
            self.plausible(entry)?;
            let is_asked = inner.is_empty()
                || entry
                    .name
                    .strip_prefix(inner)
                    .is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'/', ..]));
            if self.role == DatasetType::Vector && is_asked && is_text(&mut reader, entry)? {
                self.zipped_text(&mut reader, entry)?;
                let cost = cost_in(self.place, &entry.name);
                needed = needed.saturating_add(entry.unpacked.saturating_mul(cost));
            }
        }
        let (path, budget) = (self.place.written.clone(), self.place.budget.bytes);
        if needed > budget {
            let bytes = entries.iter().map(|entry| entry.unpacked).fold(0, u64::saturating_add);
            let what = Large::Parsed(bytes);
            return Err(ReadError::TooLarge { path, what, needed, budget }.into());
        }
        Ok(())
    }

    /// Refuses a file in an archive that says of itself what no packer makes.
    fn plausible(&self, entry: &Entry) -> Result<(), Fault> {
        let most = match entry.method {
            STORED => entry.packed,
            _ => entry.packed.saturating_mul(MOST_RATIO).saturating_add(1024),
        };
        if entry.unpacked <= most {
            return Ok(());
        }
        let [packed, unpacked] = [entry.packed, entry.unpacked].map(bytes_text);
        Err(self.refuse(format!(
            "\"{}\" in it says that {packed} unpack to {unpacked}, wanted {MOST_RATIO} times as many at most",
            entry.name
        )))
    }

    /// A text in an archive, as large as it says that it is.
    fn zipped_text(&self, reader: &mut BufReader<File>, entry: &Entry) -> Result<(), Fault> {
        self.text(&entry.name, &entry.name, entry.unpacked)?;
        let counted = count(entry.content(reader)?, entry.unpacked)?;
        if counted == entry.unpacked { Ok(()) } else { Err(self.not_as_it_says(entry)) }
    }

    fn not_as_it_says(&self, entry: &Entry) -> Fault {
        self.refuse(format!(
            "\"{}\" in it does not unpack to the {} bytes that it says",
            entry.name,
            grouped(entry.unpacked)
        ))
    }

    /// A tar archive, packed or not.
    fn tar(&self, file: &Path, inner: &str) -> Result<(), Fault> {
        let mut reader = BufReader::new(File::open(file)?);
        if begins_with(file, &GZIP) {
            // What is within is at most all of it.
            return self.counted(inner, MultiGzDecoder::new(reader));
        }
        let (bytes, is_found) = tar_entry(&mut reader, inner)?;
        if is_found && is_piecewise(inner) && !is_markup(&mut reader)? {
            return Ok(());
        }
        Ok(self.text(inner, inner, bytes)?)
    }

    /// A file that is packed by itself.
    fn gzip(&self, file: &Path) -> Result<(), Fault> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let open = || Ok::<_, io::Error>(MultiGzDecoder::new(BufReader::new(File::open(file)?)));
        if is_piecewise(&name) && !is_markup(&mut open()?)? {
            return Ok(());
        }
        self.counted(&name, open()?)
    }

    /// A text that is counted as it is unpacked.
    fn counted(&self, name: &str, reader: impl Read) -> Result<(), Fault> {
        let bytes = count(reader, self.place.budget.bytes / cost(name))?;
        Ok(self.text("", name, bytes)?)
    }

    fn refuse(&self, found: String) -> Fault {
        let hint = "unpack it, and give the file itself";
        ReadError::unusable_hint(&self.place.written, found, hint).into()
    }
}

/// How many bytes there are; one more than the most if there are more.
fn count(reader: impl Read, most: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(most.saturating_add(1)), &mut io::sink())
}

/// Whether markup or JSON may begin here: GDAL reads such a text as a whole, whatever its name. It looks for the marks
/// in the first 6 KiB, up to the first zero byte.
fn is_markup(reader: &mut impl Read) -> io::Result<bool> {
    let mut first = Vec::new();
    reader.take(6144).read_to_end(&mut first)?;
    let mut text = first.split(|byte| *byte == 0).next().unwrap_or_default().iter();
    Ok(text.any(|byte| matches!(byte, b'<' | b'{')))
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// The flag of a name in UTF-8.
const UTF8: u16 = 1 << 11;

/// A file in a zip archive.
struct Entry {
    name: String,
    /// Its name as written, and whether it says that this is UTF-8.
    bytes: Vec<u8>,
    is_utf8: bool,
    method: u16,
    packed: u64,
    unpacked: u64,
    /// Where its own head begins.
    at: u64,
}

impl Entry {
    /// Its bytes, unpacked.
    fn content<'r>(&self, reader: &'r mut BufReader<File>) -> Result<Box<dyn Read + 'r>, Fault> {
        const HEAD: usize = 30;
        reader.seek(SeekFrom::Start(self.at))?;
        let mut head = [0; HEAD];
        reader.read_exact(&mut head)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(broken("a file is not where its directory says"));
        }
        let skipped = i64::from(u16_at(&head, 26)) + i64::from(u16_at(&head, 28));
        reader.seek_relative(skipped)?;
        let packed = reader.take(self.packed);
        match self.method {
            STORED => Ok(Box::new(packed)),
            DEFLATED => Ok(Box::new(DeflateDecoder::new(packed))),
            method => Err(broken(&format!(
                "\"{}\" is packed by method {method}, wanted deflate",
                self.name
            ))),
        }
    }
}

/// Whether a file in an archive is held in memory as a whole.
fn is_text(reader: &mut BufReader<File>, entry: &Entry) -> Result<bool, Fault> {
    if entry.unpacked == 0 {
        return Ok(false);
    }
    Ok(!is_piecewise(&entry.name) || is_markup(&mut entry.content(reader)?)?)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u16_at(bytes, at)) | u64::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u32_at(bytes, at) | u32_at(bytes, at + 4) << 32
}

/// The directory of a zip archive of so many bytes.
fn entries(reader: &mut BufReader<File>, length: u64) -> Result<Vec<Entry>, Fault> {
    let (at, bytes, count) = directory(reader, length)?;
    if count > MOST_ENTRIES {
        let count = grouped(count);
        return Err(broken(&format!(
            "it holds {count} files, wanted {} at most",
            grouped(MOST_ENTRIES)
        )));
    }
    // Something may stand before an archive, by which all its places are off.
    reader.seek(SeekFrom::Start(at.1))?;
    let mut rest = Vec::new();
    reader.by_ref().take(bytes).read_to_end(&mut rest)?;
    let mut rest = rest.as_slice();
    let mut entries = Vec::new();
    for _ in 0..count {
        let (entry, next) = entry(rest, at.0)?;
        entries.push(entry);
        rest = next;
    }
    let names = Names::of(&entries);
    for entry in &mut entries {
        entry.name = names.text(entry);
    }
    Ok(entries)
}

/// How names are written that are not marked as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Utf8,
    /// The code page of the first machines, which the format names.
    Latin,
    /// That of Windows in Russian and its neighbors.
    Cyrillic,
}

/// The upper half of code page 437.
const LATIN: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

impl Names {
    fn of(entries: &[Entry]) -> Self {
        let names = entries.iter().filter(|entry| !entry.is_utf8);
        let names: Vec<&[u8]> = names.map(|entry| entry.bytes.as_slice()).collect();
        if names.iter().all(|name| std::str::from_utf8(name).is_ok()) {
            return Self::Utf8;
        }
        let stems = names.iter().filter_map(|name| name.rsplitn(2, |byte| *byte == b'.').last());
        let letters = || {
            stems.clone().flatten().filter(|byte| !byte.is_ascii() || byte.is_ascii_alphabetic())
        };
        let is_cyrillic = |byte: &&u8| matches!(byte, 0x80..=0xaf | 0xe0..=0xf1);
        let high = letters().filter(|byte| !byte.is_ascii()).count();
        let cyrillic = letters().filter(is_cyrillic).count();
        // In Latin a letter here and there is beyond ASCII, in Cyrillic nearly each.
        let is_all = cyrillic == high && 2 * cyrillic >= letters().count();
        if is_all { Self::Cyrillic } else { Self::Latin }
    }

    fn text(self, entry: &Entry) -> String {
        let bytes = &entry.bytes;
        let letter = |byte: &u8| {
            let upper = LATIN.chars().nth(usize::from(*byte) & 0x7f);
            if byte.is_ascii() { char::from(*byte) } else { upper.unwrap_or_default() }
        };
        match self {
            _ if entry.is_utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Latin => bytes.iter().map(letter).collect(),
            Self::Cyrillic => encoding_rs::IBM866.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// The encoding of names in the zip archive that a place leads into, as GDAL wants it; `None` for any other place.
pub(super) fn name_encoding(place: &Place) -> Option<&'static str> {
    let (outer, _) = split(place).ok().flatten()?;
    let (_, entries) = opened(&outer).ok()?;
    Some(match Names::of(&entries) {
        Names::Utf8 => "UTF-8",
        Names::Latin => "CP437",
        Names::Cyrillic => "CP866",
    })
}

/// Where the directory of a zip archive is: how much stands before the archive, and its first byte; how many
/// bytes it has, and how many files.
fn directory(reader: &mut BufReader<File>, length: u64) -> Result<((u64, u64), u64, u64), Fault> {
    const END: u64 = 22;
    const COMMENT: u64 = u16::MAX as u64;
    let tail_at = length.saturating_sub(END + COMMENT);
    reader.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    reader.by_ref().take(END + COMMENT).read_to_end(&mut tail)?;
    let ends =
        memchr::memmem::rfind(&tail, b"PK\x05\x06").filter(|at| at + END as usize <= tail.len());
    let end_in_tail = ends.ok_or_else(|| broken("it has no directory"))?;
    let end = &tail[end_in_tail..];
    let end_at = tail_at + end_in_tail as u64;
    let (mut count, mut bytes, mut offset) =
        (u64::from(u16_at(end, 10)), u32_at(end, 12), u32_at(end, 16));
    let mut directory_end = end_at;
    let locator = end_in_tail.checked_sub(20).map(|at| &tail[at..end_in_tail]);
    if let Some(locator) = locator.filter(|it| it.starts_with(b"PK\x06\x07")) {
        let mut large = [0; 56];
        directory_end = u64_at(locator, 8);
        reader.seek(SeekFrom::Start(directory_end))?;
        reader.read_exact(&mut large)?;
        if !large.starts_with(b"PK\x06\x06") {
            return Err(broken("its directory is not where it says"));
        }
        (count, bytes, offset) = (u64_at(&large, 32), u64_at(&large, 40), u64_at(&large, 48));
    }
    let at =
        directory_end.checked_sub(bytes).ok_or_else(|| broken("its directory is cut short"))?;
    let before = at.checked_sub(offset).ok_or_else(|| broken("its directory is cut short"))?;
    Ok(((before, at), bytes, count))
}

/// The first file of a directory, and what is behind it; so many bytes stand before the archive.
fn entry(directory: &[u8], before: u64) -> Result<(Entry, &[u8]), Fault> {
    const HEAD: usize = 46;
    let cut = || broken("its directory is cut short");
    let head = directory.get(..HEAD).ok_or_else(cut)?;
    if !head.starts_with(b"PK\x01\x02") {
        return Err(broken("its directory is not sound"));
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(head, at)));
    let rest = &directory[HEAD..];
    let bytes = rest.get(..name).ok_or_else(cut)?;
    let fields = rest.get(name..name + extra).ok_or_else(cut)?;
    let next = rest.get(name + extra + comment..).ok_or_else(cut)?;
    let [mut packed, mut unpacked, mut at] = [20, 24, 42].map(|place| u32_at(head, place));
    // Sizes and places that do not fit are in a field of their own, one after the other.
    let mut large = large_numbers(fields);
    for number in [&mut unpacked, &mut packed, &mut at] {
        if *number == u64::from(u32::MAX) {
            let (first, after) = large.split_at_checked(8).ok_or_else(cut)?;
            (*number, large) = (u64_at(first, 0), after);
        }
    }
    let at = at.checked_add(before).ok_or_else(cut)?;
    let (name, bytes) = (String::new(), bytes.to_vec());
    let (is_utf8, method) = (u16_at(head, 8) & UTF8 != 0, u16_at(head, 10));
    Ok((Entry { name, bytes, is_utf8, method, packed, unpacked, at }, next))
}

/// The field of large numbers among those of an entry.
fn large_numbers(mut fields: &[u8]) -> &[u8] {
    while fields.len() >= 4 {
        let (kind, length) = (u16_at(fields, 0), usize::from(u16_at(fields, 2)));
        let Some(content) = fields.get(4..4 + length) else { return &[] };
        if kind == 1 {
            return content;
        }
        fields = &fields[4 + length..];
    }
    &[]
}

/// How many bytes a file in a tar archive has, and whether it was found by its name; the reader is at its first byte
/// then. Of one that is not found, as many as the largest.
fn tar_entry(reader: &mut BufReader<File>, inner: &str) -> Result<(u64, bool), Fault> {
    const BLOCK: usize = 512;
    let mut largest = 0;
    let mut head = [0; BLOCK];
    for _ in 0..=MOST_ENTRIES {
        match reader.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok((largest, false));
            }
            read => read?,
        }
        if head[0] == 0 {
            return Ok((largest, false));
        }
        let name = head[..100].split(|byte| *byte == 0).next().unwrap_or_default();
        let bytes =
            tar_number(&head[124..136]).ok_or_else(|| broken("a head in it is not sound"))?;
        if String::from_utf8_lossy(name).trim_start_matches("./").trim_matches('/') == inner {
            return Ok((bytes, true));
        }
        largest = largest.max(bytes);
        let skipped = bytes.checked_next_multiple_of(BLOCK as u64);
        let skipped = skipped.and_then(|it| i64::try_from(it).ok());
        reader.seek_relative(skipped.ok_or_else(|| broken("a head in it is not sound"))?)?;
    }
    Err(broken(&format!("it holds over {} files", grouped(MOST_ENTRIES))))
}

/// A number of a head of tar: octal digits, or bytes behind a mark.
fn tar_number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| *first >= 0x80) {
        let bytes = field.get(field.len() - 8..)?;
        return Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Budget;
    use std::io::Write;

    /// A file in an archive in the making: its name, its bytes as packed, and how many it says they are unpacked.
    struct Packed(&'static str, Vec<u8>, u32);

    fn deflated(name: &'static str, bytes: &[u8]) -> Packed {
        let mut packer =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        Packed(name, packer.finish().unwrap(), bytes.len() as u32)
    }

    fn zip(files: &[Packed]) -> Vec<u8> {
        let (mut zip, mut directory) = (Vec::new(), Vec::new());
        for Packed(name, packed, unpacked) in files {
            let at = zip.len() as u32;
            let mut facts = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            facts.extend((packed.len() as u32).to_le_bytes());
            facts.extend(unpacked.to_le_bytes());
            facts.extend([name.len() as u8, 0, 0, 0]);
            zip.extend([b"PK\x03\x04", facts.as_slice(), name.as_bytes(), packed].concat());
            directory.extend([b"PK\x01\x02\x14\0", facts.as_slice(), &[0; 10]].concat());
            directory.extend([&at.to_le_bytes(), name.as_bytes()].concat());
        }
        let (at, count) = (zip.len() as u32, files.len() as u16);
        zip.extend(&directory);
        zip.extend(b"PK\x05\x06\0\0\0\0");
        zip.extend([count.to_le_bytes(), count.to_le_bytes()].as_flattened());
        zip.extend((directory.len() as u32).to_le_bytes());
        zip.extend([&at.to_le_bytes()[..], &[0, 0]].concat());
        zip
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut tar = vec![0; 512];
        tar[..name.len()].copy_from_slice(name.as_bytes());
        tar[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        tar.extend(bytes);
        tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
        tar
    }

    /// Checks a file of some name, as `place` says it is opened, where so many bytes of memory may be used.
    fn checked(name: &str, bytes: &[u8], place: &str, budget: u64) -> Result<(), String> {
        as_role(DatasetType::Vector, name, bytes, place, budget)
    }

    fn as_role(
        role: DatasetType,
        name: &str,
        bytes: &[u8],
        place: &str,
        bytes_of_memory: u64,
    ) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let path = path.to_string_lossy();
        let place = Place::new(&place.replace("FILE", &path), None);
        let error = check(&place.within_budget(Budget { bytes: bytes_of_memory }), role).err();
        error.map_or(Ok(()), |error| {
            assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
            Err(error.to_string().replace(&*path, name))
        })
    }

    const KML: &str = "<kml></kml>";

    /// A text of a megabyte.
    fn large() -> Vec<u8> {
        [KML.as_bytes(), &vec![b' '; (1 << 20) - KML.len()]].concat()
    }

    /// What a megabyte of KML takes.
    const TAKES: u64 = 50 << 20;

    #[test]
    fn a_text_in_an_archive_fits_or_is_refused_by_its_name() {
        let kmz = zip(&[deflated("doc.kml", &large()), deflated("icon.png", &vec![7; 9 << 20])]);
        assert!(kmz.len() < 1 << 17);
        assert_eq!(checked("x.kmz", &kmz, "FILE", TAKES), Ok(()));
        let found = checked("x.kmz", &kmz, "FILE", TAKES - 1).unwrap_err();
        let said = "x.kmz/doc.kml: it is a text of 1 MiB, which may need 50 MiB of memory, and 50 MiB may be used";
        assert_eq!(found, said);
        // Two that fit one by one do not fit together, but one of them may be asked for.
        let two = zip(&[deflated("a.kml", &large()), deflated("b.kml", &large())]);
        assert!(checked("x.zip", &two, "/vsizip/FILE", TAKES).is_err());
        for inner in ["/vsizip/FILE/a.kml", "/vsizip/{FILE}/b.kml"] {
            assert_eq!(checked("x.zip", &two, inner, TAKES), Ok(()), "{inner}");
        }
    }

    #[test]
    fn what_an_archive_says_of_itself_is_not_believed() {
        let Packed(name, packed, _) = deflated("doc.kml", &large());
        let lies = |size| zip(&[Packed(name, packed.clone(), size)]);
        let found = checked("x.kmz", &lies(100), "FILE", TAKES).unwrap_err();
        assert_eq!(found, "x.kmz: \"doc.kml\" in it does not unpack to the 100 bytes that it says");
        let found = checked("x.kmz", &lies(u32::MAX - 1), "FILE", u64::MAX).unwrap_err();
        assert!(found.ends_with("wanted 1032 times as many at most"), "{found}");
        // A text under the name of a raster.
        let hidden = zip(&[deflated("pop.tif", &large())]);
        assert!(checked("x.zip", &hidden, "/vsizip/FILE/pop.tif", TAKES - 1).is_err());
    }

    #[test]
    fn files_that_lie_on_each_other_are_refused() {
        let mut lies = zip(&[deflated("a.kml", &large()), deflated("b.kml", &[0; 10])]);
        let packed = deflated("a.kml", &large()).1.len() as u32;
        let second = memchr::memmem::rfind(&lies, b"PK\x01\x02").unwrap();
        lies[second + 20..second + 24].copy_from_slice(&packed.to_le_bytes());
        let found = checked("x.zip", &lies, "/vsizip/FILE", u64::MAX).unwrap_err();
        assert!(found.contains("its files say that they take"), "{found}");
    }

    #[test]
    fn rasters_in_archives_are_read_piece_by_piece() {
        let zip = zip(&[deflated("pop.tif", &vec![0; 8 << 20])]);
        let place = "/vsizip/FILE/pop.tif";
        assert_eq!(as_role(DatasetType::Raster, "x.zip", &zip, place, 1 << 20), Ok(()));
    }

    #[test]
    fn packed_texts_and_tars_are_counted() {
        let text = [b"id,lon,lat\n".as_slice(), &vec![b'1'; 1 << 20]].concat();
        let (most, less) = (8 << 20, 2 << 20);
        for (name, bytes, place) in [
            ("x.csv.gz", gzip(&text), "/vsigzip/FILE"),
            ("x.tgz", gzip(&tar("x.csv", &text)), "/vsitar/FILE/x.csv"),
            ("x.tar", tar("x.csv", &text), "/vsitar/FILE/x.csv"),
        ] {
            assert_eq!(checked(name, &bytes, place, most), Ok(()), "{name}");
            assert!(checked(name, &bytes, place, less).is_err(), "{name}");
        }
        assert!(checked("x.zip", b"PK", "/vsizip//vsigzip/FILE", most).is_err());
    }

    #[test]
    fn a_text_of_markup_that_is_no_archive_must_fit_too() {
        assert_eq!(checked("x.kml", &large(), "FILE", TAKES), Ok(()));
        assert!(checked("x.kml", &large(), "FILE", TAKES - 1).is_err());
        assert_eq!(checked("x.shp", &vec![0; 1 << 20], "FILE", 1), Ok(()));
    }

    #[test]
    fn archives_that_are_cut_or_changed_anywhere_are_no_reason_to_panic() {
        let whole = zip(&[deflated("a.kml", KML.as_bytes()), deflated("b.csv", b"1,2")]);
        for length in 0..whole.len() {
            let _any = checked("x.zip", &whole[..length], "/vsizip/FILE", 1 << 20);
            let mut changed = whole.clone();
            changed[length] ^= 0x81;
            let _any = checked("x.zip", &changed, "/vsizip/FILE", 1 << 20);
        }
    }
}
