//! Keeps logs across restarts: records appended to segment files by a thread of their own, so that a put only copies bytes.
//!
//! A record is its length, its CRC-32 and its bytes. What a crash cut off at the end of a segment is left out when it is read. Once the
//! segments hold much more than is still kept, they are replaced by one that holds just that.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A new segment begins after so many bytes.
const SEGMENT: u64 = 16 << 20;
/// The writer gathers this long before it writes, unless much has come.
const GATHER: Duration = Duration::from_millis(100);
/// So much at once is written without waiting.
const MUCH: usize = 1 << 20;
/// When the disk stands still, more than this is not remembered for it.
const MOST: usize = 64 << 20;
/// Segments may hold this much beside twice what is kept.
const SLACK: u64 = 8 << 20;

/// Records on their way to the disk. Whoever appends holds the lock of the store, so that their order is that of the changes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    lost: u64,
    ended: bool,
}

/// What the writer has to do.
pub(super) enum Work {
    /// Write these records.
    Write(Vec<u8>),
    /// Write these and end.
    End(Vec<u8>),
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a record that `fill` writes.
    pub(super) fn append(&self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.lock();
        if state.ended {
            return;
        }
        if state.bytes.len() > MOST {
            state.lost += 1;
            return;
        }
        let was_empty = state.bytes.is_empty();
        frame(&mut state.bytes, fill);
        if was_empty || state.bytes.len() > MUCH {
            self.wake.notify_one();
        }
    }

    /// The writer is to write what is left and end; nothing is taken any more.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.wake.notify_all();
    }

    /// Takes what waits without waiting: what comes later belongs after a snapshot.
    pub(super) fn take(&self) -> Vec<u8> {
        mem::take(&mut self.lock().bytes)
    }

    /// How many records were never written because the disk stood still, since the last time this was asked.
    pub(super) fn lost(&self) -> u64 {
        mem::take(&mut self.lock().lost)
    }

    /// Waits for records, then a moment for more.
    pub(super) fn wait(&self) -> Work {
        let state = self.wake.wait_while(self.lock(), |state| state.bytes.is_empty() && !state.ended);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let gathered = self.wake.wait_timeout_while(state, GATHER, |state| state.bytes.len() < MUCH && !state.ended);
        let mut state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        let bytes = mem::take(&mut state.bytes);
        if state.ended { Work::End(bytes) } else { Work::Write(bytes) }
    }
}

/// Writes one record behind its length and checksum.
pub(super) fn frame(buffer: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend([0; 8]);
    fill(buffer);
    let length = u32::try_from(buffer.len() - start - 8).unwrap_or(u32::MAX);
    let checksum = crc32fast::hash(&buffer[start + 8..]);
    buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
    buffer[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
}

/// The whole records at the beginning of `bytes`, and how many bytes they take.
fn frames(bytes: &[u8], mut each: impl FnMut(&[u8])) -> usize {
    let mut at = 0;
    while let Some((head, rest)) = bytes[at..].split_first_chunk::<8>() {
        let [a, b, c, d, checksum @ ..] = *head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        match rest.get(..length) {
            Some(record) if crc32fast::hash(record) == u32::from_le_bytes(checksum) => each(record),
            _ => break,
        }
        at += 8 + length;
    }
    at
}

/// The segment files of one sandbox.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    file: Option<File>,
    /// The number of the oldest segment.
    oldest: u64,
    /// The number of the newest segment; 0 if there is none.
    newest: u64,
    /// Bytes in it.
    length: u64,
    /// Bytes in all of them.
    total: u64,
}

