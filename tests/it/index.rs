//! The population index against the cells themselves: in memory and from a sidecar, for one source and
//! for several side by side; peaks against a search of every block; and bytes that rotted.

use crate::memory::{Counter, Memory, unit_grid};
use crate::seal::{PAGE, bytes_of, seal, words_of};
use civex::index::{Blocks, Built, Facts, Held, Kept, Lattice, PopulationIndex, Proof, Row, Units};
use civex::intersect::{Coverage, Peaks, Zone, cover};
use civex::measure::{CellSurfaces, Fixed, Frame, Reference};
use civex::model::{Budget, CellState, Grid, Window};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Columns and rows of the rasters here: parts of four tiles across.
const COLS: usize = 800;
const ROWS: usize = 9;

/// States of a raster from a seed: runs of one kind, so that tiles are uniform, full or mixed.
fn states(seed: u64, kinds: u64) -> Vec<CellState> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut cells = Vec::with_capacity(COLS * ROWS);
    while cells.len() < COLS * ROWS {
        let (kind, length) = (next() % kinds, 1 + next() % 300);
        for _ in 0..length {
            cells.push(match kind {
                0 => CellState::Nodata,
                1 if next() % 3 > 0 => CellState::Nodata,
                1 | 2 => CellState::People((next() % 10_000) as f64 / 8.0),
                3 => CellState::People(0.0),
                4 => CellState::Unknown,
                _ => CellState::Faulty(-((next() % 3) as f64) - 1.0),
            });
        }
    }
    cells.truncate(COLS * ROWS);
    cells
}

fn raster(seed: u64, kinds: u64, height: usize) -> Memory {
    Memory { cols: COLS, states: states(seed, kinds), units: Units { width: 512, height } }
}

fn index<'m>(grid: &Grid, rasters: &'m [Memory]) -> PopulationIndex<'m> {
    let channels = rasters.iter().map(|raster| raster as &dyn Blocks).collect();
    PopulationIndex::new(grid, channels, Budget::UNLIMITED.into())
}

/// Builds the sidecar of an index at a path, and saves it.
fn build(index: &mut PopulationIndex, path: &Path) {
    let facts = |people: &[f64]| {
        let channel = |people: &f64| civex::index::ChannelFacts {
            path: "memory".into(),
            reading: String::new(),
            files: Vec::new(),
            people: *people,
        };
        let channels = people.iter().map(channel).collect();
        serde_json::to_vec(&Facts { civex: String::new(), grid: String::new(), channels }).unwrap()
    };
    match index.build((path, None), &facts, Budget::UNLIMITED, &|_| ()).unwrap() {
        Built::Made(saving) => drop(saving.save().unwrap()),
        other => panic!("{other:?}"),
    }
}

const WHOLE: Window = Window { cols: (0, COLS), rows: (0, ROWS) };

/// Steps, nodata, unknown and faulty cells, the smallest of these.
type Told = (i128, usize, usize, u64, f64);

/// What a span of one raster holds, cell by cell.
fn naive(raster: &Memory, row: usize, first: usize, last: usize) -> Told {
    let mut sum = (0, 0, 0, 0, f64::INFINITY);
    for state in &raster.states[row * COLS + first..row * COLS + last] {
        match *state {
            CellState::People(people) => {
                sum.0 += i128::from(Fixed::from_people(people).unwrap().0);
            }
            CellState::Nodata => sum.1 += 1,
            CellState::Unknown => sum.2 += 1,
            CellState::Faulty(value) => {
                sum.3 += 1;
                sum.4 = sum.4.min(value);
            }
        }
    }
    sum
}

fn told(held: &Held, channel: usize) -> Told {
    let faulty = held.faulty().iter().find(|(of, ..)| *of == channel);
    let (cells, smallest) =
        faulty.map_or((0, f64::INFINITY), |(_, values)| (values.cells, values.smallest));
    (held.steps[channel], held.nodata(channel), held.unknown(channel), cells, smallest)
}

