//! The blocks of a PBF file: where they are, and their bytes, unpacked.
//!
//! A file is a row of blocks, each behind a head that tells its kind and length. All heads are read
//! when the file is opened, so that a file that is cut short is known before anything is done with it, and one
//! whose blocks would unpack to far more than any map holds.
//!
//! Memory for a block is taken before it is read, from what all threads share.

use super::super::memory::Room;
use super::super::network;
use super::super::place::Place;
use super::wire::{Broken, Message, Value};
use crate::error::{Large, ReadError, bytes_text, with_names};
use flate2::{Decompress, FlushDecompress, Status};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// No head of a block may be longer.
const MOST_HEAD: u32 = 64 << 10;

/// No block may be longer, packed or not.
const MOST_BLOCK: u64 = 32 << 20;

/// What all blocks of a file may unpack to: so many bytes, and so many for each byte of the file. Maps are
/// packed to a third or a tenth; zlib packs zeros to a thousandth.
const MOST_UNPACKED: (u64, u64) = (64 << 20, 50);

/// The first bytes of a block, which tell how long it is when unpacked.
const FIRST: u64 = 16;

/// What a file may ask of its readers.
const KNOWN: [&str; 3] = ["OsmSchema-V0.6", "DenseNodes", "LocationsOnWays"];

/// Where a block of objects is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    from: u64,
    /// Its length as packed.
    pub(super) bytes: u64,
    /// Its length when unpacked, at most.
    unpacked: u64,
}

/// An opened file.
pub(super) struct Blocks {
    file: Mutex<File>,
    written: String,
    length: u64,
    /// The memory that reading it may take.
    budget: u64,
    /// What is left of that.
    pub(super) room: Room,
    /// Its blocks of objects, in the order of the file.
    pub(super) stretches: Vec<Stretch>,
    /// What the server says that wrote it.
    pub(super) said: Option<String>,
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
        let (file, said) = if place.ends("pbf") {
            (File::open(&place.resolved).map_err(broken)?, None)
        } else {
            super::xml::converted(place)?
        };
        let length = file.metadata().map_err(broken)?.len();
        let reader = BufReader::with_capacity(256, file);
        let mut walk = Walk { reader, written, length, at: 0, unpacked: 0 };
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
        walk.check_unpacked()?;
        let (file, written) = (Mutex::new(walk.reader.into_inner()), written.clone());
        let (budget, room) = (place.budget.bytes, Room::of(place.budget));
        let blocks = Self { file, written, length, budget, room, stretches, said };
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
    /// If the file cannot be read there, the block is not sound, or is too large for the budget.
    pub(super) fn read<R>(
        &self,
        stretch: Stretch,
        read: impl FnOnce(&[u8]) -> Result<R, Broken>,
    ) -> Result<R, ReadError> {
        let at = stretch.from;
        // Beside its bytes, packed and unpacked, where its texts are.
        let needed = stretch.bytes + 2 * stretch.unpacked;
        let Some(_lent) = self.room.lend(needed) else {
            let needed = Room::budget_to_lend(needed);
            return Err(self.too_large(Large::Block(at), needed));
        };
        let packed = self.bytes(stretch)?;
        let content = Content::of(&packed).map_err(|why| self.broken(at, why))?;
        if let Content::Other(name) = content {
            return Err(ReadError::unusable_hint(
                &self.written,
                format!("its block at byte {at} is packed with {name}, wanted zlib"),
                with_names(
                    "pack it anew: `osmium cat -f pbf,pbf_compression=zlib IN -o OUT.osm.pbf`",
                    &self.written,
                ),
            ));
        }
        let unpacked = content.unpacked(stretch.unpacked);
        unpacked.and_then(|bytes| read(&bytes)).map_err(|why| self.broken(at, why))
    }

    /// Refuses a file of which more was to be kept than the budget allows.
    pub(super) fn check_room(&self) -> Result<(), ReadError> {
        self.room.needed().map_or(Ok(()), |needed| Err(self.too_large(Large::Objects, needed)))
    }

