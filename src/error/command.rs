//! Commands that a hint names: each makes another file of an input and leaves the input as it is.
//!
//! A hint is written with `IN` and `OUT.tif` in its commands. Here they get the names of the files, quoted for a
//! shell, so that the command can be copied and run as it stands.

use super::shell_quoted;
use std::path::Path;

/// A hint whose commands read `input`, a path as GDAL and a shell take it, and make a file of a new name beside it.
#[must_use]
pub fn with_names(hint: &str, input: &str) -> String {
    let name = |word: &str| match word.strip_prefix("OUT.") {
        _ if word == "IN" => Some(shell_quoted(input)),
        Some(ending) => Some(shell_quoted(&output(input, ending))),
        None => None,
    };
    let mut text = String::with_capacity(hint.len());
    for piece in hint.split_inclusive([' ', '`']) {
        let word = piece.trim_end_matches([' ', '`']);
        let end = piece.get(word.len()..).unwrap_or_default();
        match name(word) {
            Some(name) => text.extend([&name, end]),
            None => text.push_str(piece),
        }
    }
    text
}

/// The name of a new file: `data/pop.asc` gives `data/pop_new.tif`. What is no file of this machine gives one in the
/// working directory.
fn output(input: &str, ending: &str) -> String {
    let is_within = input.starts_with("/vsi") || input.contains("://") || input.contains('"');
    let path = Path::new(input.trim_matches('"'));
    let of_dataset = input.contains('"').then(|| input.rsplit(':').next()).flatten();
    let of_path = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = of_dataset.filter(|part| !part.contains('/')).map(str::to_string).or_else(of_path);
    let stem = stem.unwrap_or_else(|| "input".into());
    let stem = stem.rsplit([':', '"']).next().unwrap_or_default().trim_end_matches(".osm");
    let name = format!("{stem}_new.{ending}");
    match path.parent().filter(|folder| !is_within && !folder.as_os_str().is_empty()) {
        Some(folder) => folder.join(name).to_string_lossy().into_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_the_input_and_makes_another_file() {
        for (input, wanted) in [
            ("pop.asc", "`x pop.asc pop_new.tif`"),
            ("a b/it's.nc", "`x 'a b/it'\\''s.nc' 'a b/it'\\''s_new.tif'`"),
            ("-p.tif", "`x ./-p.tif ./-p_new.tif`"),
            ("/vsizip/a.zip/pop.asc", "`x /vsizip/a.zip/pop.asc pop_new.tif`"),
            ("NETCDF:\"d/f.nc\":Band1", "`x 'NETCDF:\"d/f.nc\":Band1' Band1_new.tif`"),
        ] {
            assert_eq!(with_names("`x IN OUT.tif`", input), wanted);
        }
    }

    #[test]
    fn words_of_the_hint_stay() {
        assert_eq!(with_names("INSIDE, in `y IN`, OUT", "p"), "INSIDE, in `y p`, OUT");
    }
}