/// Asks a row for a span, and for its first cell and its populated ones.
fn check_span(view: &mut Row, rasters: &[Memory], (row, first, last): (usize, usize, usize)) {
    let mut held = Held::default();
    view.span(first, last, &mut held).unwrap();
    for (channel, raster) in rasters.iter().enumerate() {
        let wanted = naive(raster, row, first, last);
        assert_eq!(told(&held, channel), wanted, "row {row}, {first}..{last}, channel {channel}");
        let mut found = (0, first);
        view.populated((first, last), channel, |col, steps| {
            assert!(col >= found.1 && col < last && steps > 0);
            found = (found.0 + i128::from(steps), col + 1);
        })
        .unwrap();
        assert_eq!(found.0, wanted.0);
    }
    view.cell(first, &mut held).unwrap();
    for (channel, raster) in rasters.iter().enumerate() {
        let wanted = naive(raster, row, first, first + 1);
        assert_eq!(told(&held, channel), wanted, "row {row}, column {first}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_index_holds_what_the_cells_hold_in_memory_and_in_a_sidecar(
        seed in 1_u64..1_000_000,
        sources in 1_usize..4,
        alike in any::<bool>(),
        kinds in 1_u64..7,
        height in 1_usize..6,
        spans in prop::collection::vec((0..ROWS, 0..COLS, 1..COLS), 30),
    ) {
        let of = |place: u64| raster(if alike { seed } else { seed + place }, kinds, height);
        let rasters: Vec<Memory> = (0..sources as u64).map(of).collect();
        let grid = unit_grid(COLS, ROWS, -1.0, "EPSG:3035");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.civexpop");
        let mut built = index(&grid, &rasters);
        build(&mut built, &path);
        let mut opened = index(&grid, &rasters[..1]);
        let last = sources - 1;
        prop_assert!(opened.attach(Kept::open(&path).unwrap().unwrap(), vec![last]));
        let in_memory = index(&grid, &rasters);
        prop_assert!(built.has_sidecar() && opened.has_sidecar() && !in_memory.has_sidecar());
        for (row, first, length) in spans {
            let span = (row, first, (first + length).min(COLS));
            for index in [&built, &in_memory] {
                let view = index.view(WHOLE).unwrap();
                check_span(&mut view.row(row).unwrap(), &rasters, span);
            }
            // One of several channels, by itself.
            let view = opened.view(WHOLE).unwrap();
            check_span(&mut view.row(row).unwrap(), &rasters[last..], span);
        }
        prop_assert_eq!(built.cells_read(), 0);
    }
}

#[test]
fn sums_that_fixed_point_cannot_hold_across_a_row_are_right_without_bases() {
    // Three tiles of the largest cells: together more than 2⁶³ steps, each by itself less.
    let mut states = vec![CellState::Nodata; COLS * ROWS];
    for col in [0, 300, 700] {
        states[col] = CellState::People(3e10);
    }
    let rasters = [Memory { cols: COLS, states, units: Units { width: 256, height: 4 } }];
    let grid = unit_grid(COLS, ROWS, -1.0, "EPSG:3035");
    let folder = tempfile::tempdir().unwrap();
    let mut built = index(&grid, &rasters);
    build(&mut built, &folder.path().join("large"));
    let view = built.view(WHOLE).unwrap();
    check_span(&mut view.row(0).unwrap(), &rasters, (0, 0, COLS));
    check_span(&mut view.row(1).unwrap(), &rasters, (1, 5, COLS));
}

/// Everything that an index tells of all cells, or that it noticed what is wrong.
fn all_of(index: &PopulationIndex) -> Option<Vec<Told>> {
    let view = index.view(WHOLE).ok()?;
    let mut held = Held::default();
    let mut all = Vec::new();
    for row in 0..ROWS {
        let mut of_row = view.row(row).ok()?;
        for (first, last) in [(0, COLS), (3, 700), (255, 513), (300, 301), (511, 800)] {
            of_row.span(first, last, &mut held).ok()?;
            all.push(told(&held, 0));
        }
    }
    Some(all)
}

#[test]
fn any_byte_that_rots_is_noticed_or_harmless() {
    let rasters = [raster(7, 6, 4)];
    let grid = unit_grid(COLS, ROWS, -1.0, "EPSG:3035");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.civexpop");
    build(&mut index(&grid, &rasters), &path);
    let sound = fs::read(&path).unwrap();
    let wanted = all_of(&index(&grid, &rasters)).unwrap();
    let rotten = folder.path().join("rotten.civexpop");
    let (mut noticed, mut harmless) = (0, 0);
    // The blank rest of the first page in steps; all else byte by byte.
    for at in (0..512).chain((512..4096).step_by(97)).chain(4096..sound.len()) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        // A map of a file that is in use must not see it change.
        let _gone = fs::remove_file(&rotten);
        fs::write(&rotten, bytes).unwrap();
        let mut index = index(&grid, &rasters);
        let opened = Kept::open(&rotten).ok().flatten();
        let is_taken = opened.is_some_and(|kept| index.attach(kept, vec![0]));
        match is_taken.then(|| all_of(&index)).flatten() {
            None => noticed += 1,
            Some(found) => {
                assert_eq!(found, wanted, "byte {at}");
                harmless += 1;
            }
        }
    }
    assert!(noticed > 50 * harmless, "{noticed} noticed, {harmless} harmless");
    for length in [0, 7, 8, 4095, 4096, sound.len() / 2, sound.len() - 8, sound.len() - 1] {
        let _gone = fs::remove_file(&rotten);
        fs::write(&rotten, &sound[..length]).unwrap();
        assert!(Kept::open(&rotten).is_err(), "{length} bytes");
    }
}

