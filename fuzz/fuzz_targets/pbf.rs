//! Any bytes as an OpenStreetMap extract, as they are and as the content of blocks whose heads and packing are
//! sound: read as sites.
//!
//! Nothing panics, hangs or takes more memory than it may, and blocks are read alike packed or not.

#![no_main]

use civex::model::{Budget, SitesEntry};
use civex::read::{Place, Remote, SitesFiles, Terms, scheme, sites};
use libfuzzer_sys::fuzz_target;
use std::io::Write;

/// What an extract may take.
const BUDGET: Budget = Budget { bytes: 256 << 20 };

/// How the content of a block is packed.
#[derive(Clone, Copy)]
enum Packing {
    Not,
    Zlib,
}

fuzz_target!(|bytes: &[u8]| {
    let _any = read(bytes);
    let found = [Packing::Not, Packing::Zlib].map(|packing| read(&framed(bytes, packing)));
    assert_eq!(found[0], found[1]);
});

/// The sites of an extract: what was told of each, and what was not used.
fn read(bytes: &[u8]) -> Option<(Vec<String>, u64)> {
    let mut file = tempfile::NamedTempFile::with_suffix(".osm.pbf").ok()?;
    file.write_all(bytes).ok()?;
    let path = file.path().to_string_lossy();
    let layer = SitesFiles {
        entry: SitesEntry { path: "any.osm.pbf".into(), ..SitesEntry::default() },
        place: Place::new(&path, None).within_budget(BUDGET),
        rules: None,
        covers: None,
    };
    let terms = Terms { scheme: &scheme::built_in(), remote: Remote::Refused };
    let read = sites(&[layer], terms, &()).ok()?;
    let told = read.sites.sites.iter().map(|site| format!("{site:?}")).collect();
    Some((told, read.unused.values().sum()))
}

/// A file whose blocks of objects hold the pieces of some bytes; each begins with two that tell its length.
fn framed(mut bytes: &[u8], packing: Packing) -> Vec<u8> {
    let mut file = block(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes", packing);
    while let [low, high, rest @ ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (content, next) = rest.split_at(length);
        file.extend(block(b"OSMData", content, packing));
        bytes = next;
    }
    file
}

/// A block behind its head.
fn block(kind: &[u8], content: &[u8], packing: Packing) -> Vec<u8> {
    let blob = match packing {
        Packing::Not => field(1, content),
        Packing::Zlib => {
            let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            zlib.write_all(content).expect("memory takes any bytes");
            let packed = zlib.finish().expect("memory takes any bytes");
            [&[2 << 3][..], &number(content.len()), &field(3, &packed)].concat()
        }
    };
    let head = [field(1, kind), [&[3 << 3][..], &number(blob.len())].concat()].concat();
    [&(head.len() as u32).to_be_bytes()[..], &head, &blob].concat()
}

/// A field of bytes.
fn field(field: u8, content: &[u8]) -> Vec<u8> {
    [&[field << 3 | 2][..], &number(content.len()), content].concat()
}

/// A number of seven bits a byte, the lowest first.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
