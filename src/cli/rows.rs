//! Where the rows of an assessment go: files, standard output, a table.
//!
//! Each row is written by the worker that made it; here the bytes are put one behind the other. Files get
//! their names when all of a run is there. Standard output gets its first bytes when there are more than
//! it may keep waiting, or at the end: a stream that fails midway ends with status 2.

use super::files::{All, Writing};
use super::outputs::Output;
use super::stdout_failed;
use civex::assess::{Member, RollUps};
use civex::error::{Error, Notice, Result, Tally, WriteError, counted};
use civex::model::columns::Layout;
use civex::model::{AssessedArea, Assessment, Band, Count, Provenance, Sites};
use civex::write::formats::{Format, Layer, Spool};
use civex::write::gaps::{self, Request};
use civex::write::sites::{OfArea, Register, of_area};
use civex::write::table::{sites_once, table};
use civex::write::{Complete, Part, folder_of, geojson};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek, Write};

/// Standard output waits for so many bytes.
const WAITS: usize = 1 << 20;

/// A table for people shows so many areas.
const MOST_SHOWN: usize = 2000;

/// Makes of rows what is taken of them, on any thread.
pub(super) struct Maker {
    rows: geojson::Rows,
    /// Whether any output is a text of rows; else they become a table.
    is_text: bool,
    beside: Beside,
    is_buffered: bool,
    /// The band that a script must hear of.
    limit: Option<Band>,
}

/// Which layers are written beside the rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    pub(super) sites: bool,
    pub(super) gaps: bool,
    pub(super) options: bool,
    pub(super) styles: Styles,
}

/// Whether styles are written beside GeoJSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Styles {
    /// They are not.
    #[default]
    No,
    /// For QGIS and others.
    Beside,
}

/// What is taken of some rows that follow each other.
#[derive(Default)]
pub(super) struct Made {
    /// Features, one after another.
    text: Vec<u8>,
    /// Without what no table shows.
    rows: Vec<AssessedArea>,
    touched: Vec<OfArea>,
    requests: Vec<Request>,
    /// What is taken together by option.
    members: Vec<Member>,
    /// The sites that they touch, where no file is written.
    once: BTreeSet<usize>,
    seen: Seen,
}

/// What a script must see of all rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Some area has no usable polygon.
    pub(super) faulty: bool,
    /// The high band of some area is the limit or above, or not known.
    pub(super) reached: bool,
}

impl Maker {
    pub(super) fn new(
        (layout, is_buffered): (&Layout, bool),
        is_text: bool,
        beside: Beside,
        limit: Option<Band>,
    ) -> Self {
        Self { rows: geojson::Rows::new(layout), is_text, beside, is_buffered, limit }
    }

    pub(super) fn make(&self, rows: Vec<AssessedArea>) -> Made {
        let mut made = Made::default();
        for row in rows {
            made.seen.faulty |= row.status.is_without_polygon();
            made.seen.reached |=
                self.limit.is_some_and(|limit| row.score.bands[2].is_none_or(|band| band >= limit));
            if self.beside.sites {
                made.touched.extend(of_area(&row));
            }
            if self.beside.gaps {
                made.requests.extend(gaps::of_row(&row));
            }
            if self.beside.options {
                made.members.push(Member::of(&row, self.is_buffered));
            }
            if self.is_text {
                if !made.text.is_empty() {
                    made.text.extend_from_slice(geojson::BETWEEN);
                }
                self.rows.append(&mut made.text, &row);
            } else {
                made.once.extend(row.sites.iter().flat_map(|sites| &sites.touched));
                made.rows.push(shown(row));
            }
        }
        made
    }
}

/// A row without what no table shows, which would take most of the memory.
fn shown(mut row: AssessedArea) -> AssessedArea {
    row.area.properties.clear();
    row.area.shape = civex::model::Shape::default();
    row.footprint = None;
    row
}

/// Takes rows in their order.
pub(super) struct Rows<'a> {
    files: Vec<(Part, Format)>,
    /// What is written when all rows are there.
    later: Vec<Output>,
    /// All rows, for those.
    spool: Option<Spool>,
    stream: Option<Stream<'a>>,
    out: Table<'a>,
    touched: Option<Register<'a>>,
    /// The gaps, if they are written.
    requests: Option<Vec<Request>>,
    /// What is taken together by option; none unless it is asked.
    pub(super) members: Vec<Member>,
    /// Courses of action and their phases, if they are written.
    pub(super) options: Option<RollUps>,
    /// Whether some text of rows is written.
    has_begun: bool,
    pub(super) seen: Seen,
}

