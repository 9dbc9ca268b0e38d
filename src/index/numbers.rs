//! Numbers kept beside population indexes: what took long to find out and follows from the same inputs.
//!
//! A file is named by the digest of all that its numbers follow from. It holds a mark, that digest, how many
//! numbers there are, the numbers, and a checksum of all of it; what does not fit is not there.

use super::cache::{Cache, Part, touch};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The ending of files of numbers.
pub(super) const ENDING: &str = "civexdep";

/// What files of this layout begin with.
pub(super) const MARK: [u8; 8] = *b"civexd01";

impl Cache {
    /// Numbers that were kept under a digest.
    #[must_use]
    pub fn numbers(&self, key: &[u8; 32]) -> Option<Vec<f64>> {
        let path = self.place_of_numbers(key);
        let numbers = parse(&fs::read(&path).ok()?, key)?;
        touch(&path);
        Some(numbers)
    }

    /// Keeps numbers under a digest.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn keep_numbers(&self, key: &[u8; 32], numbers: &[f64]) -> io::Result<PathBuf> {
        let path = self.place_of_numbers(key);
        let mut part = Part::new(&path)?;
        part.file().write_all(&bytes_of(key, numbers))?;
        let path = part.save()?;
        self.tidy(&path);
        Ok(path)
    }

    /// All files of numbers, by name.
    #[must_use]
    pub fn list_numbers(&self) -> Vec<PathBuf> {
        let files = self.files().into_iter().map(|(path, ..)| path);
        let mut files: Vec<PathBuf> = files.filter(|path| is_one(path)).collect();
        files.sort();
        files
    }

    fn place_of_numbers(&self, key: &[u8; 32]) -> PathBuf {
        let name = key.iter().take(16).fold(0u128, |name, byte| name << 8 | u128::from(*byte));
        self.folder().join(format!("{name:032x}.{ENDING}"))
    }
}

/// Whether a file is one of numbers, by its ending.
pub(super) fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

fn bytes_of(key: &[u8; 32], numbers: &[f64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(52 + 8 * numbers.len());
    bytes.extend(MARK);
    bytes.extend(key);
    bytes.extend((numbers.len() as u64).to_le_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn parse(bytes: &[u8], key: &[u8; 32]) -> Option<Vec<f64>> {
    let (body, checksum) = bytes.split_last_chunk::<4>()?;
    let (mark, rest) = body.split_first_chunk::<8>()?;
    let (of, rest) = rest.split_first_chunk::<32>()?;
    let (count, rest) = rest.split_first_chunk::<8>()?;
    let (numbers, left) = rest.as_chunks::<8>();
    let fits = *mark == MARK
        && of == key
        && left.is_empty()
        && u64::from_le_bytes(*count) == numbers.len() as u64
        && u32::from_le_bytes(*checksum) == crc32fast::hash(body);
    fits.then(|| numbers.iter().map(|number| f64::from_le_bytes(*number)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let (key, other) = ([7; 32], [8; 32]);
        assert_eq!(cache.numbers(&key), None);
        let numbers = [0.0, -0.0, 1e300, f64::MIN_POSITIVE];
        let path = cache.keep_numbers(&key, &numbers).unwrap();
        assert_eq!(cache.numbers(&key).as_deref(), Some(&numbers[..]));
        assert_eq!(cache.numbers(&other), None);
        assert!(cache.list().is_empty(), "no population index");
        assert_eq!(cache.list_numbers(), std::slice::from_ref(&path));
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert_eq!(parse(&changed, &key), None, "byte {place}");
            assert_eq!(parse(&whole[..place], &key), None, "cut at {place}");
        }
    }
}
