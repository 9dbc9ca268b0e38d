//! The texts of hints in the sources: string literals that stand where a hint is made.
//!
//! A hint is made by the last argument of `unusable_hint`, by `let hint = …`, in a field `hint: …`, in a function
//! with `hint` in its name or listed in [`FUNCTIONS`], or by a constant of [`CONSTANTS`].

use std::fs;
use std::path::{Path, PathBuf};

/// Functions that make hints under another name.
const FUNCTIONS: [&str; 3] = ["smaller", "give_corners", "turn_upright"];

/// Constants that hold hints.
const CONSTANTS: [&str; 8] =
    ["FORMATS", "HINT", "ONCE", "WRITE_ANEW", "ONLY_IF_TRUSTED", "AS_COUNTED", "UNPACK", "BESIDE"];

/// Shorter texts are words within a hint.
const SHORTEST: usize = 8;

/// Pieces of hints that no test follows here, each with the reason.
pub(crate) const NOT_FOLLOWED: [(&str, &str); 71] = [
    ("or allow this process more memory and threads", "guest: a process that may start no thread"),
    ("write a class between the quotes", "start: a draft whose blank was left open"),
    ("name a file of polygons, or `covers = ", "unknown: ground without a polygon"),
    ("tells the classes by its tags", "tagged: columns of OpenStreetMap without `classify`"),
    ("give them their right names: call `", "read::table::places: exchanged columns"),
    ("divide them by the number that degrees", "read::table::tests: numbers that are no degrees"),
    ("write N, S, E or W after degrees and minutes", "read::table::tests: the same"),
    ("tell it by the name of the column: call `", "read::table::joint: two numbers in a column"),
    ("areas are given with `--areas`, sites with", "population: a dataset without samples"),
    ("fetch or write it again, for instance as .osm.pbf", "pbf: a text in XML that is cut short"),
    ("fetch the .shx too", "vectors: a Shapefile without its index"),
    ("leave `crs` out: the file declares its own", "sites: a system declared twice"),
    ("make a GeoPackage of it, in Python", "no GeoPandas on every machine"),
    ("unpack it, `", "no unpacker of each kind on every machine"),
    ("leave `--beside` away", "index: a raster in an archive"),
    ("or write it with smaller blocks", "index: a block larger than the budget"),
    ("write it in small blocks", "memory: a block larger than the budget"),
    ("or write the raster in small blocks", "memory: a block larger than the budget"),
    ("name the one of the areas: `,layer=", "start: a file of several layers given to `new`"),
    ("a raster of people in it is named", "vectors: an archive of rasters alone"),
    ("a raster of people is named by itself", "vectors: a folder of rasters alone"),
    ("unpack it, and name a file that was in it", "vectors: an archive of no layer"),
    ("ask the server for longitude and latitude", "the server is none of this machine"),
    ("ask for tags and places: `out center;`", "the server is none of this machine"),
    ("keep one of them in its folder", "groups: two files of one age and sex"),
    ("save it as KMZ or KML again", "vectors: an archive without a document"),
    ("unpack it, and give the file itself", "archive: bombs are made by its own tests"),
    (
        "fetch or write it again, or unpack it",
        "archive: a broken archive has no way out but another",
    ),
    ("take it out of its folder if it came later", "strangers: a file that came later"),
    ("give the folder that holds its inputs: `--inputs DIR`", "strangers: a missing input"),
    ("keep it as a file on this machine", "strangers: an input of another machine"),
    ("no file has such a path", "strangers: a path of some megabytes"),
    ("put the file there that it was made from", "strangers: an input that became a pipe"),
    ("PRAGMA journal_mode = DELETE", "guest: a log kept within a VRT"),
    ("have its sender export the layer itself", "guest: a schema that runs something"),
    ("it may be damaged: fetch or write it again", "guest: a database cut short"),
    ("osmium", "no osmium on every machine; the commands are looked at in unit tests"),
    ("fetch it again, whole", "pbf: an extract cut short"),
    ("make a file of it:", "guest: VRTs nested a hundred deep"),
    ("make a file of the inner one:", "guest: VRTs nested a hundred deep"),
    ("and name that in the VRT", "guest: sources of other kinds"),
    ("carry it over", "the command of it is followed by two cases"),
    ("name plain files: unpack archives first", "guest: a VRT into an archive"),
    ("put its sources into its own folder", "guest: a VRT of another folder"),
    ("a scheme may raise the floor of a class", "scheme: as that of floors"),
    ("a scheme has", "scheme: names the sections"),
    ("run again when nobody writes to it any more", "needs a second program that writes meanwhile"),
    ("leave out the columns that nobody needs", "tables: a sparse table of gigabytes"),
    ("see that each quote in it is closed", "tables: a row of 64 MiB"),
    ("--out-dir", "batch: what lies in the folder is made by its own tests"),
    ("go on with `--resume`", "batch: needs a second program that writes meanwhile"),
    ("run several batches", "batch: a list of 16 MiB"),
    ("a list is a text with a path", "batch: a list that cannot be read"),
    ("name a scenario file, a folder of them, or a list", "batch: nothing typed"),
    ("give a folder that may be read", "batch: a folder without rights, which root reads"),
    ("write one whole feature a line: `jq", "no jq on every machine"),
    ("unpack the archive, and name the .shp", "no unpacker of each kind on every machine"),
    ("report it", "a fault of civex itself"),
    ("--cache-dir", "sidecar: folders of other users and modes"),
    ("--beside` makes it again", "sidecar: follows it"),
    ("it is made again where it is wanted", "sidecar: follows it"),
    ("assess again", "another version of civex"),
    ("it has answers, which would be lost", "output: a form filled in meanwhile"),
    ("draw it anew; the other areas", "validity: an area that no repair saves"),
    ("draw it anew; the other polygons", "validity: as an area that no repair saves"),
    ("draw the ground with fewer polygons", "no polygons are known whose union fails"),
    ("make room on the disk", "a full disk"),
    ("save it as .xlsx or .csv", "read::table::sheets: an old spreadsheet"),
    ("a raster of people is given with `--population`", "areas: a raster given as a layer"),
    ("fetch it again with all files that belong to it", "field: layers that were cut off"),
    (
        "then take its layer out: `ogr2ogr areas.gpkg IT.osm",
        "vectors: packed OpenStreetMap XML as areas",
    ),
];

