//! A population index of which words were changed and every checksum made right again, as whoever writes
//! one can: opened, compared with its rasters, and asked for cells, spans, blocks and peaks. The same for numbers
//! that the cache keeps.
//!
//! Nothing panics, hangs or takes memory that the file does not have; and an index that holds what its rasters
//! hold tells what they tell.

#![no_main]

use civex::error::ReadError;
use civex::index::{
    Blocks, Built, Cache, Cells, ChannelFacts, Facts, Held, Kept, PopulationIndex, Proof, Reader,
    Units, View,
};
use civex::intersect::{Peaks, Zone, cover};
use civex::measure::{CellSurfaces, Frame, Reference};
use civex::model::{Budget, CellState, Grid, Window};
use geo::{MultiPolygon, polygon};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::PathBuf;

#[path = "../../tests/it/seal.rs"]
mod seal;

/// Columns and rows of the rasters: three tiles across and down.
const COLS: usize = 600;
const ROWS: usize = 10;
const WHOLE: Window = Window { cols: (0, COLS), rows: (0, ROWS) };
const KEY: [u8; 32] = [7; 32];

/// A raster whose cells follow from a number.
#[derive(Clone, Copy)]
struct Raster(usize);

impl Blocks for Raster {
    fn size(&self) -> (usize, usize) {
        (COLS, ROWS)
    }

    fn units(&self) -> Units {
        Units { width: 512, height: 4 }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(*self))
    }
}

impl Reader for Raster {
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        for row in window.rows.0..window.rows.1 {
            for col in window.cols.0..window.cols.1 {
                cells.push(match (row * 7 + col + self.0) % 23 {
                    0..3 if row > 3 => CellState::People((1 + col % 5) as f64),
                    3 => CellState::Unknown,
                    4 if col < 20 => CellState::Faulty(-2.0),
                    5..12 => CellState::People(0.0),
                    _ => CellState::Nodata,
                });
            }
        }
        Ok(())
    }
}

/// What every run begins with.
struct Base {
    grid: Grid,
    surfaces: CellSurfaces,
    rasters: Vec<Raster>,
    words: Vec<u64>,
}

/// A folder of this process alone.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("civex-fuzz-index-{}", std::process::id()));
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    builder.create(&folder).expect("a folder can be made");
    folder
}

/// An index of one raster in degrees, and one of two side by side on a plane.
fn bases() -> &'static [Base] {
    thread_local! {
        static BASES: &'static [Base] = made();
    }
    return BASES.with(|bases| *bases);

    fn made() -> &'static [Base] {
        let base = |(system, origin, size, rasters): (&str, [f64; 2], f64, Vec<Raster>)| {
            let frame = Frame { origin, size: [size, -size], cells: [COLS, ROWS] };
            let reference = Reference::from_definition(system).expect("PROJ has its database");
            let surfaces = CellSurfaces::of(frame, &reference).expect("PROJ knows the way");
            let grid = Grid { frame, reference };
            let words = built(&grid, &rasters);
            Base { grid, surfaces, rasters, words }
        };
        let degrees = ("EPSG:4326", [20.0, 50.0], 5.0 / 3600.0, vec![Raster(0)]);
        let plane = ("EPSG:3035", [4e6, 3e6], 1000.0, vec![Raster(1), Raster(5)]);
        Box::leak(Box::new([degrees, plane].map(base)))
    }
}

fn index<'r>(grid: &Grid, rasters: &'r [Raster]) -> PopulationIndex<'r> {
    let channels = rasters.iter().map(|raster| raster as &dyn Blocks).collect();
    PopulationIndex::new(grid, channels, Budget { bytes: 1 << 28 }.into())
}

/// The words of an honest index.
fn built(grid: &Grid, rasters: &[Raster]) -> Vec<u64> {
    let path = folder().join("honest.civexpop");
    let facts = |people: &[f64]| {
        let channel = |people: &f64| ChannelFacts {
            path: "r".into(),
            reading: String::new(),
            files: Vec::new(),
            people: *people,
        };
        let channels = people.iter().map(channel).collect();
        let facts = Facts { civex: String::new(), grid: String::new(), channels };
        serde_json::to_vec(&facts).expect("facts are plain")
    };
    let mut index = index(grid, rasters);
    match index.build((&path, None), &facts, Budget { bytes: 1 << 28 }, &|_| ()) {
        Ok(Built::Made(saving)) => drop(saving.save().expect("the folder can be written")),
        other => panic!("{other:?}"),
    }
    seal::words_of(&fs::read(&path).expect("it was written"))
}

