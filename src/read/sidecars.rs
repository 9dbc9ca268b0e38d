//! Sidecars of population indexes: found where they fit the rasters as they are today, proven, and made.
//!
//! A sidecar fits while every file of its rasters has the length, the time of change and the ends
//! (first and last 64 KiB) that it had when the sidecar was made; nothing else is read then, and the digests that a
//! result must tell come from the sidecar. A file that was moved or touched is digested as a whole: it
//! fits if the digest is the same.
//!
//! In a cache only this user can have put a sidecar. Beside a raster anybody can, and whoever sends a raster may
//! send an index of other people along, with every checksum and the digest of the raster right. So one beside a
//! raster is used if the cache knows its SHA-256: it was made here, or every number of it was compared with the
//! raster here. Digests and times of the raster are then those that the cache tells.

use super::layers::FileDigests;
use super::provenance::{digest, hexadecimal};
use crate::error::ReadError;
use crate::index::{
    Built, Cache, ChannelFacts, Differs, ENDING, Facts, FileStamp, Foreign, Kept, Populations,
    Proof, Proven, Source, Stacked, is_sidecar,
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
    /// There is one beside the raster, and nobody here has compared it with that.
    Unproven(PathBuf),
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

/// A stack whose sidecars are looked for.
struct Sought<'a> {
    grid: String,
    wanted: Vec<Wanted<'a>>,
    size: (usize, usize),
    cache: &'a Cache,
}

/// A sidecar that holds the wanted rasters, if what it says is true.
struct Candidate {
    kept: Kept,
    /// The stored channel of each raster.
    channels: Vec<usize>,
}

impl<'a> Sought<'a> {
    /// `None` if it is not known which files one of the rasters is made of.
    fn new(stack: &Stacked, sources: &'a [Source], cache: &'a Cache) -> Option<Self> {
        let wanted = wanted(stack, sources)?;
        Some(Self { grid: grid_text(stack, sources), wanted, size: stack.index.size(), cache })
    }

    /// The sidecar beside the raster, if it is the only one; what lies beside an archive is of no part of it.
    fn near(&self) -> Option<PathBuf> {
        let [raster] = &self.wanted[..] else { return None };
        let main = raster.files.first()?;
        let is_main = main.canonicalize().is_ok_and(|path| path.to_string_lossy() == raster.path);
        is_main.then(|| beside(main))
    }

    /// The sidecar beside the raster.
    fn candidate_beside(&self) -> Result<Option<Candidate>, Foreign> {
        let Some(path) = self.near() else { return Ok(None) };
        let Some(kept) = Kept::open_beside(&path, self.size)? else { return Ok(None) };
        let is_it = kept.facts.grid == self.grid
            && matches!((&kept.facts.channels[..], &self.wanted[..]),
                ([held], [raster]) if held.reading == raster.reading);
        Ok(is_it.then(|| Candidate { kept, channels: vec![0] }))
    }

    /// A sidecar of the cache.
    fn candidate(&self, path: &Path) -> Result<Option<Candidate>, Foreign> {
        let Some(kept) = Kept::open(path)? else { return Ok(None) };
        let channels = channels(&kept.facts, &self.grid, &self.wanted);
        Ok(channels.map(|channels| Candidate { kept, channels }))
    }

    /// The rasters with the channels of a sidecar of the cache that hold them.
    fn held<'c>(
        &'c self,
        candidate: &'c Candidate,
    ) -> impl Iterator<Item = (&'c Wanted<'a>, &'c ChannelFacts)> {
        let facts = &candidate.kept.facts.channels;
        let held = candidate.channels.iter().filter_map(|channel| facts.get(*channel));
        self.wanted.iter().zip(held)
    }

    /// What the cache knows of the sidecar beside the raster.
    fn known(&self, candidate: &Candidate) -> Option<Known> {
        let raster = self.wanted.first()?;
        let known = self.cache.proven();
        let seen = candidate.kept.seen(self.cache);
        let own = known.iter().find(|proven| proven.raster == raster.path);
        if let Some(own) = own.filter(|own| seen.is_some() && own.seen == seen) {
            return Some(Known { proven: own.clone(), is_new: false });
        }
        if known.is_empty() {
            return None;
        }
        let sha256 = hexadecimal(&candidate.kept.sha256());
        let own = own.filter(|own| own.sha256 == sha256);
        let proven = own.or_else(|| known.iter().find(|proven| proven.sha256 == sha256))?.clone();
        let is_new = own.is_none() || proven.seen != seen;
        Some(Known { proven: Proven { seen, ..proven }, is_new })
    }
}

/// What the cache knows of a sidecar beside a raster; `is_new` where it is to be told so.
struct Known {
    proven: Proven,
    is_new: bool,
}

