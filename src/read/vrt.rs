//! The files that a GDAL virtual dataset (VRT) is made of, without opening any of them.
//!
//! A VRT is an XML text that names other files, which may be VRTs again. They are wanted before GDAL
//! opens it: some may not be followed (other machines), and all belong to its provenance. A VRT is
//! told by its first bytes, as GDAL tells it, whatever it is called.

use roxmltree::{Document, Node};
use std::path::{Path, PathBuf};

/// VRTs within VRTs are followed to this depth.
const DEPTH: u32 = 8;

/// What GDAL tells a VRT by, of rasters and of vectors.
const MARKS: [&str; 2] = ["<VRTDataset", "<OGRVRTDataSource"];

/// Elements that hold the name of a file.
const NAMES: [&str; 4] = ["SourceFilename", "SourceDataset", "SrcDataSource", "SourceDataSource"];

/// Every name of a file inside a VRT, made relative to the working directory, nested ones too, in the
/// order of the text; nothing for a file that is no VRT.
pub(super) fn sources(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    follow(path, 0, &mut found);
    found
}

/// Whether every file that is named in the VRTs among some files is one of them, and a GeoTIFF or a VRT
/// itself.
pub(super) fn is_whole(files: &[PathBuf]) -> bool {
    let is_whole = |file: &PathBuf| {
        if !is_vrt(file) {
            return true;
        }
        let Ok(text) = std::fs::read_to_string(file) else { return false };
        names(&text, file.parent().unwrap_or(Path::new(""))).iter().all(|name| {
            let ending = name.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            let is_plain = matches!(ending.as_deref(), Some("tif" | "tiff" | "vrt"));
            is_plain && files.contains(name)
        })
    };
    files.iter().all(is_whole)
}

fn is_vrt(path: &Path) -> bool {
    let beginning = super::network::beginning(path);
    MARKS.iter().any(|mark| beginning.contains(mark))
}

fn follow(path: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    if !is_vrt(path) || depth == DEPTH {
        return;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return };
    for source in names(&text, path.parent().unwrap_or(Path::new(""))) {
        // A source that is named several times, once a sample, is one file.
        if !found.contains(&source) {
            found.push(source.clone());
            follow(&source, depth + 1, found);
        }
    }
}

/// The names of files in the text of a VRT that lies in a folder, none nested; nothing for what is no
/// XML.
pub(super) fn names(text: &str, folder: &Path) -> Vec<PathBuf> {
    let Ok(document) = Document::parse(text.trim_start_matches('\u{feff}')) else {
        return Vec::new();
    };
    let names = document.descendants().filter(|node| NAMES.contains(&node.tag_name().name()));
    names.filter_map(|node| place(node, folder)).collect()
}

fn place(node: Node, folder: &Path) -> Option<PathBuf> {
    let name = node.text()?.trim();
    let relative =
        ["relativeToVRT", "relativetoVRT"].iter().any(|key| node.attribute(*key) == Some("1"));
    Some(if relative { folder.join(name) } else { PathBuf::from(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vrt_tells_its_sources_and_those_of_its_sources() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, source: &str| {
            let text = format!(
                "<VRTDataset><VRTRasterBand><SimpleSource><SourceFilename relativeToVRT=\"1\">{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
            );
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write("outer.vrt", "inner.vrt");
        write("inner.vrt", "hidden.tif");
        write("hidden.tif", "a&amp;b.tif");
        let found = sources(&folder.path().join("outer.vrt"));
        let wanted = ["inner.vrt", "hidden.tif", "a&b.tif"].map(|name| folder.path().join(name));
        assert_eq!(found, wanted);
        assert!(sources(&folder.path().join("a.tif")).is_empty());
    }
}
