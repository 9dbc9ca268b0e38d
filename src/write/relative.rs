//! Paths relative to the folder of an output.

use std::path::{Component, Path};

/// A path relative to a folder, both made absolute first; `None` across file systems without a way.
#[must_use]
pub fn relative_to(path: &Path, folder: &Path) -> Option<String> {
    let absolute = |path: &Path| std::path::absolute(path).ok();
    let (path, folder) = (absolute(path)?, absolute(folder)?);
    let plain = |path: &Path| -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for part in path.components() {
            match part {
                Component::ParentDir => {
                    parts.pop();
                }
                Component::CurDir => {}
                other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
            }
        }
        parts
    };
    let (path, folder) = (plain(&path), plain(&folder));
    let shared = path.iter().zip(&folder).take_while(|(one, two)| one == two).count();
    let up = std::iter::repeat_n("..".to_string(), folder.len() - shared);
    let parts: Vec<String> = up.chain(path.into_iter().skip(shared)).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_goes_up_and_down() {
        let relative = relative_to(Path::new("/a/b/c.tif"), Path::new("/a/d/../e"));
        assert_eq!(relative.as_deref(), Some("../b/c.tif"));
        assert_eq!(relative_to(Path::new("/a/c.tif"), Path::new("/a")).as_deref(), Some("c.tif"));
    }
}
