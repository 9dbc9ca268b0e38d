//! The memory of the machine, as far as the system tells, and the part of it that a reader may use.

use crate::model::Budget;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of memory that this machine has, or that this process may have of it if that is less;
/// `None` where the system does not tell, which only Linux does.
#[must_use]
pub fn machine_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = group_files(&groups).into_iter().filter_map(|path| {
        // Without a limit the text is `max`, or a number larger than any machine.
        fs::read_to_string(path).ok()?.trim().parse().ok()
    });
    limits.chain(total(&text)).min()
}

/// Memory that the threads of one reader share. A quarter of the budget is lent for as long as a piece is
/// read, half of it holds what is kept; the rest is for all else.
#[derive(Debug)]
pub(super) struct Room {
    budget: u64,
    lent: Mutex<u64>,
    returned: Condvar,
    kept: AtomicU64,
}

impl Room {
    /// All of a budget, nothing of it used.
    pub(super) const fn of(budget: Budget) -> Self {
        let (lent, returned) = (Mutex::new(0), Condvar::new());
        Self { budget: budget.bytes, lent, returned, kept: AtomicU64::new(0) }
    }

    /// Lends so many bytes, once as many are there; `None` if there are never so many.
    pub(super) fn lend(&self, bytes: u64) -> Option<Lent<'_>> {
        let most = self.budget / 4;
        if bytes > most {
            return None;
        }
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        while *lent > most - bytes {
            lent = self.returned.wait(lent).unwrap_or_else(PoisonError::into_inner);
        }
        *lent += bytes;
        Some(Lent { room: self, bytes })
    }

    /// The budget that would lend so many bytes.
    pub(super) const fn budget_to_lend(bytes: u64) -> u64 {
        bytes.saturating_mul(4)
    }

    /// Counts bytes that are kept; whether all that were counted fit. What does not fit must not be kept.
    pub(super) fn keep(&self, bytes: u64) -> bool {
        let before = self.kept.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.budget / 2
    }

    /// The budget that would be enough for all that was counted, if this one is not.
    pub(super) fn needed(&self) -> Option<u64> {
        let kept = self.kept.load(Ordering::Relaxed);
        (kept > self.budget / 2).then(|| kept.saturating_mul(2))
    }
}

/// Bytes that are lent until this is dropped.
pub(super) struct Lent<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut lent = self.room.lent.lock().unwrap_or_else(PoisonError::into_inner);
        *lent -= self.bytes;
        self.room.returned.notify_all();
    }
}

/// The total of a `/proc/meminfo`, in bytes.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The files that may limit the memory of the groups of a `/proc/self/cgroup`, parents too.
fn group_files(groups: &str) -> Vec<String> {
    const ROOT: &str = "/sys/fs/cgroup";
    let mut files =
        vec![format!("{ROOT}/memory.max"), format!("{ROOT}/memory/memory.limit_in_bytes")];
    let unified = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or_default();
    let mut folder = String::from(ROOT);
    for part in unified.split('/').filter(|part| !part.is_empty()) {
        folder = format!("{folder}/{part}");
        files.push(format!("{folder}/memory.max"));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_its_line() {
        assert_eq!(total("MemFree: 1 kB\nMemTotal:       16384 kB\n"), Some(16_777_216));
        assert_eq!(total("MemTotal: lots\n"), None);
    }

    #[test]
    fn a_room_lends_a_quarter_and_keeps_a_half() {
        let room = Room::of(Budget { bytes: 400 });
        assert!(room.lend(101).is_none());
        drop(room.lend(100));
        assert!(room.lend(100).is_some(), "what was returned is lent again");
        assert!(room.keep(200));
        assert_eq!(room.needed(), None);
        assert!(!room.keep(1));
        assert_eq!(room.needed(), Some(402));
    }

    #[test]
    fn who_finds_too_little_waits_until_it_is_returned() {
        let room = Room::of(Budget { bytes: 400 });
        let held = room.lend(60);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| room.lend(60).is_some());
            drop(held);
            assert!(other.join().unwrap());
        });
    }

    #[test]
    fn every_group_around_the_process_may_limit_it() {
        let files = group_files("1:cpu:/x\n0::/a/b\n");
        assert!(files.ends_with(&[
            "/sys/fs/cgroup/a/memory.max".to_string(),
            "/sys/fs/cgroup/a/b/memory.max".to_string()
        ]));
    }
}
