//! Sidecars of population indexes: found where they fit the rasters as they are today, and made.
//!
//! A sidecar fits while every file of its rasters has the length, the time of change and the ends
//! (first and last 64 KiB) that it had when the sidecar was made; nothing else is read then, and the digests that a
//! result must tell come from the sidecar. A file that was moved or touched is digested as a whole: it
//! fits if the digest is the same.

use super::layers::FileDigests;
use super::provenance::{digest, hexadecimal};
use crate::error::ReadError;
use crate::index::{
    Built, Cache, ChannelFacts, ENDING, Facts, FileStamp, Foreign, Kept, Populations, Source,
    Stacked,
};
use crate::model::{Budget, FileDigest, Provenance, Role};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::UNIX_EPOCH;

/// So much of each end of a file is looked at.
const END: u64 = 64 << 10;

/// What became of the sidecar of the rasters of one grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// There is none.
    Nothing,
    /// It is used.
    Used(PathBuf),
    /// There is one of other contents: some file changed since.
    Stale(PathBuf),
    /// There can be none: it is not known which files a raster is made of.
    NoFile,
}

/// Sidecars that were found, one a stack, and files that look like some and are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// In the order of the stacks.
    pub found: Vec<Found>,
    /// What cannot be used.
    pub foreign: Vec<Foreign>,
}

/// Digests of the files of population sources, each made once and when it is first wanted.
#[derive(Debug, Default)]
pub struct Digests {
    sources: Vec<(String, Vec<PathBuf>)>,
    slots: Vec<OnceLock<Result<Vec<Digested>, ReadError>>>,
    /// Digests that were made before.
    made: Option<Arc<FileDigests>>,
}

/// A file that was digested, and how it was before that.
#[derive(Debug, Clone)]
struct Digested {
    digest: FileDigest,
    stamp: Option<Stamp>,
}

impl Digests {
    /// Of the files of some sources; nothing is read yet.
    #[must_use]
    pub fn new(sources: &[Source]) -> Self {
        let files = |source: &Source| (source.declared.path.clone(), source.files.clone());
        let slots = sources.iter().map(|_| OnceLock::new()).collect();
        Self { sources: sources.iter().map(files).collect(), slots, made: None }
    }

    /// The same, but for files that were digested before.
    #[must_use]
    pub fn sharing(self, made: Arc<FileDigests>) -> Self {
        Self { made: Some(made), ..self }
    }

    /// Those of one source. Whoever asks while another makes them waits.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn of(&self, source: usize) -> Result<Vec<FileDigest>, ReadError> {
        Ok(self.digested(source)?.into_iter().map(|file| file.digest).collect())
    }

    fn digested(&self, source: usize) -> Result<Vec<Digested>, ReadError> {
        let (Some((written, files)), Some(slot)) = (self.sources.get(source), self.slot(source))
        else {
            return Ok(Vec::new());
        };
        let of_file = |path: &PathBuf| {
            let stamp = Stamp::of(path).ok();
            let digest = match &self.made {
                Some(made) => made.of(path, written),
                None => digest(path, written),
            };
            Ok(Digested { digest: digest?, stamp })
        };
        slot.get_or_init(|| files.iter().map(of_file).collect()).clone()
    }

    /// Where those of a source are: samples of one file are many sources, and its digest is one.
    fn slot(&self, source: usize) -> Option<&OnceLock<Result<Vec<Digested>, ReadError>>> {
        let (_, files) = self.sources.get(source)?;
        self.slots.get(self.sources.iter().position(|(_, others)| others == files)?)
    }

    /// Makes those that nobody asked for yet.
    pub fn make_all(&self) {
        for source in 0..self.sources.len() {
            let _told_when_asked = self.of(source);
        }
    }

    /// Adds them to the records of population rasters, which are in the order of the sources.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn add_to(&self, provenance: &mut Provenance) -> Result<(), ReadError> {
        let inputs = provenance.inputs.iter_mut();
        for (place, input) in inputs.filter(|input| input.role == Role::Population).enumerate() {
            input.files = self.of(place)?;
        }
        Ok(())
    }

    /// Takes digests for made.
    fn know(&self, source: usize, digested: Vec<Digested>) {
        if let Some(slot) = self.slot(source) {
            let _known_already = slot.set(Ok(digested));
        }
    }
}

/// One raster of a stack, as sidecars know it.
struct Wanted<'s> {
    /// What tells it from any other.
    path: &'s str,
    reading: String,
    files: &'s [PathBuf],
}

