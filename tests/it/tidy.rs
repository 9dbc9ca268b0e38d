//! The house rules that no compiler holds: who may name whom, how a file opens, how long it gets,
//! and which words name nothing here.
//!
//! Source is read as text. Comments and the insides of strings are blanked first, so that a link in
//! a doc is no dependency. Names reached by `super::` are seen too; names made by macros are not.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Who may name whom inside the crate. `lib.rs`, `main.rs` and `cli` have rules of their own.
const MAY_NAME: [(&str, &[&str]); 13] = [
    ("error", &[]),
    ("unnamed", &[]),
    ("measure", &["error"]),
    ("model", &["error", "measure"]),
    ("read", &["error", "measure", "model", "index", "register"]),
    ("index", &["error", "measure", "model", "unnamed"]),
    ("register", &["error", "measure", "model"]),
    ("intersect", &["error", "index", "measure", "model"]),
    ("depend", &["error", "index", "measure", "model"]),
    ("score", &["error", "model"]),
    ("compare", &["error", "model", "score"]),
    ("assess", &["error", "measure", "model", "index", "intersect", "depend", "score", "compare"]),
    ("write", &["error", "measure", "model", "unnamed"]),
];

/// Modules that never open a file.
const PURE: [&str; 8] =
    ["model", "register", "intersect", "depend", "score", "compare", "assess", "error"];

/// The one text that may speak of a list of that kind.
const BANNER: &str = "PROTECTIVE USE - NOT A TARGET LIST";

