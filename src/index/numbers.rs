//! Numbers kept beside population indexes: what took long to find out and follows from the same inputs.
//!
//! A file is named by the digest of all that its numbers follow from. It holds a mark, that digest, how many
//! numbers there are, the numbers, and a checksum of all of it; what does not fit is not there.

use super::cache::{Cache, Foreign, Part, open_own, touch};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The ending of files of numbers.
pub(super) const ENDING: &str = "civexdep";

/// What files of this layout begin with.
pub(super) const MARK: [u8; 8] = *b"civexd01";

/// Bytes before and behind the numbers.
const AROUND: usize = 52;

impl Cache {
    /// Numbers of people that were kept under a digest, if there are so many.
    ///
    /// # Errors
    ///
    /// [`Foreign`] if somebody else may have written them.
    pub fn numbers(&self, key: &[u8; 32], count: usize) -> Result<Option<Vec<f64>>, Foreign> {
        let path = self.place_of_numbers(key);
        let Some(file) = open_own(&path)? else { return Ok(None) };
        let wanted = count.saturating_mul(8).saturating_add(AROUND) as u64;
        if file.metadata().map_or(0, |facts| facts.len()) != wanted {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let read = file.take(wanted).read_to_end(&mut bytes);
        let numbers = read.ok().and_then(|_| parse(&bytes, key));
        if numbers.is_some() {
            touch(&path);
        }
        Ok(numbers)
    }

    /// Keeps numbers under a digest.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn keep_numbers(&self, key: &[u8; 32], numbers: &[f64]) -> io::Result<PathBuf> {
        let path = self.place_of_numbers(key);
        let mut part = Part::new(&path, Some(self))?;
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

/// Whether a file holds numbers of ours, by its ending and its first bytes.
pub(super) fn is_one(path: &Path) -> bool {
    let mut begin = [0; MARK.len()];
    path.extension().is_some_and(|ending| ending == ENDING)
        && path.is_file()
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok())
        && begin == MARK
}

fn bytes_of(key: &[u8; 32], numbers: &[f64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(AROUND + 8 * numbers.len());
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
    let numbers = || numbers.iter().map(|number| f64::from_le_bytes(*number));
    // People are counted from 0, however the checksum came about.
    let are_people = fits && numbers().all(|number| number.is_finite() && number >= 0.0);
    are_people.then(|| numbers().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_no_number_of_people_is_not_there() {
        let key = [7; 32];
        for number in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(parse(&bytes_of(&key, &[1.0, number]), &key), None, "{number}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn numbers_that_others_can_write_are_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = super::super::private::own_folder();
        let cache = Cache::named(folder.path()).unwrap();
        let path = cache.keep_numbers(&[7; 32], &[1.0]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
        assert_eq!(cache.numbers(&[7; 32], 1).unwrap_err().path, path);
    }

    #[test]
    fn numbers_come_back_as_they_were_or_not_at_all() {
        let folder = super::super::private::own_folder();
        let cache = Cache::named(folder.path()).unwrap();
        let (key, other) = ([7; 32], [8; 32]);
        assert_eq!(cache.numbers(&key, 4), Ok(None));
        let numbers = [0.0, -0.0, 1e300, f64::MIN_POSITIVE];
        let path = cache.keep_numbers(&key, &numbers).unwrap();
        assert_eq!(cache.numbers(&key, 4), Ok(Some(numbers.to_vec())));
        assert_eq!([cache.numbers(&key, 5), cache.numbers(&other, 4)], [Ok(None), Ok(None)]);
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