#[test]
fn an_index_that_is_distrusted_reads_the_raster() {
    let rasters = [raster(11, 5, 4)];
    let grid = unit_grid(COLS, ROWS, -1.0, "EPSG:3035");
    let folder = tempfile::tempdir().unwrap();
    let mut built = index(&grid, &rasters);
    build(&mut built, &folder.path().join("index"));
    let from_sidecar = all_of(&built);
    assert_eq!(built.distrusted(), None);
    built.distrust();
    assert_eq!(all_of(&built), from_sidecar);
    assert!(built.cells_read() > 0 && built.distrusted().is_some());
}

/// Compares a sidecar with rasters, of which each is one of its channels; `None` if it is no sidecar.
fn proof(index: &PopulationIndex, path: &Path, channels: &[usize]) -> Option<Proof> {
    let kept = Kept::open_beside(path, index.size()).ok().flatten()?;
    Some(index.prove(&kept, channels, Budget::UNLIMITED, &|_| ()).unwrap())
}

/// Small rasters of which one has faulty cells, on a grid of which sums of blocks are kept.
fn forgeable() -> (Vec<Memory>, Grid) {
    let second = 1.0 / 3600.0;
    let frame =
        Frame { origin: [20.0, 50.0], size: [5.0 * second, -5.0 * second], cells: [COLS, ROWS] };
    let grid = Grid { frame, reference: Reference::wgs84().unwrap() };
    (vec![raster(3, 6, 4), raster(4, 4, 4), raster(3, 6, 4)], grid)
}

#[test]
fn an_index_holds_what_its_rasters_hold_all_of_them_or_some() {
    let (rasters, grid) = forgeable();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.civexpop");
    build(&mut index(&grid, &rasters), &path);
    let holds = |of: &[Memory], channels: &[usize]| {
        proof(&index(&grid, of), &path, channels) == Some(Proof::Holds)
    };
    assert!(holds(&rasters, &[0, 1, 2]) && holds(&rasters, &[2, 1, 0]));
    assert!(
        holds(&rasters[..1], &[0]) && holds(&rasters[1..2], &[1]) && holds(&rasters[..1], &[2])
    );
    assert!(!holds(&rasters[..1], &[1]) && !holds(&rasters[..1], &[3]));
    // One cell that holds one person more, and one that tells none.
    for state in [CellState::People(1e6), CellState::Unknown, CellState::Faulty(-7.0)] {
        let mut other = rasters[1].clone();
        let cell = other.states.iter().rposition(|state| matches!(state, CellState::People(_)));
        other.states[cell.unwrap()] = state;
        assert!(!holds(&[other], &[1]), "{state:?}");
    }
}