/// The table that is shown where nothing else is written.
struct Table<'a> {
    layout: Layout,
    rows: Vec<AssessedArea>,
    /// How many rows are left out.
    more: usize,
    /// The sites in all of them, by place.
    once: BTreeSet<usize>,
    sites: Option<(&'a Sites, f64)>,
    out: Option<&'a mut dyn Write>,
}

/// Standard output.
struct Stream<'a> {
    out: &'a mut dyn Write,
    waiting: Vec<u8>,
    /// Keeps all of it until it is known whether anything may be written.
    spool: Option<File>,
    /// Whether rows are one a line, and nothing else.
    is_lines: bool,
}

impl<'a> Rows<'a> {
    /// Begins every output. With `waits` nothing reaches standard output before [`Rows::end`].
    pub(super) fn begin(
        outputs: &[Output],
        (layout, sites): (&Layout, Option<(&'a Sites, f64)>),
        (touched, requests): (Option<Register<'a>>, Option<Vec<Request>>),
        waits: bool,
        out: &'a mut dyn Write,
    ) -> Result<Self> {
        let mut files = Vec::new();
        for Output { path, format } in outputs.iter().filter(|output| !output.is_stream()) {
            let mut file = Part::begin(path)?;
            if !format.is_streamed() {
                // That it can be written is known before any work is done.
                continue;
            }
            if *format == Format::GeoJson {
                file.write(|file| file.write_all(geojson::BEFORE))?;
            }
            files.push((file, *format));
        }
        let later = outputs.iter().filter(|output| !output.format.is_streamed());
        let later: Vec<Output> = later.cloned().collect();
        let spool = (!later.is_empty()).then(Spool::new).transpose().map_err(no_room)?;
        let (layout, rows, once) = (layout.clone(), Vec::new(), BTreeSet::new());
        let mut table = Table { layout, rows, more: 0, once, sites, out: None };
        let mut stream = None;
        if let Some(output) = outputs.iter().find(|output| output.is_stream()) {
            let spool = waits.then(civex::write::nameless).transpose().map_err(stdout_failed)?;
            let is_lines = output.format == Format::Lines;
            let before = if is_lines { b"" } else { geojson::BEFORE };
            stream = Some(Stream { out, waiting: before.to_vec(), spool, is_lines });
        } else if outputs.is_empty() {
            table.out = Some(out);
        }
        Ok(Self {
            files,
            later,
            spool,
            stream,
            out: table,
            touched,
            requests,
            members: Vec::new(),
            options: None,
            has_begun: false,
            seen: Seen::default(),
        })
    }

    /// Takes the next rows.
    pub(super) fn take(&mut self, made: Made) -> Result<()> {
        let Made { text, rows, touched, requests, members, once, seen } = made;
        self.members.extend(members);
        if let Some(all) = &mut self.requests {
            all.extend(requests);
        }
        self.out.once.extend(once);
        self.seen.faulty |= seen.faulty;
        self.seen.reached |= seen.reached;
        let room = MOST_SHOWN - self.out.rows.len();
        self.out.more += rows.len().saturating_sub(room);
        self.out.rows.extend(rows.into_iter().take(room));
        if let Some(all) = &mut self.touched {
            for of_area in touched {
                all.add(of_area);
            }
        }
        if !text.is_empty() {
            let is_first = !std::mem::replace(&mut self.has_begun, true);
            self.write(&text, is_first)?;
        }
        Ok(())
    }

    fn write(&mut self, text: &[u8], is_first: bool) -> Result<()> {
        let between = if is_first { b"" } else { geojson::BETWEEN };
        let is_lines = |format: Format| format == Format::Lines;
        let wants_lines = self.spool.is_some()
            || self.files.iter().any(|(_, format)| is_lines(*format))
            || self.stream.as_ref().is_some_and(|stream| stream.is_lines);
        let lines = if wants_lines { lines(text) } else { Vec::new() };
        for (file, format) in &mut self.files {
            let texts = if is_lines(*format) { [&lines[..], b""] } else { [between, text] };
            file.write(|file| texts.iter().try_for_each(|text| file.write_all(text)))?;
        }
        if let Some(spool) = &mut self.spool {
            spool.write(&lines).map_err(no_room)?;
        }
        if let Some(stream) = &mut self.stream {
            let texts = if stream.is_lines { [&lines[..], b""] } else { [between, text] };
            texts.iter().try_for_each(|text| stream.write(text)).map_err(stdout_failed)?;
        }
        Ok(())
    }

    /// Ends every output; gives the files, which are complete and have no names yet.
    pub(super) fn end(
        self,
        provenance: &Provenance,
        notices: &Tally<Notice>,
        writing: Writing<'_>,
    ) -> Result<Vec<Complete>> {
        let Self { files, later, spool, stream, out, touched, requests, options, .. } = self;
        let layout = Layout { rings_m: Vec::new(), ..out.layout.clone() };
        let options =
            options.map(|options| as_assessment(options, layout, notices.kept().to_vec()));
        let all = All {
            provenance,
            notices,
            layout: &out.layout,
            sites: out.sites.map(|(sites, _)| sites),
            touched: touched.as_ref(),
            requests: requests.as_deref(),
            options: options.as_ref(),
            writing,
        };
        let (mut complete, mut beside) = (Vec::new(), BTreeSet::new());
        for (mut file, format) in files {
            let path = file.path().to_path_buf();
            if format == Format::GeoJson {
                let folder = Some(folder_of(&path));
                file.write(|file| geojson::end(provenance, notices, folder, file))?;
            }
            complete.push(file.complete()?);
            complete.extend(all.beside(&path, format, &mut beside)?);
        }
        if let Some(spool) = spool {
            let rows = spool.end().map_err(no_room)?;
            let areas = Layer::areas("areas", all.layout, &rows).map_err(no_room)?;
            for Output { path, format } in &later {
                complete.push(all.output(path, *format, &areas)?);
                complete.extend(all.beside(path, *format, &mut beside)?);
            }
        }
        if let Some(stream) = stream {
            stream.end(provenance, notices).map_err(stdout_failed)?;
        }
        out.show().map_err(stdout_failed)?;
        Ok(complete)
    }
}

/// Rows one a line, with an end to the last.
fn lines(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len() + 1);
    let mut from = 0;
    // No row has an end of line in it.
    for at in memchr::memmem::find_iter(text, geojson::BETWEEN) {
        lines.extend_from_slice(&text[from..at]);
        lines.push(b'\n');
        from = at + geojson::BETWEEN.len();
    }
    lines.extend_from_slice(&text[from..]);
    lines.push(b'\n');
    lines
}

/// There is no place for what is kept for a while.
fn no_room(source: io::Error) -> Error {
    let path = std::env::temp_dir().display().to_string();
    WriteError::Io { path, source }.into()
}

impl Table<'_> {
    fn show(self) -> io::Result<()> {
        let Self { layout, rows, more, once, sites, out: Some(out) } = self else {
            return Ok(());
        };
        let several = rows.len() > 1;
        let shown = Assessment { rows, layout, notices: Vec::new(), problems: Vec::new() };
        out.write_all(table(&shown).as_bytes())?;
        if more > 0 {
            let more = counted(more as u64, "more area");
            writeln!(out, "{more} are not shown: `-o areas.csv` writes all of them")?;
        }
        match sites.filter(|_| several) {
            Some((sites, best)) => {
                let counts = in_all(&shown.rows, sites.tiers(&once, best));
                out.write_all(sites_once(counts).as_bytes())
            }
            None => Ok(()),
        }
    }
}

/// Sites of all rows by tier, with what is not known of them.
fn in_all(rows: &[AssessedArea], tiers: [u64; 4]) -> [Count; 4] {
    std::array::from_fn(|tier| {
        let of_rows = || rows.iter().filter_map(|row| Some(row.sites.as_ref()?.tiers[tier]));
        let is_known = tiers[tier] > 0 || of_rows().any(|count| count.found.is_some());
        let is_least = of_rows().any(|count| count.is_least);
        Count { found: is_known.then_some(tiers[tier]), is_least }
    })
}

impl Stream<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(text);
        if self.waiting.len() > WAITS {
            match &mut self.spool {
                Some(spool) => spool.write_all(&self.waiting)?,
                None => self.out.write_all(&self.waiting)?,
            }
            self.waiting.clear();
        }
        Ok(())
    }

    fn end(mut self, provenance: &Provenance, notices: &Tally<Notice>) -> io::Result<()> {
        if !self.is_lines {
            geojson::end(provenance, notices, None, &mut self.waiting)?;
        }
        if let Some(spool) = &mut self.spool {
            spool.rewind()?;
            io::copy(spool, self.out)?;
        }
        self.out.write_all(&self.waiting)?;
        self.out.flush()
    }
}

/// Phases and, behind its phases, each course of action, as rows.
fn as_assessment(options: RollUps, layout: Layout, notices: Vec<Notice>) -> Assessment {
    let rows = options
        .coas
        .into_iter()
        .flat_map(|coa| coa.phases.into_iter().map(|phase| phase.row).chain([coa.whole.row]));
    Assessment { rows: rows.collect(), layout, notices, problems: Vec::new() }
}