impl Segments {
    /// Opens the segments in `folder`, reads every whole record, oldest first, and says what was damaged.
    pub(super) fn open(folder: &Path, mut each: impl FnMut(&[u8])) -> io::Result<(Self, Option<String>)> {
        fs::create_dir_all(folder)?;
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("segment") => numbers.extend(path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok())),
                // A compaction that a crash ended.
                Some("new") => fs::remove_file(&path)?,
                _ => {}
            }
        }
        numbers.sort_unstable();
        let (oldest, newest) = (numbers.first().copied().unwrap_or(1), numbers.last().copied().unwrap_or(0));
        let mut segments = Self { folder: folder.to_owned(), file: None, oldest, newest, length: 0, total: 0 };
        let mut damage = None;
        for number in numbers {
            let path = segments.path(number);
            let bytes = fs::read(&path)?;
            let whole = frames(&bytes, &mut each);
            if whole < bytes.len() {
                damage = Some(format!("{} bytes at the end of {} are not whole", bytes.len() - whole, path.display()));
                // Records behind damage would never be read.
                OpenOptions::new().write(true).open(&path)?.set_len(whole as u64)?;
            }
            segments.length = whole as u64;
            segments.total += whole as u64;
        }
        Ok((segments, damage))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:08}.segment"))
    }

    /// Appends records.
    pub(super) fn write(&mut self, records: &[u8]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        if self.length > SEGMENT || self.newest == 0 {
            self.newest += 1;
            (self.length, self.file) = (0, None);
        }
        let path = self.path(self.newest);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(OpenOptions::new().create(true).append(true).open(path)?),
        };
        file.write_all(records)?;
        self.length += records.len() as u64;
        self.total += records.len() as u64;
        Ok(())
    }

    /// Whether they hold so much more than is `kept` that they should be replaced.
    pub(super) fn are_long(&self, kept: u64) -> bool {
        self.total > 2 * kept + SLACK
    }

    /// Replaces all of them by one with `records`. A crash at any moment leaves either the old ones or, besides them, the new one,
    /// which begins by forgetting what they said.
    pub(super) fn replace(&mut self, records: &[u8]) -> io::Result<()> {
        let old = self.oldest..=self.newest;
        let fresh = self.newest + 1;
        let path = self.path(fresh);
        let unfinished = path.with_extension("new");
        let mut file = File::create(&unfinished)?;
        file.write_all(records)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        (self.oldest, self.newest) = (fresh, fresh);
        (self.length, self.total) = (records.len() as u64, records.len() as u64);
        self.file = None;
        for number in old {
            match fs::remove_file(self.path(number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(bytes: &[&[u8]]) -> Vec<u8> {
        let mut buffer = Vec::new();
        bytes.iter().for_each(|record| frame(&mut buffer, |buffer| buffer.extend(*record)));
        buffer
    }

    fn read(folder: &Path) -> (Vec<Vec<u8>>, Option<String>) {
        let mut found = Vec::new();
        let (_, damage) = Segments::open(folder, |record| found.push(record.to_vec())).unwrap();
        (found, damage)
    }

    #[test]
    fn what_a_crash_cuts_off_costs_the_last_record_only() {
        let whole = records(&[b"one", b"", b"three"]);
        for cut in 0..whole.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("00000001.segment"), &whole[..cut]).unwrap();
            let (found, damage) = read(folder.path());
            let expected: &[&[u8]] = match cut {
                0..11 => &[],
                11..19 => &[b"one"],
                _ => &[b"one", b""],
            };
            assert_eq!(found, expected, "cut at {cut}");
            assert_eq!(damage.is_none(), [0, 11, 19].contains(&cut), "cut at {cut}");
            // The tail is gone, so what is written next is read next time.
            let (mut segments, damage) = Segments::open(folder.path(), |_| {}).unwrap();
            assert_eq!(damage, None);
            segments.write(&records(&[b"next"])).unwrap();
            assert_eq!(read(folder.path()).0.last().unwrap(), b"next", "cut at {cut}");
        }
    }

    #[test]
    fn a_bit_that_fell_over_is_noticed() {
        let whole = records(&[b"one", b"two"]);
        for at in 0..whole.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(folder.path().join("00000007.segment"), bytes).unwrap();
            let (found, damage) = read(folder.path());
            assert!(damage.is_some() && found.len() < 2, "{at}");
        }
    }

    #[test]
    fn segments_follow_each_other_and_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (mut segments, _) = Segments::open(folder.path(), |_| {}).unwrap();
        let large = vec![7; 9 << 20];
        for _ in 0..3 {
            segments.write(&records(&[&large])).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(segments.are_long(1 << 20) && !segments.are_long(27 << 20));
        segments.replace(&records(&[b"all"])).unwrap();
        segments.write(&records(&[b"and more"])).unwrap();
        fs::write(folder.path().join("00000009.new"), "unfinished").unwrap();
        assert_eq!(read(folder.path()), (vec![b"all".to_vec(), b"and more".to_vec()], None));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