/// One text of a hint: its file, and the pieces that stay the same whatever is put into it.
pub(crate) struct Template {
    pub(crate) file: String,
    pub(crate) pieces: Vec<String>,
}

impl Template {
    /// Whether a hint that was printed is one of it.
    pub(crate) fn makes(&self, hint: &str) -> bool {
        let mut rest = hint;
        self.pieces.iter().all(|piece| match rest.split_once(piece.as_str()) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
    }
}

/// All of them, in the order of the files.
pub(crate) fn templates() -> Vec<Template> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    files.sort();
    files.iter().flat_map(|file| of_file(file, &root)).collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            files.push(path);
        }
    }
}

fn of_file(path: &Path, root: &Path) -> Vec<Template> {
    let text = fs::read_to_string(path).unwrap();
    let text: Vec<char> = text.split("#[cfg(test)]").next().unwrap().chars().collect();
    let file = path.strip_prefix(root).unwrap().display().to_string();
    let texts = regions(&text).into_iter().flat_map(|(from, to)| literals(&text[from..to]));
    let mut found: Vec<Template> = Vec::new();
    for pieces in texts.map(|text| pieces(&text)) {
        let is_long = pieces.iter().any(|piece| piece.len() >= SHORTEST);
        if is_long && !found.iter().any(|other| other.pieces == pieces) {
            found.push(Template { file: file.clone(), pieces });
        }
    }
    found
}