fn find_one(
    stack: &mut Stacked,
    sources: &[Source],
    (cache, digests): (Option<&Cache>, &Digests),
    foreign: &mut Vec<Foreign>,
) -> Found {
    let Some(cache) = cache else {
        return wanted(stack, sources).map_or(Found::NoFile, |_| Found::Nothing);
    };
    let Some(sought) = Sought::new(stack, sources, cache) else { return Found::NoFile };
    let mut found = Found::Nothing;
    match sought.candidate_beside() {
        Ok(Some(candidate)) => found = use_beside(stack, &sought, candidate, digests),
        Ok(None) => {}
        Err(unusable) => foreign.push(unusable),
    }
    if matches!(found, Found::Used(_)) {
        return found;
    }
    for path in cache.of_grid(&sought.grid) {
        let candidate = match sought.candidate(&path) {
            Ok(Some(candidate)) => candidate,
            Ok(None) => continue,
            Err(unusable) => {
                foreign.push(unusable);
                continue;
            }
        };
        let same = |(raster, held): (&Wanted, &ChannelFacts)| {
            same_files(&held.files, raster.files, held.path == raster.path)
        };
        let Some(known) = sought.held(&candidate).map(same).collect::<Option<Vec<_>>>() else {
            if found == Found::Nothing {
                found = Found::Stale(path);
            }
            continue;
        };
        if stack.index.attach(candidate.kept, candidate.channels) {
            for (place, files) in stack.sources.iter().zip(known) {
                digests.know(*place, files);
            }
            return Found::Used(path);
        }
    }
    found
}

/// Uses the sidecar beside a raster if the cache knows it and the raster is the one it was proven against.
fn use_beside(
    stack: &mut Stacked,
    sought: &Sought,
    candidate: Candidate,
    digests: &Digests,
) -> Found {
    let path = candidate.kept.path().to_path_buf();
    let Some(raster) = sought.wanted.first() else { return Found::Nothing };
    let Some(Known { proven, is_new }) = sought.known(&candidate) else {
        let held = candidate.kept.facts.channels.first();
        let fits = held.is_some_and(|held| may_be_same(&held.files, raster.files));
        return if fits { Found::Unproven(path) } else { Found::Stale(path) };
    };
    let is_in_place = proven.raster == raster.path;
    let Some(files) = same_files(&proven.files, raster.files, is_in_place) else {
        return Found::Stale(path);
    };
    let now = Proven { raster: raster.path.to_string(), files: stamped(&files), ..proven.clone() };
    if !stack.index.attach(candidate.kept, candidate.channels) {
        return Found::Nothing;
    }
    if is_new || now != proven {
        let _told_again_next_time = sought.cache.keep_proven(&now);
    }
    if let Some(place) = stack.sources.first() {
        digests.know(*place, files);
    }
    Found::Used(path)
}

/// What became of comparing the sidecar beside a raster with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// It holds what the raster holds; it is used, and known from now on.
    Used(PathBuf),
    /// It does not, or cannot be compared.
    Fails(PathBuf, Differs),
    /// There is none any more, or one block takes more memory than may be used.
    Unknown,
}

/// Compares the sidecar beside the raster of a stack with every cell of that, and uses it if it holds the
/// same.
///
/// # Errors
///
/// If the raster cannot be read, or changes while it is read.
pub fn prove_beside(
    stack: &mut Stacked,
    sources: &[Source],
    cache: &Cache,
    with: With,
) -> Result<Compared, ReadError> {
    let Some(sought) = Sought::new(stack, sources, cache) else { return Ok(Compared::Unknown) };
    let Ok(Some(candidate)) = sought.candidate_beside() else { return Ok(Compared::Unknown) };
    let path = candidate.kept.path().to_path_buf();
    let (kept, channels) = (candidate.kept, candidate.channels);
    let files = match compare(stack, &sought, (&kept, &channels), with)? {
        Verdict::Sound(files) => files,
        Verdict::Fails(differs) => return Ok(Compared::Fails(path, differs)),
        Verdict::TooLarge => return Ok(Compared::Unknown),
    };
    let _told_again_next_time = sought.remember(&kept, &files);
    if !stack.index.attach(kept, channels) {
        return Ok(Compared::Unknown);
    }
    Ok(Compared::Used(path))
}

impl Sought<'_> {
    /// Lets the cache know a sidecar beside the raster.
    fn remember(&self, kept: &Kept, files: &[Digested]) -> io::Result<()> {
        let raster = self.wanted.first().map_or_else(String::new, |raster| raster.path.into());
        let (sha256, seen) = (hexadecimal(&kept.sha256()), kept.seen(self.cache));
        self.cache.keep_proven(&Proven { sha256, seen, raster, files: stamped(files) })
    }
}