/// The rasters of a stack; `None` if it is not known which files one of them is made of.
fn wanted<'s>(stack: &Stacked, sources: &'s [Source]) -> Option<Vec<Wanted<'s>>> {
    let of_source = |place: &usize| {
        let source = sources.get(*place)?;
        let path = source.identity.as_deref()?;
        Some(Wanted { path, reading: source.blocks.reading(), files: &source.files })
    };
    stack.sources.iter().map(of_source).collect()
}

/// Where the cells of a stack are, as a text.
fn grid_text(stack: &Stacked, sources: &[Source]) -> String {
    let source = stack.sources.first().and_then(|place| sources.get(*place));
    source.map_or_else(String::new, |source| {
        let grid = &source.declared.grid;
        let rows = source.blocks.units().height;
        format!("{:?} tiles of {rows} rows {}", grid.frame, grid.reference.wkt())
    })
}

/// A digest of all that the people of a source follow from; `None` if not all of its files are known.
///
/// # Errors
///
/// If a file cannot be read.
pub fn people_digest(
    populations: &Populations,
    source: usize,
    digests: &Digests,
) -> Result<Option<[u8; 32]>, ReadError> {
    let sources = populations.sources();
    let (Some(of), Some((stack, _))) = (sources.get(source), populations.of_source(source)) else {
        return Ok(None);
    };
    if of.identity.is_none() {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    let files = digests.of(source)?;
    let texts = files.iter().map(|file| file.sha256.clone());
    for text in texts.chain([of.blocks.reading(), grid_text(stack, sources)]) {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    Ok(Some(hasher.finalize().into()))
}

/// The sidecar beside a raster.
#[must_use]
pub fn beside(raster: &Path) -> PathBuf {
    let mut name = raster.as_os_str().to_os_string();
    name.push(".");
    name.push(ENDING);
    name.into()
}

/// Finds sidecars for sources and attaches them; digests that they tell need not be made.
pub fn find(populations: &mut Populations, cache: Option<&Cache>, digests: &Digests) -> Findings {
    let sources = populations.sources();
    let mut findings = Findings::default();
    for stack in populations.stacks_mut() {
        let found = find_one(stack, sources, (cache, digests), &mut findings.foreign);
        findings.found.push(found);
    }
    findings
}

fn find_one(
    stack: &mut Stacked,
    sources: &[Source],
    (cache, digests): (Option<&Cache>, &Digests),
    foreign: &mut Vec<Foreign>,
) -> Found {
    let Some(wanted) = wanted(stack, sources) else { return Found::NoFile };
    let Some(cache) = cache else { return Found::Nothing };
    let grid = grid_text(stack, sources);
    // Beside a raster lies an index of this one alone.
    let near = match &wanted[..] {
        [raster] => raster.files.first().map(|main| beside(main)),
        _ => None,
    };
    let mut found = Found::Nothing;
    for path in near.iter().cloned().chain(cache.of_grid(&grid)) {
        let kept = match Kept::open(&path) {
            Ok(Some(kept)) => kept,
            Ok(None) => continue,
            Err(unusable) => {
                foreign.push(unusable);
                continue;
            }
        };
        let is_near = near.as_ref() == Some(&path);
        let Some(channels) = channels(&kept.facts, &grid, &wanted, is_near) else { continue };
        let same = |(raster, channel): (&Wanted, &usize)| {
            let held = kept.facts.channels.get(*channel)?;
            same_files(&held.files, raster.files, held.path == raster.path)
        };
        let Some(known) = wanted.iter().zip(&channels).map(same).collect::<Option<Vec<_>>>() else {
            found = Found::Stale(path);
            continue;
        };
        if stack.index.attach(kept, channels) {
            for (place, files) in stack.sources.iter().zip(known) {
                digests.know(*place, files);
            }
            return Found::Used(path);
        }
    }
    found
}

/// The channels of a sidecar that hold the wanted rasters. One beside a raster may have come along with
/// it from elsewhere.
fn channels(facts: &Facts, grid: &str, wanted: &[Wanted], is_near: bool) -> Option<Vec<usize>> {
    if facts.grid != grid || (is_near && facts.channels.len() != 1) {
        return None;
    }
    let channel = |raster: &Wanted| {
        let is_it = |held: &ChannelFacts| {
            held.reading == raster.reading && (is_near || held.path == raster.path)
        };
        facts.channels.iter().position(is_it)
    };
    wanted.iter().map(channel).collect()
}

/// The digests of files, if they are what they were.
///
/// Where they are elsewhere, or were touched, all of their bytes are looked at.
fn same_files(then: &[FileStamp], files: &[PathBuf], is_in_place: bool) -> Option<Vec<Digested>> {
    if then.len() != files.len() {
        return None;
    }
    let same = |(then, path): (&FileStamp, &PathBuf)| {
        let now = Stamp::of(path).ok()?;
        if now.name != then.name || now.bytes != then.bytes || now.ends != then.ends {
            return None;
        }
        let sha256 = if is_in_place && now.mtime_ns == then.mtime_ns {
            then.sha256.clone()
        } else {
            digest(path, "").ok().map(|digest| digest.sha256).filter(|sha| *sha == then.sha256)?
        };
        let digest = FileDigest { name: now.name.clone(), bytes: now.bytes, sha256 };
        Some(Digested { digest, stamp: Some(now) })
    };
    then.iter().zip(files).map(same).collect()
}

/// What tells quickly whether a file is what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    name: String,
    bytes: u64,
    mtime_ns: i64,
    ends: String,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let facts = file.metadata()?;
        let changed = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut hasher = Sha256::new();
        let mut buffer = Vec::new();
        (&mut file).take(END).read_to_end(&mut buffer)?;
        hasher.update(&buffer);
        buffer.clear();
        file.seek(SeekFrom::Start(facts.len().saturating_sub(END)))?;
        file.take(END).read_to_end(&mut buffer)?;
        hasher.update(&buffer);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: name.unwrap_or_default(),
            bytes: facts.len(),
            mtime_ns: changed.map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)),
            ends: hexadecimal(&hasher.finalize()),
        })
    }
}