    fn too_large(&self, what: Large, needed: u64) -> ReadError {
        let (path, budget) = (self.written.clone(), self.budget);
        ReadError::TooLarge { path, what, needed, budget }
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
        let unknown = self.read(header, |bytes| {
            let mut message = Message(bytes);
            while let Some((field, value)) = message.field()? {
                let name = if field == 4 { value.bytes()? } else { continue };
                if !KNOWN.iter().any(|known| known.as_bytes() == name) {
                    return Ok(Some(shown(&String::from_utf8_lossy(name))));
                }
            }
            Ok(None)
        })?;
        let Some(unknown) = unknown else { return Ok(()) };
        let written = &self.written;
        let (found, hint) = if unknown == "HistoricalInformation" {
            (
                "it holds the history of its objects, wanted their state at one time".to_string(),
                with_names(
                    "choose the time: `osmium time-filter IN -o OUT.osm.pbf 2026-01-01T00:00:00Z`",
                    written,
                ),
            )
        } else {
            (
                format!("it asks its readers for \"{unknown}\", which is not known here"),
                with_names("write it anew without: `osmium cat IN -o OUT.osm.pbf`", written),
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
    /// How long all blocks are when unpacked.
    unpacked: u64,
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
        let (from, end) = (self.at, self.at + bytes);
        if end > self.length {
            return Err(self.short(begin));
        }
        let mut first = [0; FIRST as usize];
        let first = &mut first[..bytes.min(FIRST) as usize];
        self.fill(first)?;
        let stretch = Stretch { from, bytes, unpacked: unpacked(first, bytes) };
        // At most 32 MiB, so that it is never cut off.
        let rest = (end - self.at).cast_signed();
        self.reader.seek_relative(rest).map_err(|error| self.unreadable(&error))?;
        self.at = end;
        if matches!(kind, b"OSMHeader" | b"OSMData") {
            self.unpacked += stretch.unpacked;
        }
        Ok(match kind {
            b"OSMHeader" => Head::Header(stretch),
            b"OSMData" => Head::Objects(stretch),
            _ => Head::Other,
        })
    }

    /// Refuses a file that unpacks to far more than any map does.
    fn check_unpacked(&self) -> Result<(), ReadError> {
        let most = MOST_UNPACKED.0 + MOST_UNPACKED.1 * self.length;
        if self.unpacked <= most {
            return Ok(());
        }
        let [unpacked, length, most] = [self.unpacked, self.length, most].map(bytes_text);
        let found = format!(
            "its {length} unpack to {unpacked}, wanted at most {most} from so short a file"
        );
        let hint = with_names(
            "if it is a map all the same, write it unpacked: `osmium cat -f pbf,pbf_compression=none IN -o OUT.osm.pbf`",
            self.written,
        );
        Err(ReadError::unusable_hint(self.written, found, hint))
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

/// How long a block is when unpacked, by its first bytes; where they do not tell, as long as it may be.
fn unpacked(first: &[u8], packed: u64) -> u64 {
    const RAW: u8 = 1 << 3 | 2;
    match Message(first).field() {
        Ok(Some((2, Value::Number(length)))) => length.min(MOST_BLOCK),
        _ if first.first() == Some(&RAW) => packed,
        _ => MOST_BLOCK,
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

/// A name as a message shows it.
fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

/// A file of another format, or of none.
fn foreign(written: &str) -> ReadError {
    ReadError::unusable_hint(
        written,
        "not an OpenStreetMap PBF: it does not begin with a block OSMHeader",
        with_names(
            "see that it is whole; from another format of OpenStreetMap: `osmium cat IN -o OUT.osm.pbf`",
            written,
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

    /// Its bytes, unpacked, no more than it said at first.
    fn unpacked(self, most: u64) -> Result<std::borrow::Cow<'a, [u8]>, Broken> {
        match self {
            Self::Raw(bytes) => Ok(bytes.into()),
            Self::Other(_) => Err(Broken("packed in a way that is not read")),
            Self::Zlib { length, .. } if length > most => {
                Err(Broken("it tells two lengths of itself when unpacked"))
            }
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
