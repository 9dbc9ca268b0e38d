//! The blocks of a PBF file: where they are, and their bytes, unpacked.
//!
//! A file is a row of blocks, each behind a head that tells its kind and length. All heads are read
//! when the file is opened, so that a file that is cut short is known before anything is done with it.

use super::super::network;
use super::super::place::Place;
use super::wire::{Broken, Message};
use crate::error::ReadError;
use flate2::{Decompress, FlushDecompress, Status};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// No head of a block may be longer.
const MOST_HEAD: u32 = 64 << 10;

/// No block may be longer, packed or not.
const MOST_BLOCK: u64 = 32 << 20;

/// What a file may ask of its readers.
const KNOWN: [&str; 3] = ["OsmSchema-V0.6", "DenseNodes", "LocationsOnWays"];

/// Where a block of objects is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    from: u64,
    /// Its length as packed.
    pub(super) bytes: u64,
}

/// An opened file.
pub(super) struct Blocks {
    file: Mutex<File>,
    written: String,
    length: u64,
    /// Its blocks of objects, in the order of the file.
    pub(super) stretches: Vec<Stretch>,
}

/// A block as its head tells it.
enum Head {
    Header(Stretch),
    Objects(Stretch),
    /// Of a kind that readers pass over.
    Other,
}

impl Blocks {
    /// Opens a file and finds its blocks.
    ///
    /// # Errors
    ///
    /// If there is no such file, if it is none of this format, is cut short, or asks for something
    /// that is not known here.
    pub(super) fn open(place: &Place) -> Result<Self, ReadError> {
        let written = &place.written;
        let resolved = place.resolved.to_string_lossy();
        if resolved.starts_with("/vsi") || network::reach(&resolved).is_some() {
            let found = "an OpenStreetMap PBF is read from a file of this machine only";
            return Err(ReadError::unusable_hint(written, found, "download or unpack it first"));
        }
        place.check_file()?;
        let broken = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => ReadError::not_found(written, &place.resolved),
            _ if place.resolved.is_dir() => super::super::directory(written),
            _ => ReadError::unusable(written, format!("cannot be read: {error}")),
        };
        let file = File::open(&place.resolved).map_err(broken)?;
        let length = file.metadata().map_err(broken)?.len();
        let mut walk = Walk { reader: BufReader::with_capacity(256, file), written, length, at: 0 };
        let (mut headers, mut stretches) = (Vec::new(), Vec::new());
        while walk.at < length {
            match walk.head()? {
                Head::Header(stretch) => headers.push(stretch),
                Head::Objects(_) if headers.is_empty() => return Err(foreign(written)),
                Head::Objects(stretch) => stretches.push(stretch),
                Head::Other => {}
            }
        }
        if headers.is_empty() {
            return Err(foreign(written));
        }
        let file = Mutex::new(walk.reader.into_inner());
        let blocks = Self { file, written: written.clone(), length, stretches };
        headers.into_iter().try_for_each(|header| blocks.check_header(header))?;
        Ok(blocks)
    }

    /// How many bytes of the file are beside its blocks of objects.
    pub(super) fn overhead(&self) -> u64 {
        self.length - self.stretches.iter().map(|stretch| stretch.bytes).sum::<u64>()
    }

    /// The bytes of a block, unpacked, as what they are read to be.
    ///
    /// # Errors
    ///
    /// If the file cannot be read there, or the block is not sound.
    pub(super) fn read<R>(
        &self,
        stretch: Stretch,
        read: impl FnOnce(&[u8]) -> Result<R, Broken>,
    ) -> Result<R, ReadError> {
        let packed = self.bytes(stretch)?;
        let at = stretch.from;
        let content = Content::of(&packed).map_err(|why| self.broken(at, why))?;
        if let Content::Other(name) = content {
            return Err(ReadError::unusable_hint(
                &self.written,
                format!("its block at byte {at} is packed with {name}, wanted zlib"),
                format!(
                    "pack it anew: `osmium cat -f pbf,pbf_compression=zlib -o zlib.osm.pbf {}`",
                    self.written
                ),
            ));
        }
        content.unpacked().and_then(|bytes| read(&bytes)).map_err(|why| self.broken(at, why))
    }

    fn bytes(&self, stretch: Stretch) -> Result<Vec<u8>, ReadError> {
        let mut bytes = vec![0; stretch.bytes as usize];
        // Reading is short beside unpacking, which goes on while others wait here.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read =
            file.seek(SeekFrom::Start(stretch.from)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| {
            let found = format!("cannot be read at byte {}: {error}", stretch.from);
            ReadError::unusable(&self.written, found)
        })?;
        Ok(bytes)
    }

    /// Refuses a file that asks for what is not known here.
    fn check_header(&self, header: Stretch) -> Result<(), ReadError> {
        let asked = self.read(header, |bytes| {
            let mut asked = Vec::new();
            let mut message = Message(bytes);
            while let Some((field, value)) = message.field()? {
                if field == 4 {
                    asked.push(String::from_utf8_lossy(value.bytes()?).into_owned());
                }
            }
            Ok(asked)
        })?;
        let Some(unknown) = asked.into_iter().find(|name| !KNOWN.contains(&name.as_str())) else {
            return Ok(());
        };
        let written = &self.written;
        let (found, hint) = if unknown == "HistoricalInformation" {
            (
                "it holds the history of its objects, wanted their state at one time".to_string(),
                format!(
                    "choose the time: `osmium time-filter -o then.osm.pbf {written} 2026-01-01T00:00:00Z`"
                ),
            )
        } else {
            (
                format!("it asks its readers for \"{unknown}\", which is not known here"),
                format!("write it anew without: `osmium cat -o plain.osm.pbf {written}`"),
            )
        };
        Err(ReadError::unusable_hint(written, found, hint))
    }

    fn broken(&self, at: u64, why: Broken) -> ReadError {
        let found = format!("its block at byte {at} is not sound: {}", why.0);
        ReadError::unusable_hint(&self.written, found, "fetch or write it again")
    }
}