/// Where a sidecar goes.
#[derive(Debug, Clone, Copy)]
pub enum Goes<'c> {
    /// Into the cache.
    Cache(&'c Cache),
    /// Beside the raster, which is to be the only one of its stack.
    Beside,
}

/// What a sidecar is made with.
#[derive(Clone, Copy)]
pub struct With<'a> {
    /// Digests of the rasters, which it holds.
    pub digests: &'a Digests,
    /// The memory that may be used.
    pub budget: Budget,
    /// Told of cells read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Makes the sidecar of a stack, which is used at once.
///
/// # Errors
///
/// If a raster cannot be read, or changes while it is read.
pub fn make(
    stack: &mut Stacked,
    sources: &[Source],
    goes: Goes,
    with: With,
) -> Result<Built, ReadError> {
    let Some(wanted) = wanted(stack, sources) else {
        return Ok(Built::NotWritten(io::ErrorKind::Unsupported.into()));
    };
    let grid = grid_text(stack, sources);
    let named: Vec<(String, String)> =
        wanted.iter().map(|raster| (raster.path.to_string(), raster.reading.clone())).collect();
    let (path, cache) = match goes {
        Goes::Cache(cache) => (cache.place(&grid, &named), Some(cache)),
        Goes::Beside => {
            let main = wanted.first().and_then(|raster| raster.files.first());
            (main.map(|main| beside(main)).unwrap_or_default(), None)
        }
    };
    let With { digests, budget, progress } = with;
    let facts = |people: &[f64]| {
        let channel = |((place, raster), people): ((&usize, &Wanted), &f64)| ChannelFacts {
            path: raster.path.to_string(),
            reading: raster.reading.clone(),
            files: stamped(&digests.digested(*place).unwrap_or_default()),
            people: *people,
        };
        let channels = stack.sources.iter().zip(&wanted).zip(people).map(channel).collect();
        let civex = env!("CARGO_PKG_VERSION").to_string();
        let facts = Facts { civex, grid: grid.clone(), channels };
        serde_json::to_vec(&facts).unwrap_or_default()
    };
    let built = stack.index.build((&path, cache), &facts, budget, progress)?;
    // What was digested, and what was read, is what is there still.
    for (place, raster) in stack.sources.iter().zip(&wanted) {
        let then = digests.digested(*place)?;
        let is_same = |(then, path): (&Digested, &PathBuf)| then.stamp == Stamp::of(path).ok();
        if !then.iter().zip(raster.files).all(is_same) {
            return Err(ReadError::unusable_hint(
                raster.path,
                "it changed while it was read",
                "run again when nobody writes to it any more",
            ));
        }
    }
    Ok(built)
}

/// Files that were digested, as a sidecar keeps them.
fn stamped(files: &[Digested]) -> Vec<FileStamp> {
    let of_file = |file: &Digested| {
        let Stamp { name, bytes, mtime_ns, ends } = file.stamp.clone()?;
        Some(FileStamp { name, bytes, mtime_ns, ends, sha256: file.digest.sha256.clone() })
    };
    files.iter().filter_map(of_file).collect()
}