/// A source file: its path below the root, its module (`src/read/areas.rs` is of `read`), its text.
struct Source {
    path: String,
    module: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder`, sorted, without what was built.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| ![".git", "demo", "target"].iter().any(|name| path.ends_with(name)))
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect()
}

/// The path of a file below the root, with slashes.
fn below_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

fn rust_files(folder: &str) -> Vec<Source> {
    files_below(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let path = below_root(&path);
            let module = path.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
            Source { path, module, text }
        })
        .collect()
}

/// What the scan of a text stands in.
enum State {
    Code,
    LineComment,
    /// Block comments nest.
    BlockComment(usize),
    Text,
    /// Ends at a quote and as many hashes.
    RawText(usize),
}

/// Splits a text into its code, comments and strings blanked, and its strings.
fn code_and_strings(text: &str) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut strings: Vec<String> = Vec::new();
    let mut state = State::Code;
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (next, step) = match state {
            State::Code => code_step(rest, &mut code, &mut strings),
            State::LineComment if rest[0] == '\n' => (State::Code, 0),
            State::LineComment => (State::LineComment, 1),
            State::BlockComment(depth) => comment_step(rest, depth),
            State::Text => match rest[0] {
                '\\' => (State::Text, 2),
                '"' => (State::Code, 1),
                letter => (push_last(&mut strings, letter, State::Text), 1),
            },
            State::RawText(hashes) if rest[0] == '"' && hashes_after(&rest[1..]) >= hashes => {
                (State::Code, 1 + hashes)
            }
            State::RawText(hashes) => (push_last(&mut strings, rest[0], State::RawText(hashes)), 1),
        };
        state = next;
        at += step;
    }
    (code, strings)
}

fn push_last(strings: &mut [String], letter: char, state: State) -> State {
    strings.last_mut().unwrap().push(letter);
    state
}

fn hashes_after(rest: &[char]) -> usize {
    rest.iter().take_while(|&&letter| letter == '#').count()
}

/// One step through a block comment.
fn comment_step(rest: &[char], depth: usize) -> (State, usize) {
    match rest {
        ['*', '/', ..] if depth == 1 => (State::Code, 2),
        ['*', '/', ..] => (State::BlockComment(depth - 1), 2),
        ['/', '*', ..] => (State::BlockComment(depth + 1), 2),
        _ => (State::BlockComment(depth), 1),
    }
}

/// One step through code: copies it, and notes where a comment, a string or a character opens.
fn code_step(rest: &[char], code: &mut String, strings: &mut Vec<String>) -> (State, usize) {
    let in_word = code.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    match rest {
        ['/', '/', ..] => return (State::LineComment, 2),
        ['/', '*', ..] => return (State::BlockComment(1), 2),
        ['"', ..] => {
            strings.push(String::new());
            code.push(' ');
            return (State::Text, 1);
        }
        ['r', '#' | '"', ..] if !in_word || code.ends_with(['b', 'c']) => {
            let hashes = hashes_after(&rest[1..]);
            if rest.get(1 + hashes) == Some(&'"') {
                strings.push(String::new());
                code.push(' ');
                return (State::RawText(hashes), 2 + hashes);
            }
        }
        // A quote in quotes would open a string; a lifetime has no closing quote.
        ['\'', '\\', _, tail @ ..] => {
            let close = tail.iter().position(|&letter| letter == '\'').unwrap_or(0);
            return (State::Code, 4 + close);
        }
        ['\'', _, '\'', ..] => return (State::Code, 3),
        _ => {}
    }
    code.push(rest[0]);
    (State::Code, 1)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn word_at(code: &str) -> &str {
    code.split(|letter| !is_word(letter)).next().unwrap_or_default()
}

/// The names at the top of what follows `crate::`: one word, or the heads inside braces.
fn heads(after: &str) -> Vec<&str> {
    let Some(inside) = after.trim_start().strip_prefix('{') else {
        return vec![word_at(after.trim_start())];
    };
    let mut heads = Vec::new();
    let mut depth = 1;
    let mut expects_head = true;
    for (at, letter) in inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => expects_head = true,
            _ if expects_head && is_word(letter) => {
                heads.push(word_at(&inside[at..]));
                expects_head = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// What follows each `path` in a code, where it is a path of its own and not the end of a word.
fn after_each<'a>(code: &'a str, path: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(path)
        .filter(|(at, _)| !code[..*at].ends_with(is_word))
        .map(|(at, _)| &code[at + path.len()..])
}

/// The modules of the crate that a code of `module` names, by `crate::` or by `super::`.
fn named_modules(code: &str, module: &str, own_files: &str) -> BTreeSet<String> {
    let known: BTreeSet<&str> = MAY_NAME.iter().map(|(name, _)| *name).chain(["cli"]).collect();
    let is_own = |head: &str| {
        own_files.contains(&format!("/{head}.rs")) || own_files.contains(&format!("/{head}/"))
    };
    let by_crate = after_each(code, "crate::").flat_map(heads);
    // `super::` may mean the root or not; it does where no file of this module has the name.
    let by_super = after_each(code, "super::")
        .flat_map(heads)
        .filter(|head| known.contains(head) && !is_own(head));
    by_crate.chain(by_super).filter(|head| *head != module).map(str::to_owned).collect()
}

/// The files of a module, one a line, as its sources name them.
fn own_files(sources: &[Source], module: &str) -> String {
    let own = sources.iter().filter(|source| source.module == module);
    let paths = own.map(|source| source.path.strip_prefix("src").unwrap());
    paths.map(|path| path.replacen(&format!("/{module}/"), "/", 1) + "\n").collect()
}

/// The names in a source: words of its code, and strings of one word (columns, keys).
fn names(text: &str) -> BTreeSet<String> {
    let (code, strings) = code_and_strings(text);
    let words = code.split(|letter| !is_word(letter)).map(str::to_owned);
    let keys = strings.into_iter().filter(|string| string.chars().all(is_word));
    words.chain(keys).filter(|name| !name.is_empty()).collect()
}

/// Whether a name holds a word that names nothing here.
fn is_forbidden(name: &str) -> bool {
    // Words of the compiler: `target_os` and its kin.
    let is_platform = ["os", "arch", "env", "family", "pointer_width", "endian", "feature"]
        .iter()
        .any(|kind| name == format!("target_{kind}"));
    let lower = name.to_lowercase();
    !is_platform
        && ["casualt", "weapon", "lethal", "damage", "target"]
            .iter()
            .any(|word| lower.contains(word))
}

/// Fails with all findings, one a line, so that they are mended in one go.
fn expect_none(rule: &str, findings: &[String]) {
    let mut list = String::new();
    for finding in findings {
        write!(list, "\n  {finding}").unwrap();
    }
    assert!(findings.is_empty(), "{rule}:{list}");
}

#[test]
fn modules_name_only_what_the_import_table_allows() {
    let sources = rust_files("src");
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !["lib", "main", "cli"].contains(&&*source.module))
    {
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == source.module) else {
            findings.push(format!("{}: the table has no module {}", source.path, source.module));
            continue;
        };
        let own_files = own_files(&sources, &source.module);
        let (code, _) = code_and_strings(&source.text);
        for name in named_modules(&code, &source.module, &own_files) {
            if !allowed.contains(&name.as_str()) {
                findings.push(format!("{}: {} may not name {name}", source.path, source.module));
            }
        }
    }
    expect_none("the import table of ARCHITECTURE.md", &findings);
}

#[test]
fn the_program_sees_the_library_like_any_other_user() {
    let sources = rust_files("src");
    let own_files = own_files(&sources, "cli");
    let findings: Vec<String> = sources
        .iter()
        .filter(|source| ["main", "cli"].contains(&source.module.as_str()))
        .flat_map(|source| {
            let (code, _) = code_and_strings(&source.text);
            named_modules(&code, "cli", &own_files)
                .into_iter()
                .map(|name| format!("{}: names crate::{name}, not civex::", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    expect_none("the program names the library by civex:: only", &findings);
}

#[test]
fn gdal_appears_in_read_write_and_measure_only() {
    let findings: Vec<String> = rust_files("src")
        .iter()
        .filter(|source| !["read", "write", "measure"].contains(&source.module.as_str()))
        .filter(|source| {
            let (code, _) = code_and_strings(&source.text);
            ["gdal::", "gdal_sys::"].iter().any(|path| after_each(&code, path).next().is_some())
        })
        .map(|source| source.path.clone())
        .collect();
    expect_none("GDAL types stay in read, write and measure", &findings);
}

#[test]
fn the_middle_never_opens_a_file() {
    let findings: Vec<String> = rust_files("src")
        .iter()
        .filter(|source| PURE.contains(&source.module.as_str()))
        .filter(|source| {
            let (code, _) = code_and_strings(&source.text);
            ["fs::", "File::"].iter().any(|path| after_each(&code, path).next().is_some())
        })
        .map(|source| source.path.clone())
        .collect();
    expect_none("no file is opened here", &findings);
}

#[test]
fn every_source_file_introduces_itself() {
    let findings: Vec<String> = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    expect_none("a file opens with //! and what it holds", &findings);
}

#[test]
fn no_source_file_is_longer_than_a_thousand_lines() {
    let findings: Vec<String> = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .map(|source| (source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > 1000)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    expect_none("a file holds one concept, in a thousand lines at most", &findings);
}

#[test]
fn words_of_harm_name_nothing() {
    let findings: Vec<String> = rust_files("src")
        .iter()
        .flat_map(|source| {
            let text = source.text.replace(BANNER, "");
            let lists = text.to_lowercase().contains("target list");
            let lists = lists.then(|| format!("{}: a target list", source.path));
            let named = names(&text).into_iter().filter(|name| is_forbidden(name));
            named.map(|name| format!("{}: {name}", source.path)).chain(lists).collect::<Vec<_>>()
        })
        .collect();
    expect_none("exposure, not harm", &findings);
}

#[test]
fn no_file_holds_a_path_of_somebodys_machine() {
    // In two pieces, so that this file does not find itself.
    let homes = ["/work", "/home", "/root", "/Users"].map(|home| format!("{home}/"));
    let mut findings = Vec::new();
    for path in files_below(&root()) {
        // What is not text has no lines to read.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            // `https://example.org/home/` is a page, `$ROOT/home/` is somewhere else.
            let is_page =
                |before: &str| before.ends_with(|c: char| is_word(c) || ".-}".contains(c));
            let is_found = homes
                .iter()
                .any(|home| line.match_indices(home.as_str()).any(|(at, _)| !is_page(&line[..at])));
            if is_found {
                findings.push(format!("{}:{}", below_root(&path), number + 1));
            }
        }
    }
    expect_none("paths are relative to the project", &findings);
}