#[test]
fn no_number_of_an_index_can_be_forged() {
    let (rasters, grid) = forgeable();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.civexpop");
    let changed = folder.path().join("changed.civexpop");
    for (of, channels) in [(&rasters[..1], &[0][..]), (&rasters[1..2], &[1])] {
        // Of a raster alone, and of one among three.
        let all = if channels == [0] { &rasters[..1] } else { &rasters };
        build(&mut index(&grid, all), &path);
        let honest = words_of(&fs::read(&path).unwrap());
        let wanted = all_of(&index(&grid, of)).unwrap();
        let facts = honest[9] as usize;
        let (mut refused, mut harmless) = (0, 0);
        // Every third word, and fewer of the larger file.
        let step = if channels == [0] { 3 } else { 17 };
        for at in (0..12).chain((PAGE..facts).step_by(step)) {
            let change = [1, 1 << 32, u64::MAX][at / 5 % 3];
            let mut words = honest.clone();
            words[at] = words[at].wrapping_add(change);
            seal(&mut words);
            let _gone = fs::remove_file(&changed);
            fs::write(&changed, bytes_of(&words)).unwrap();
            let mut index = index(&grid, of);
            if proof(&index, &changed, channels) == Some(Proof::Holds) {
                // Numbers of other channels, bits that nothing reads, a checksum that was made right again.
                let kept = Kept::open_beside(&changed, index.size()).unwrap().unwrap();
                assert!(index.attach(kept, channels.to_vec()));
                assert_eq!(all_of(&index).as_ref(), Some(&wanted), "word {at} + {change}");
                harmless += usize::from(words != honest);
            } else {
                refused += 1;
            }
        }
        assert!(refused > 100, "{refused}");
        if channels == [0] {
            assert!(harmless < refused / 10, "{harmless} harmless, {refused} refused");
        }
    }
}

#[test]
fn an_index_of_other_people_in_all_is_noticed() {
    let (rasters, grid) = forgeable();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.civexpop");
    build(&mut index(&grid, &rasters[..1]), &path);
    let mut words = words_of(&fs::read(&path).unwrap());
    let (at, bytes) = (words[9] as usize, words[10] as usize);
    let facts = bytes_of(&words[at..]);
    let mut facts: Facts = serde_json::from_slice(&facts[..bytes]).unwrap();
    facts.channels[0].people += 1.0;
    let mut text = serde_json::to_vec(&facts).unwrap();
    words[10] = text.len() as u64;
    text.resize(text.len().next_multiple_of(8), b' ');
    words.truncate(at);
    words.extend(words_of(&text));
    words[2] = 8 * words.len() as u64;
    seal(&mut words);
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes_of(&words)).unwrap();
    match proof(&index(&grid, &rasters[..1]), &path, &[0]) {
        Some(Proof::Fails(differs)) => {
            assert!(differs.found.contains("people in all"), "{differs}");
        }
        other => panic!("{other:?}"),
    }
}

/// The peak by looking at every cell of a coverage.
fn naive_peak(
    coverage: &Coverage,
    raster: &Memory,
    lattice: &Lattice,
    surfaces: &CellSurfaces,
) -> f64 {
    let mut blocks = std::collections::BTreeMap::<[usize; 2], f64>::new();
    let mut add = |row: usize, col: usize, fraction: f64| {
        if let CellState::People(people) = raster.states[row * raster.cols + col] {
            *blocks.entry(lattice.block([row, col])).or_default() += people * fraction;
        }
    };
    for cell in &coverage.cells {
        add(cell.row as usize, cell.col as usize, cell.fraction);
    }
    for span in &coverage.spans {
        (span.first..span.last).for_each(|col| add(span.row as usize, col as usize, 1.0));
    }
    let size = (raster.cols, raster.rows());
    let densities = blocks.iter().map(|(block, sum)| sum / lattice.km2(*block, surfaces, size));
    densities.fold(0.0, f64::max)
}

