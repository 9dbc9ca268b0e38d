//! Where the rows of an assessment go: files, standard output, a table.
//!
//! Each row is written by the worker that made it; here the bytes are put one behind the other. Files get
//! their names when all of a run is there. Standard output gets its first bytes when there are more than
//! it may keep waiting, or at the end: a stream that fails midway ends with status 2.

use super::stdout_failed;
use civex::assess::{Member, RollUps};
use civex::error::{Notice, Result, Tally};
use civex::model::columns::Layout;
use civex::model::{AssessedArea, Assessment, Band, Provenance, Sites, Status};
use civex::write::gaps::{self, Request};
use civex::write::sites::{OfArea, Register, of_area};
use civex::write::table::{sites_once, table};
use civex::write::{Complete, Part, geojson};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

/// Standard output waits for so many bytes.
const WAITS: usize = 1 << 20;

/// Makes of rows what is taken of them, on any thread.
pub(super) struct Maker {
    rows: geojson::Rows,
    /// Whether any output is a text of rows; else they become a table.
    is_text: bool,
    beside: Beside,
    buffer_m: f64,
    /// The band that a script must hear of.
    limit: Option<Band>,
}

/// Which layers are written beside the rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    pub(super) sites: bool,
    pub(super) gaps: bool,
    pub(super) options: bool,
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
        (layout, buffer_m): (&Layout, f64),
        is_text: bool,
        beside: Beside,
        limit: Option<Band>,
    ) -> Self {
        Self { rows: geojson::Rows::new(layout), is_text, beside, buffer_m, limit }
    }

    pub(super) fn make(&self, rows: Vec<AssessedArea>) -> Made {
        let mut made = Made::default();
        for row in rows {
            made.seen.faulty |= matches!(row.status, Status::Invalid | Status::NoGeometry);
            made.seen.reached |=
                self.limit.is_some_and(|limit| row.score.bands[2].is_none_or(|band| band >= limit));
            if self.beside.sites {
                made.touched.extend(of_area(&row));
            }
            if self.beside.gaps {
                made.requests.extend(gaps::of_row(&row));
            }
            if self.beside.options {
                made.members.push(Member::of(&row, self.buffer_m));
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
    files: Vec<Part>,
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
    /// The sites in them, by place.
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
}

impl<'a> Rows<'a> {
    /// Begins every output. With `waits` nothing reaches standard output before [`Rows::end`].
    pub(super) fn begin(
        outputs: &[PathBuf],
        (layout, sites): (&Layout, Option<(&'a Sites, f64)>),
        (touched, requests): (Option<Register<'a>>, Option<Vec<Request>>),
        waits: bool,
        out: &'a mut dyn Write,
    ) -> Result<Self> {
        let is_stream = |path: &PathBuf| path.as_path() == Path::new("-");
        let files = outputs.iter().filter(|path| !is_stream(path)).map(|path| Part::begin(path));
        let mut files = files.collect::<std::result::Result<Vec<_>, _>>()?;
        for file in &mut files {
            file.write(|file| file.write_all(geojson::BEFORE))?;
        }
        let (layout, rows, once) = (layout.clone(), Vec::new(), BTreeSet::new());
        let mut table = Table { layout, rows, once, sites, out: None };
        let mut stream = None;
        if outputs.iter().any(is_stream) {
            let spool = waits.then(civex::write::nameless).transpose().map_err(stdout_failed)?;
            stream = Some(Stream { out, waiting: geojson::BEFORE.to_vec(), spool });
        } else if outputs.is_empty() {
            table.out = Some(out);
        }
        let seen = Seen::default();
        Ok(Self {
            files,
            stream,
            out: table,
            touched,
            requests,
            members: Vec::new(),
            options: None,
            has_begun: false,
            seen,
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
        self.out.rows.extend(rows);
        if let Some(all) = &mut self.touched {
            for of_area in touched {
                all.add(of_area);
            }
        }
        if !text.is_empty() {
            let between = if self.has_begun { geojson::BETWEEN } else { b"" };
            self.has_begun = true;
            self.write(&[between, &text])?;
        }
        Ok(())
    }

    fn write(&mut self, texts: &[&[u8]]) -> Result<()> {
        for file in &mut self.files {
            file.write(|file| texts.iter().try_for_each(|text| file.write_all(text)))?;
        }
        if let Some(stream) = &mut self.stream {
            texts.iter().try_for_each(|text| stream.write(text)).map_err(stdout_failed)?;
        }
        Ok(())
    }

    /// Ends every output; files get their names when all of them are complete.
    pub(super) fn end(self, provenance: &Provenance, notices: &Tally<Notice>) -> Result<()> {
        let Self { files, stream, out, touched, requests, options, .. } = self;
        let layout = Layout { rings_m: Vec::new(), ..out.layout.clone() };
        let options =
            options.map(|options| as_assessment(options, layout, notices.kept().to_vec()));
        let sites = out.sites.map(|(sites, _)| sites);
        let mut complete = Vec::new();
        for mut file in files {
            let path = file.path().to_path_buf();
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            file.write(|file| geojson::end(provenance, notices, Some(folder), file))?;
            complete.push(file.complete()?);
            if let Some(touched) = &touched {
                let beside = sites_beside(&path);
                complete.push(civex::write::complete(&beside, |file| touched.write(None, file))?);
            }
            if let Some(requests) = &requests {
                let told = (provenance, notices);
                let [layer, form] = gaps_beside(&path);
                complete.push(civex::write::complete(&layer, |file| {
                    gaps::layer(requests, sites, told, Some(folder), file)
                })?);
                complete.push(civex::write::complete(&form, |file| {
                    gaps::form(requests, sites, provenance, file)
                })?);
            }
            if let Some(options) = &options {
                let beside = options_beside(&path);
                complete.push(civex::write::complete(&beside, |file| {
                    geojson::write(options, provenance, Some(folder), file)
                })?);
            }
        }
        if let Some(stream) = stream {
            stream.end(provenance, notices).map_err(stdout_failed)?;
        }
        out.show().map_err(stdout_failed)?;
        complete.into_iter().try_for_each(Complete::publish)?;
        Ok(())
    }
}

impl Table<'_> {
    fn show(self) -> io::Result<()> {
        let Self { layout, rows, once, sites, out: Some(out) } = self else { return Ok(()) };
        let several = rows.len() > 1;
        let shown = Assessment { rows, layout, notices: Vec::new(), problems: Vec::new() };
        out.write_all(table(&shown).as_bytes())?;
        match sites.filter(|_| several) {
            Some((sites, best)) => out.write_all(sites_once(sites.tiers(&once, best)).as_bytes()),
            None => Ok(()),
        }
    }
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
        geojson::end(provenance, notices, None, &mut self.waiting)?;
        if let Some(spool) = &mut self.spool {
            spool.rewind()?;
            io::copy(spool, self.out)?;
        }
        self.out.write_all(&self.waiting)?;
        self.out.flush()
    }
}

/// Where the gaps of an output go: the layer, and the form to be filled in.
pub(super) fn gaps_beside(output: &Path) -> [PathBuf; 2] {
    [output.with_extension("gaps.geojson"), output.with_extension("gaps.csv")]
}

/// Where the options of an output go.
pub(super) fn options_beside(output: &Path) -> PathBuf {
    output.with_extension("options.geojson")
}

/// Phases and, behind its phases, each course of action, as rows.
fn as_assessment(options: RollUps, layout: Layout, notices: Vec<Notice>) -> Assessment {
    let rows = options
        .coas
        .into_iter()
        .flat_map(|coa| coa.phases.into_iter().map(|phase| phase.row).chain([coa.whole.row]));
    Assessment { rows: rows.collect(), layout, notices, problems: Vec::new() }
}

/// Where the sites of an output go.
pub(super) fn sites_beside(output: &Path) -> PathBuf {
    output.with_extension("sites.geojson")
}