#[test]
fn the_scan_tells_code_from_comments_and_strings() {
    let text = "a('\"'); // crate::x\nb::<'a>(\"crate::y\\\"\", r#\"q\"z\"#) /* /* c */ d */ e\n";
    let (code, strings) = code_and_strings(text);
    assert_eq!(code, "a(); \nb::<'a>( ,  )  e\n");
    assert_eq!(strings, ["crate::y", "q\"z"]);
}

#[test]
fn the_scan_finds_every_module_of_a_nested_import() {
    let code =
        "use crate::{error::{Error, read}, model, index::Tile as T}; crate::write::geojson()";
    let found = named_modules(code, "model", "");
    assert_eq!(found.iter().collect::<Vec<_>>(), ["error", "index", "write"]);
}

#[test]
fn the_scan_follows_super_to_the_root_but_not_to_a_sibling() {
    let code = "use super::index::Tile; use super::super::score; use super::*; super::sites::f()";
    let found = named_modules(code, "write", "/mod.rs\n/score.rs\n");
    assert_eq!(found.iter().collect::<Vec<_>>(), ["index"]);
}

#[test]
fn words_of_harm_are_found_in_names_and_not_in_those_of_the_compiler() {
    assert!(is_forbidden("TargetRank") && is_forbidden("casualties") && is_forbidden("damage_km2"));
    assert!(!is_forbidden("target_os") && !is_forbidden("dependants"));
}