/// Lets the cache know the sidecar that was made beside the raster of a stack.
///
/// # Errors
///
/// If the cache cannot be written.
pub fn remember_made(
    stack: &Stacked,
    sources: &[Source],
    cache: &Cache,
    digests: &Digests,
) -> io::Result<()> {
    let raster = wanted(stack, sources).and_then(|wanted| Some(wanted.first()?.path.to_string()));
    let (Some(raster), Some(sha256)) = (raster, stack.index.sidecar_sha256()) else {
        return Ok(());
    };
    let files = stack.sources.first().map(|place| digests.digested(*place).unwrap_or_default());
    let files = stamped(&files.unwrap_or_default());
    cache.keep_proven(&Proven { sha256: hexadecimal(&sha256), seen: None, raster, files })
}

/// What a comparison came to; the files of the raster as they were.
enum Verdict {
    Sound(Vec<Digested>),
    Fails(Differs),
    TooLarge,
}

/// Compares a sidecar with the digests and every cell of the rasters of a stack.
fn compare(
    stack: &Stacked,
    sought: &Sought,
    (kept, channels): (&Kept, &[usize]),
    with: With,
) -> Result<Verdict, ReadError> {
    let With { digests, budget, progress } = with;
    let mut all = Vec::new();
    for ((place, raster), channel) in stack.sources.iter().zip(&sought.wanted).zip(channels) {
        let files = digests.digested(*place)?;
        let held = kept.facts.channels.get(*channel).map_or(&[][..], |held| &held.files);
        let is_same = |(then, now): (&FileStamp, &Digested)| {
            let FileDigest { name, bytes, sha256 } = &now.digest;
            (&then.name, &then.bytes, &then.sha256) == (name, bytes, sha256)
        };
        if held.len() != files.len() || !held.iter().zip(&files).all(is_same) {
            return Ok(Verdict::Fails(of_other_bytes(held, &files)));
        }
        all.push((files, raster));
    }
    match stack.index.prove(kept, channels, budget, progress)? {
        Proof::Holds => {}
        Proof::Fails(differs) => return Ok(Verdict::Fails(differs)),
        Proof::TooLarge => return Ok(Verdict::TooLarge),
    }
    for (files, raster) in &all {
        unchanged(files, raster)?;
    }
    Ok(Verdict::Sound(all.into_iter().flat_map(|(files, _)| files).collect()))
}

/// A sidecar that tells other digests than the files of its raster have.
fn of_other_bytes(then: &[FileStamp], now: &[Digested]) -> Differs {
    let text = |digests: Vec<&str>| match &digests[..] {
        [] => "no file".to_string(),
        [one] => format!("SHA-256 {one}"),
        [one, others @ ..] => format!("SHA-256 {one} and {} more", others.len()),
    };
    Differs {
        cells: None,
        found: format!(
            "people of other files: {}",
            text(then.iter().map(|it| &*it.sha256).collect())
        ),
        wanted: text(now.iter().map(|it| &*it.digest.sha256).collect()),
    }
}

/// What a sidecar of a raster is, compared with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The file.
    pub path: PathBuf,
    /// Whether it lies beside the raster.
    pub is_beside: bool,
    /// What is wrong with it, if anything.
    pub fault: Option<String>,
}

/// Compares every sidecar of the rasters of a stack, beside them and in the cache, with every cell of theirs.
///
/// # Errors
///
/// If a raster cannot be read, or changes while it is read.
pub fn verify(
    stack: &Stacked,
    sources: &[Source],
    cache: &Cache,
    with: With,
) -> Result<Vec<Verified>, ReadError> {
    let Some(sought) = Sought::new(stack, sources, cache) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    let mut look = |path: PathBuf, candidate: Result<Option<Candidate>, Foreign>, is_beside| {
        let fault = match candidate {
            Ok(None) => return Ok(()),
            Err(unusable) => Some(unusable.found),
            Ok(Some(Candidate { kept, channels })) => {
                match compare(stack, &sought, (&kept, &channels), with)? {
                    Verdict::Sound(files) if is_beside => {
                        let _told_again_next_time = sought.remember(&kept, &files);
                        None
                    }
                    Verdict::Sound(_) => None,
                    Verdict::Fails(differs) => Some(differs.to_string()),
                    Verdict::TooLarge => {
                        Some("one block of the raster takes more memory than may be used".into())
                    }
                }
            }
        };
        all.push(Verified { path, is_beside, fault });
        Ok(())
    };
    if let Some(path) = sought.near() {
        look(path, sought.candidate_beside(), true)?;
    }
    for path in cache.of_grid(&sought.grid) {
        let candidate = sought.candidate(&path);
        look(path, candidate, false)?;
    }
    Ok(all)
}