/// Changes words as the input tells, eleven bytes each.
fn change(words: &mut Vec<u64>, edits: &[u8]) {
    for edit in edits.as_chunks::<11>().0 {
        let [kind, low, high, value @ ..] = *edit;
        // The blank rest of the page is left out.
        let place = usize::from(low) | usize::from(high) << 8;
        let place = if place < 12 { place } else { (place - 12 + seal::PAGE) % words.len().max(1) };
        let value = u64::from_le_bytes(value);
        let Some(word) = words.get_mut(place) else { continue };
        match kind % 8 {
            0 => *word = value,
            1 => *word = word.wrapping_add(value),
            2 => *word ^= value,
            3 => *word = *word >> 32 << 32 | value & 0xffff_ffff,
            4 => *word = *word & 0xffff_ffff | value << 32,
            5 => {
                words.truncate(place.max(seal::PAGE));
                words[2] = 8 * words.len() as u64;
            }
            6 => {
                words.resize(words.len() + (value % 4096) as usize, value);
                words[2] = 8 * words.len() as u64;
            }
            _ => *word = word.rotate_left((value % 64) as u32),
        }
    }
}

/// Everything that a view tells; `None` if it noticed what is wrong.
fn everything(view: &View, base: &Base) -> Option<Vec<(i128, usize, usize, u64)>> {
    let (mut held, mut all) = (Held::default(), Vec::new());
    let channels = 0..view.channels();
    for row in 0..ROWS {
        let mut of_row = view.row(row).ok()?;
        let spans = [(0, COLS), (3, 590), (255, 513), (300, 301), (256, 512), (10, 10)];
        for (first, last) in spans.into_iter().chain((0..COLS).step_by(7).map(|col| (col, col))) {
            if first == last {
                of_row.cell(first, &mut held).ok()?;
            } else {
                of_row.span(first, last, &mut held).ok()?;
            }
            let faulty = held.faulty().iter().map(|(_, values)| values.cells).sum();
            let of = |channel| {
                (held.steps[channel], held.nodata(channel), held.unknown(channel), faulty)
            };
            all.extend(channels.clone().map(of));
        }
        for channel in channels.clone() {
            let mut sum = 0_i128;
            of_row.populated((1, COLS), channel, |_, steps| sum += i128::from(steps)).ok()?;
            all.push((sum, 0, 0, 0));
        }
    }
    for channel in channels {
        for [a, b] in [[0.1, 0.9], [0.3, 0.5]] {
            let corner = |x: f64, y: f64| {
                let [x, y] = base.grid.to_plane([x * COLS as f64, y * ROWS as f64]);
                geo::Coord { x, y }
            };
            let area = polygon![corner(a, a), corner(b, a), corner(b, b), corner(a, b)];
            let coverage = cover(&Zone::new(&MultiPolygon(vec![area]), &base.grid));
            let peak =
                Peaks { view, channel, surfaces: &base.surfaces }.density_km2(&coverage).ok()?;
            all.push((0, 0, 0, peak.to_bits()));
        }
    }
    Some(all)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((variant, edits)) = bytes.split_first() else { return };
    if variant % 8 == 7 {
        return numbers(edits);
    }
    let base = &bases()[usize::from(variant % 2)];
    let mut words = base.words.clone();
    change(&mut words, edits);
    if variant & 64 == 0 {
        seal::seal(&mut words);
    }
    let path = folder().join("changed.civexpop");
    fs::write(&path, seal::bytes_of(&words)).expect("the folder can be written");
    let mut index = index(&base.grid, &base.rasters);
    let channels: Vec<usize> = (0..base.rasters.len()).collect();
    let open = || Kept::open_beside(&path, (COLS, ROWS)).ok().flatten();
    let Some(kept) = open() else { return };
    let _whole = kept.verify();
    let proof = index.prove(&kept, &channels, Budget { bytes: 1 << 28 }, &|_| ());
    if index.attach(kept, channels) {
        let view = index.view(WHOLE).expect("a sidecar reads no raster");
        let told = everything(&view, base);
        if matches!(proof, Ok(Proof::Holds)) {
            index.distrust();
            let view = index.view(WHOLE).expect("the raster is in memory");
            assert_eq!(told, everything(&view, base), "it holds what the raster holds");
        }
    }
    let _gone = fs::remove_file(&path);
});

/// Any bytes as numbers that the cache keeps.
fn numbers(bytes: &[u8]) {
    let cache = Cache::named(folder()).expect("it is this user's");
    let mut file = b"civexd01".to_vec();
    file.extend(KEY);
    file.extend(bytes);
    file.extend(crc32fast::hash(&file).to_le_bytes());
    let name = KEY[..16].iter().fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    let path = cache.folder().join(format!("{name}.civexdep"));
    fs::write(&path, file).expect("the folder can be written");
    for count in [bytes.len().saturating_sub(8) / 8, 0, 3, usize::MAX] {
        if let Ok(Some(numbers)) = cache.numbers(&KEY, count) {
            assert_eq!(numbers.len(), count);
            assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0));
        }
    }
}