/// The walk over the heads of all blocks.
struct Walk<'a> {
    reader: BufReader<File>,
    written: &'a str,
    length: u64,
    at: u64,
}

impl Walk<'_> {
    /// The next block, which is passed over.
    fn head(&mut self) -> Result<Head, ReadError> {
        let begin = self.at;
        let mut four = [0; 4];
        self.fill(&mut four)?;
        let length = u32::from_be_bytes(four);
        if length == 0 || length > MOST_HEAD {
            return Err(self.unsound(begin, "the head of a block has an impossible length"));
        }
        if self.at + u64::from(length) > self.length {
            return Err(self.short(begin));
        }
        let mut bytes = vec![0; length as usize];
        self.fill(&mut bytes)?;
        let (kind, bytes) = match kind_and_length(&bytes) {
            Ok(head) => head,
            Err(Broken(why)) => return Err(self.unsound(begin, why)),
        };
        if bytes > MOST_BLOCK {
            let found = "a block has an impossible length";
            return Err(self.unsound(begin, found));
        }
        let stretch = Stretch { from: self.at, bytes };
        self.at += bytes;
        if self.at > self.length {
            return Err(self.short(begin));
        }
        // At most 32 MiB, so that it is never cut off.
        self.reader.seek_relative(bytes.cast_signed()).map_err(|error| self.unreadable(&error))?;
        Ok(match kind {
            b"OSMHeader" => Head::Header(stretch),
            b"OSMData" => Head::Objects(stretch),
            _ => Head::Other,
        })
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ReadError> {
        let begin = self.at;
        self.at += bytes.len() as u64;
        self.reader.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => self.short(begin),
            _ => self.unreadable(&error),
        })
    }

    fn unreadable(&self, error: &std::io::Error) -> ReadError {
        ReadError::unusable(self.written, format!("cannot be read: {error}"))
    }

    /// A fault before the first block is done with means another format.
    fn unsound(&self, begin: u64, why: &str) -> ReadError {
        if begin == 0 {
            return foreign(self.written);
        }
        let found = format!("not sound at byte {begin}: {why}");
        ReadError::unusable_hint(self.written, found, "fetch or write it again")
    }

    fn short(&self, begin: u64) -> ReadError {
        if begin == 0 {
            return foreign(self.written);
        }
        let found = format!(
            "cut short: its {} bytes end within the block that begins at byte {begin}",
            self.length
        );
        ReadError::unusable_hint(self.written, found, "fetch it again, whole")
    }
}

fn kind_and_length(head: &[u8]) -> Result<(&[u8], u64), Broken> {
    let (mut kind, mut length) = (None, None);
    let mut message = Message(head);
    while let Some((field, value)) = message.field()? {
        match field {
            1 => kind = Some(value.bytes()?),
            3 => length = Some(value.number()?),
            _ => {}
        }
    }
    kind.zip(length).ok_or(Broken("the head of a block without kind or length"))
}

/// A file of another format, or of none.
fn foreign(written: &str) -> ReadError {
    ReadError::unusable_hint(
        written,
        "not an OpenStreetMap PBF: it does not begin with a block OSMHeader",
        format!(
            "see that it is whole; from another format of OpenStreetMap: `osmium cat -o map.osm.pbf {written}`"
        ),
    )
}

/// How the content of a block is packed.
enum Content<'a> {
    Raw(&'a [u8]),
    Zlib {
        packed: &'a [u8],
        length: u64,
    },
    /// By what is not read here.
    Other(&'static str),
}

impl<'a> Content<'a> {
    fn of(block: &'a [u8]) -> Result<Self, Broken> {
        let (mut length, mut content) = (0, None);
        let mut message = Message(block);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => content = Some(Self::Raw(value.bytes()?)),
                2 => length = value.number()?,
                3 => content = Some(Self::Zlib { packed: value.bytes()?, length: 0 }),
                4 => content = Some(Self::Other("LZMA")),
                5 => content = Some(Self::Other("bzip2")),
                6 => content = Some(Self::Other("LZ4")),
                7 => content = Some(Self::Other("Zstandard")),
                _ => {}
            }
        }
        match content {
            Some(Self::Zlib { .. }) if length > MOST_BLOCK => {
                Err(Broken("it is impossibly long when unpacked"))
            }
            Some(Self::Zlib { packed, .. }) => Ok(Self::Zlib { packed, length }),
            Some(other) => Ok(other),
            None => Err(Broken("it is empty")),
        }
    }

    fn unpacked(self) -> Result<std::borrow::Cow<'a, [u8]>, Broken> {
        match self {
            Self::Raw(bytes) => Ok(bytes.into()),
            Self::Other(_) => Err(Broken("packed in a way that is not read")),
            Self::Zlib { packed, length } => {
                let mut bytes = Vec::with_capacity(length as usize);
                let status = Decompress::new(true)
                    .decompress_vec(packed, &mut bytes, FlushDecompress::Finish)
                    .map_err(|_which| Broken("it cannot be unpacked"))?;
                if status != Status::StreamEnd || bytes.len() as u64 != length {
                    return Err(Broken("unpacked it is longer than it says, or shorter"));
                }
                Ok(bytes.into())
            }
        }
    }
}
