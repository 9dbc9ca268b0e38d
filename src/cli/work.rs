//! What subcommands that read layers may use of the machine: threads and memory.

use super::say::Say;
use civex::error::ReadError;
use civex::model::Budget;
use civex::read::machine_memory;
use std::path::PathBuf;

/// The memory that may be used where the system does not tell how much there is.
const UNTOLD: u64 = 4 << 30;

/// How hard to work. Results do not depend on it.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Work {
    /// Threads to work on; all cores if not given. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
    /// Memory that may be used, in bytes or as 500M, 2G (powers of 1024); half of the machine's if not
    /// given, 4G where the system does not tell. What needs more is refused before it is begun.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// Show progress where standard error is no terminal, too.
    #[arg(long)]
    pub(crate) progress: bool,
}

impl Work {
    /// Makes the threads, and says what may be used.
    ///
    /// # Errors
    ///
    /// If the threads cannot be started.
    pub(crate) fn begin(&self, say: Say) -> Result<Budget, ReadError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.unwrap_or(0));
        // No source: there is a pool.
        let failed = pool.build_global().err();
        if let Some(error) = failed.as_ref().and_then(std::error::Error::source) {
            let found = format!("threads cannot be started: {error}");
            let hint = "try `--threads 1`, or allow this process more memory and threads (`ulimit -v`, `ulimit -u`)";
            return Err(ReadError::unusable_hint("--threads", found, hint));
        }
        let (bytes, why) = match (self.memory, machine_memory()) {
            (Some(bytes), _) => (bytes, "as given"),
            (None, Some(all)) => (all / 2, "half of the machine's"),
            (None, None) => (UNTOLD, "since the system does not tell how much there is"),
        };
        let threads = rayon::current_num_threads();
        let plural = if threads == 1 { "" } else { "s" };
        say.note("machine", || {
            format!("{threads} thread{plural}; up to {} MiB of memory, {why}", bytes >> 20)
        });
        Ok(Budget { bytes })
    }
}

/// The user's folder for what programs keep and can make again, and ours in it.
pub(crate) fn machine_cache() -> Option<PathBuf> {
    let folder =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let caches = folder("XDG_CACHE_HOME").or_else(|| folder("LOCALAPPDATA"));
    caches.or_else(|| Some(folder("HOME")?.join(home))).map(|caches| caches.join("civex"))
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("wanted a whole number from 1".into()),
        Ok(threads) => Ok(threads),
    }
}

/// Bytes of a size as people write it: `2G`, `500M`, `1.5 GB`, `4GiB`, `1000000`.
fn size(text: &str) -> Result<u64, String> {
    let wanted = || "wanted a size such as 500M or 2G".to_string();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().map_err(|_no_number| wanted())?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.trim_end_matches('b').trim_end_matches('i');
    let power = match unit {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(wanted()),
    };
    let bytes = number * (1_u64 << power) as f64;
    if (1.0..1e18).contains(&bytes) { Ok(bytes as u64) } else { Err(wanted()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("1000", 1000),
            ("2G", 2 << 30),
            ("500M", 500 << 20),
            ("1.5 GB", 3 << 29),
            ("4GiB", 4 << 30),
            ("64k", 64 << 10),
            ("1t", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "2X", "-1G", "G", "lots", "1e99", "99999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