/// Where hints are made, from and to.
fn regions(text: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let next = skipped(text, at);
        if next > at {
            at = next;
            continue;
        }
        let rest: String = text[at..].iter().take(60).collect();
        let begins = |word: &str| {
            let is_whole = at == 0 || !(text[at - 1].is_alphanumeric() || text[at - 1] == '_');
            (is_whole && rest.starts_with(word)).then_some(at + word.chars().count())
        };
        if let Some(from) = begins("unusable_hint(") {
            let first = end(text, from, ',');
            let second = end(text, first + 1, ',');
            found.push((second, end(text, second + 1, ',')));
        }
        let fields =
            ["let hint = ", "let hint: ", "let hints = "].iter().find_map(|word| begins(word));
        found.extend(fields.map(|from| (from, end(text, from, ';'))));
        // A parameter of that name has a type and no text.
        let field = begins("hint: ").filter(|from| !matches!(text[*from], '&' | 'O' | 'i'));
        found.extend(field.map(|from| (from, end(text, from, ','))));
        for name in CONSTANTS {
            let from = begins(&format!("const {name}: &str ="));
            found.extend(from.map(|from| (from, end(text, from, ';'))));
        }
        if let Some(from) = begins("fn ") {
            let name: String =
                text[from..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            if name.contains("hint") || FUNCTIONS.contains(&name.as_str()) {
                let body = (from..text.len()).find(|at| text[*at] == '{' && text[*at + 1] == '\n');
                found.extend(body.map(|body| (body, end(text, body + 1, '\0'))));
            }
        }
        at += 1;
    }
    found
}

/// Behind a string, a character or a comment that begins here; here if none does.
fn skipped(text: &[char], at: usize) -> usize {
    let find = |from: usize, close: char| {
        let mut at = from;
        while at < text.len() && text[at] != close {
            at += if text[at] == '\\' { 2 } else { 1 };
        }
        at + 1
    };
    match text[at..] {
        ['"', ..] => find(at + 1, '"'),
        ['/', '/', ..] => at + text[at..].iter().take_while(|c| **c != '\n').count(),
        ['\'', '\\', ..] => find(at + 1, '\''),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

/// Where an expression ends: at a letter outside of all brackets, or at the bracket that closes around it.
fn end(text: &[char], from: usize, stop: char) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < text.len() {
        let next = skipped(text, at);
        if next > at {
            at = next;
            continue;
        }
        match text[at] {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return at,
            ')' | ']' | '}' => depth -= 1,
            letter if depth == 0 && letter == stop => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The strings of a region.
fn literals(region: &[char]) -> Vec<String> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < region.len() {
        let next = skipped(region, at).min(region.len());
        if region[at] == '"' && next > at + 1 {
            found.push(unescaped(&region[at + 1..next - 1]));
        }
        at = next.max(at + 1);
    }
    found
}

fn unescaped(letters: &[char]) -> String {
    let (mut text, mut at) = (String::new(), 0);
    while at < letters.len() {
        match (letters[at], letters.get(at + 1)) {
            ('\\', Some('\n')) => {
                at += 2;
                while letters.get(at).is_some_and(|letter| letter.is_whitespace()) {
                    at += 1;
                }
            }
            ('\\', Some(letter)) => {
                text.push(*letter);
                at += 2;
            }
            (letter, _) => {
                text.push(letter);
                at += 1;
            }
        }
    }
    text
}

/// What stays of a text whatever is put in: between braces, and around the names of files in commands.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut is_within = false;
    for letter in text.chars() {
        match letter {
            '{' => is_within = true,
            '}' if is_within => {
                is_within = false;
                pieces.push(String::new());
            }
            _ if !is_within => pieces.last_mut().unwrap().push(letter),
            _ => {}
        }
    }
    let is_file = |word: &str| word == "IN" || word.starts_with("OUT.");
    let mut apart = Vec::new();
    for piece in pieces {
        let mut now = String::new();
        for part in piece.split_inclusive([' ', '`']) {
            if is_file(part.trim_end_matches([' ', '`'])) {
                apart.push(std::mem::take(&mut now));
            } else {
                now.push_str(part);
            }
        }
        apart.push(now);
    }
    apart
        .into_iter()
        .map(|piece| piece.trim().to_string())
        .filter(|piece| piece.len() > 1)
        .collect()
}