/// The sidecar files of the rasters of a stack, whether they fit as they are today or not: those of the cache,
/// and before them the one beside the raster, with the columns and rows of that.
#[must_use]
pub fn all_of(
    stack: &Stacked,
    sources: &[Source],
    cache: &Cache,
) -> Vec<(PathBuf, Option<(usize, usize)>)> {
    let Some(sought) = Sought::new(stack, sources, cache) else { return Vec::new() };
    let near = sought.near().filter(|path| is_sidecar(path));
    let near = near.map(|path| (path, Some(sought.size)));
    let is_of_them = |path: &PathBuf| matches!(sought.candidate(path), Ok(Some(_)));
    let cached = cache.of_grid(&sought.grid).into_iter().filter(is_of_them);
    near.into_iter().chain(cached.map(|path| (path, None))).collect()
}

/// Whether comparing a sidecar with its raster takes a moment: 2048 × 2048 cells.
#[must_use]
pub fn is_quickly_proven(stack: &Stacked) -> bool {
    let (cols, rows) = stack.index.size();
    cols.saturating_mul(rows) <= 1 << 22
}

/// The channels of a sidecar of the cache that hold the wanted rasters.
fn channels(facts: &Facts, grid: &str, wanted: &[Wanted]) -> Option<Vec<usize>> {
    if facts.grid != grid {
        return None;
    }
    let channel = |raster: &Wanted| {
        let is_it =
            |held: &ChannelFacts| held.reading == raster.reading && held.path == raster.path;
        facts.channels.iter().position(is_it)
    };
    wanted.iter().map(channel).collect()
}

/// Whether files can be what they were, by their names, lengths and ends.
fn may_be_same(then: &[FileStamp], files: &[PathBuf]) -> bool {
    let may_be = |(then, path): (&FileStamp, &PathBuf)| {
        let now = Stamp::of(path);
        now.is_ok_and(|now| {
            (&now.name, now.bytes, &now.ends) == (&then.name, then.bytes, &then.ends)
        })
    };
    then.len() == files.len() && then.iter().zip(files).all(may_be)
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
        let is_untouched =
            (now.mtime_ns, now.ctime_ns) == (then.mtime_ns, then.ctime_ns) && now.ctime_ns != 0;
        let sha256 = if is_in_place && is_untouched {
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
    /// When anything of it was changed last, which only the file system sets; 0 where that is not told.
    ctime_ns: i64,
    ends: String,
}

#[cfg(unix)]
fn ctime_ns(facts: &std::fs::Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    facts.ctime().saturating_mul(1_000_000_000).saturating_add(facts.ctime_nsec())
}

#[cfg(not(unix))]
const fn ctime_ns(_facts: &std::fs::Metadata) -> i64 {
    0
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
            ctime_ns: ctime_ns(&facts),
            ends: hexadecimal(&hasher.finalize()),
        })
    }
}

/// Where a sidecar goes.
#[derive(Debug, Clone, Copy)]
pub enum Goes<'c> {
    /// Into the cache.
    Cache(&'c Cache),
    /// Beside the raster, which is to be the only one of its stack; this cache is to know it.
    Beside(&'c Cache),
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
        Goes::Beside(cache) => {
            let near = Sought::new(stack, sources, cache).and_then(|sought| sought.near());
            (near.ok_or_else(|| no_place(wanted.first()))?, None)
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
    for (place, raster) in stack.sources.iter().zip(&wanted) {
        unchanged(&digests.digested(*place)?, raster)?;
    }
    Ok(built)
}

/// Refuses a raster whose files are not any more what was digested and read.
fn unchanged(then: &[Digested], raster: &Wanted) -> Result<(), ReadError> {
    let is_same = |(then, path): (&Digested, &PathBuf)| then.stamp == Stamp::of(path).ok();
    if then.iter().zip(raster.files).all(is_same) {
        return Ok(());
    }
    Err(ReadError::unusable_hint(
        raster.path,
        "it changed while it was read",
        "run again when nobody writes to it any more",
    ))
}

/// An index that is to lie beside a part of an archive.
fn no_place(raster: Option<&Wanted>) -> ReadError {
    ReadError::unusable_hint(
        raster.map_or("", |raster| raster.path),
        "it is a part of an archive, beside which no index of it can lie",
        "leave `--beside` away: the index goes into the cache",
    )
}

/// Files that were digested, as a sidecar keeps them.
fn stamped(files: &[Digested]) -> Vec<FileStamp> {
    let of_file = |file: &Digested| {
        let Stamp { name, bytes, mtime_ns, ctime_ns, ends } = file.stamp.clone()?;
        let sha256 = file.digest.sha256.clone();
        Some(FileStamp { name, bytes, mtime_ns, ctime_ns, ends, sha256 })
    };
    files.iter().filter_map(of_file).collect()
}
