//! The memory of the machine, as far as the system tells.

use std::fs;

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
    fn every_group_around_the_process_may_limit_it() {
        let files = group_files("1:cpu:/x\n0::/a/b\n");
        assert!(files.ends_with(&[
            "/sys/fs/cgroup/a/memory.max".to_string(),
            "/sys/fs/cgroup/a/b/memory.max".to_string()
        ]));
    }
}