/// A star about the middle of a grid, in its plane.
fn star(grid: &Grid, radii: &[f64]) -> MultiPolygon<f64> {
    let Frame { cells, .. } = grid.frame;
    let corner = |(place, radius): (usize, &f64)| {
        let angle = std::f64::consts::TAU * place as f64 / radii.len() as f64;
        let at = [0.5 + radius * angle.cos() / 2.0, 0.5 + radius * angle.sin() / 2.0];
        let [x, y] = grid.to_plane([at[0] * cells[0] as f64, at[1] * cells[1] as f64]);
        Coord { x, y }
    };
    let ring: LineString<f64> = radii.iter().enumerate().map(corner).collect();
    MultiPolygon(vec![Polygon::new(ring, vec![])])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_peak_is_that_of_a_search_through_every_block(
        seed in 1_u64..1_000_000,
        kinds in 2_u64..5,
        radii in prop::collection::vec(0.1_f64..1.0, 3..12),
        place in 0_usize..5,
    ) {
        let second = 1.0 / 3600.0;
        let (system, origin, size) = [
            ("EPSG:4326", [20.0 + 7.3 * second, 50.0], [3.0 * second, -3.0 * second]),
            ("EPSG:4326", [-60.0, -20.0], [10.0 * second, 10.0 * second]),
            ("EPSG:4326", [20.0, 50.0], [30.0 * second, -30.0 * second]),
            ("EPSG:4326", [20.0, 50.0], [41.0 * second, -37.0 * second]),
            ("EPSG:32627", [500_000.0, 7_100_000.0], [300.0, -300.0]),
        ][place];
        // Ten rows for each row of the states.
        let states = states(seed, kinds);
        let tall: Vec<CellState> = states.chunks(COLS).flat_map(|row| row.repeat(10)).collect();
        let raster = Memory { cols: COLS, states: tall, units: Units { width: 256, height: 64 } };
        let frame = Frame { origin, size, cells: [COLS, raster.rows()] };
        let grid = Grid { frame, reference: Reference::from_definition(system).unwrap() };
        let surfaces = CellSurfaces::of(frame, &grid.reference).unwrap();
        let area = star(&grid, &radii);
        let zone = Zone::new(&area, &grid);
        let coverage = cover(&zone);
        let wanted = naive_peak(&coverage, &raster, &Lattice::of(&grid), &surfaces);
        let rasters = [raster];
        let folder = tempfile::tempdir().unwrap();
        let mut built = index(&grid, &rasters);
        build(&mut built, &folder.path().join("index"));
        for index in [&built, &index(&grid, &rasters)] {
            let view = &index.view(zone.window()).unwrap();
            let found = Peaks { view, channel: 0, surfaces: &surfaces }.density_km2(&coverage).unwrap();
            prop_assert!((found - wanted).abs() <= 1e-7 * wanted + 1e-6, "{found} is not {wanted}");
        }
    }
}

#[test]
fn a_peak_is_the_densest_block_and_not_the_mean() {
    // 30″ cells: a block is a cell. At the equator it has 0.855 km².
    let second = 1.0 / 3600.0;
    let frame = Frame { origin: [0.0, 0.0], size: [30.0 * second; 2], cells: [3, 3] };
    let grid = Grid { frame, reference: Reference::wgs84().unwrap() };
    let memory = Memory::of_people(3, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]);
    let counter = Counter::new(grid.clone(), &memory);
    let whole = star(&grid, &[2.0, 2.0, 2.0, 2.0]);
    assert!((counter.peak_km2(&whole) - 256.0 / 0.854_78).abs() < 0.1);
    // Half of the densest cell holds fewer than the whole of another.
    let half = MultiPolygon(vec![Polygon::new(
        LineString::from(vec![
            (30.0 * second, 60.0 * second),
            (75.0 * second, 60.0 * second),
            (75.0 * second, 90.0 * second),
            (30.0 * second, 90.0 * second),
        ]),
        vec![],
    )]);
    assert!((counter.peak_km2(&half) - 128.0 / 0.854_78).abs() < 0.1);
}
