//! A population index that somebody changed, with every checksum right again: whoever can write a file can do
//! that. Follows the layout that `index::sidecar` describes, and nothing else of civex.

/// Words of the page.
pub(crate) const PAGE: usize = 512;
/// Words of an entry of a belt, and before the first.
const ENTRY: usize = 4;
const HEAD: usize = 2;
/// The kind of a tile that is stored.
const STORED: u64 = 3;

fn crc(words: &[u64]) -> u64 {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    u64::from(crc32fast::hash(&bytes))
}

fn with_high(word: u64, high: u64) -> u64 {
    word & 0xffff_ffff | high << 32
}

/// The words of a file.
pub(crate) fn words_of(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks::<8>().0.iter().map(|eight| u64::from_le_bytes(*eight)).collect()
}

/// The bytes of a file.
pub(crate) fn bytes_of(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Makes every checksum right that can be found, from the inside to the outside.
pub(crate) fn seal(words: &mut [u64]) {
    let Some(&[_, _, _, cols, rows, height, channels, table, ..]) = words.first_chunk::<12>()
    else {
        return;
    };
    let (across, down) = (cols.div_ceil(256) as usize, rows.div_ceil(height.max(1)) as usize);
    let table = table as usize;
    for belt in 0..down.min(words.len()) {
        let rows = height.min(rows.saturating_sub(belt as u64 * height)) as usize;
        let at = table.saturating_add(2 * belt);
        let Some(&[begin, counts]) = words.get(at..).and_then(<[u64]>::first_chunk) else { break };
        let begin = begin as usize;
        let end = begin.saturating_add(counts as u32 as usize);
        if let Some(head) = seal_belt(words, (begin, end), across, (rows, channels as usize)) {
            words[at + 1] = with_high(counts, head);
        }
    }
    seal_page(words, (table, down));
}

/// Makes the checksums within a belt right; that of its head, if it has one.
fn seal_belt(
    words: &mut [u64],
    (begin, end): (usize, usize),
    across: usize,
    (rows, channels): (usize, usize),
) -> Option<u64> {
    let &[counts, flags] = words.get(begin..end)?.first_chunk()?;
    let stored = (counts >> 32) as usize;
    let checksums = HEAD.checked_add(ENTRY.checked_mul(across.checked_add(1)?)?)?;
    let head = checksums.checked_add((stored + 1).div_ceil(2))?;
    words.get(begin..end)?.get(..head)?;
    for tile in 0..across {
        let entry = begin + HEAD + ENTRY * tile;
        let [at, counts, kind] = [words[entry], words[entry + 1], words[entry + 2]];
        let last = (at as usize).saturating_add(counts as u32 as usize);
        if kind >> 32 == STORED
            && let Some(tile) = words.get(at as usize..last)
        {
            words[entry + 1] = with_high(counts, crc(tile));
        }
    }
    let sets = if flags & 2 != 0 { 1 } else { channels };
    let width = rows.saturating_mul(channels.saturating_add(sets));
    for ordinal in 0..=stored {
        let at = ordinal.saturating_mul(width).saturating_add(begin + head);
        let last = at.saturating_add(width).min(end);
        let Some(base) = words.get(at..last).filter(|base| base.len() == width) else { break };
        let (sum, word) = (crc(base), begin + checksums + ordinal / 2);
        words[word] = if ordinal % 2 == 0 {
            words[word] >> 32 << 32 | sum
        } else {
            with_high(words[word], sum)
        };
    }
    Some(crc(&words[begin..begin + head]))
}

/// Makes the checksums of the table, the facts and the page right.
fn seal_page(words: &mut [u64], (table, down): (usize, usize)) {
    let of_table = words.get(table..table.saturating_add(down.saturating_mul(2))).map(crc);
    let facts = (words[9] as usize).saturating_mul(8);
    let of_facts =
        bytes_of(words).get(facts..facts.saturating_add(words[10] as usize)).map(crc32fast::hash);
    words[8] = of_table.unwrap_or(words[8]);
    words[11] = of_facts.map_or(words[11], u64::from);
    if let Some(page) = words.get(2..PAGE) {
        words[1] = with_high(words[1], crc(page));
    }
}
