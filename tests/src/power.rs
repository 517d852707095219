//! Power cuts: what a traced program did to its files, and what a disk may hold when the power goes.
//!
//! A disk keeps what was written before the last `fsync` or `fdatasync` of that file; of what came after,
//! any part may be there or not, sectors of one write too. The name of a new file is there for certain
//! only after its folder was synced.

mod tape;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use tape::{Act, Event, Tape};

/// What a disk writes whole or not at all, bytes.
const SECTOR: usize = 512;

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// None is there.
    Dropped,
    /// All are.
    Kept,
    /// All up to one that is torn.
    Torn,
    /// Any of them, whole or in part.
    Some,
}

impl Unsynced {
    /// One of them.
    pub fn draw(random: &mut fastrand::Rng) -> Self {
        [Self::Dropped, Self::Kept, Self::Torn, Self::Some][random.usize(0..4)]
    }
}

/// A disk while a tape runs over it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    durable: Files,
    /// Writes and cuts that were not synced, in order.
    pending: Vec<(String, Act)>,
    /// Names that appeared since their folder was synced.
    new_names: BTreeSet<String>,
    /// Whether it says that it has synced and did not.
    lies: bool,
}

impl Disk {
    /// A disk with these files on it.
    pub fn new(files: Files) -> Self {
        Self { durable: files, ..Self::default() }
    }

    /// A disk that syncs nothing, whatever it says.
    pub fn lying(files: Files) -> Self {
        Self { lies: true, ..Self::new(files) }
    }

    /// Does what the program did next.
    pub fn run(&mut self, event: &Event) {
        match (&event.file, &event.act) {
            (None, _) if self.lies => {}
            (None, _) => self.new_names.clear(),
            (Some(_), Act::Sync) if self.lies => {}
            (Some(file), Act::Sync) => {
                let (mine, others) =
                    std::mem::take(&mut self.pending).into_iter().partition(|it| it.0 == *file);
                self.pending = others;
                for (file, act) in mine {
                    apply(self.durable.entry(file).or_default(), &act);
                }
            }
            (Some(file), Act::Create) => {
                self.new_names.insert(file.clone());
                self.durable.entry(file.clone()).or_default();
            }
            (Some(file), act) => self.pending.push((file.clone(), act.clone())),
        }
    }

    /// What may be found when the power comes back.
    pub fn cut(&self, unsynced: Unsynced, random: &mut fastrand::Rng) -> Files {
        let mut files = self.durable.clone();
        let torn_at = random.usize(0..=self.pending.len());
        for (place, (file, act)) in self.pending.iter().enumerate() {
            let part = match unsynced {
                Unsynced::Dropped => Part::None,
                Unsynced::Kept => Part::Whole,
                Unsynced::Torn => match place.cmp(&torn_at) {
                    std::cmp::Ordering::Less => Part::Whole,
                    std::cmp::Ordering::Equal => Part::Sectors,
                    std::cmp::Ordering::Greater => Part::None,
                },
                Unsynced::Some => [Part::None, Part::Whole, Part::Sectors][random.usize(0..3)],
            };
            let bytes = files.entry(file.clone()).or_default();
            match (part, act) {
                (Part::None, _) => {}
                (Part::Sectors, Act::Write { at, bytes: written }) => {
                    for (sector, piece) in written.chunks(SECTOR).enumerate() {
                        if random.bool() {
                            let at = at + (sector * SECTOR) as u64;
                            apply(bytes, &Act::Write { at, bytes: piece.to_vec() });
                        }
                    }
                }
                (_, act) => apply(bytes, act),
            }
        }
        for name in &self.new_names {
            if unsynced == Unsynced::Dropped || random.bool() {
                files.remove(name);
            }
        }
        files
    }
}

#[derive(Clone, Copy)]
enum Part {
    None,
    Whole,
    Sectors,
}

fn apply(file: &mut Vec<u8>, act: &Act) {
    match act {
        Act::Write { at, bytes } => {
            let from = usize::try_from(*at).expect("a place in a file");
            let to = from + bytes.len();
            if file.len() < to {
                file.resize(to, 0);
            }
            file[from..to].copy_from_slice(bytes);
        }
        Act::Truncate(size) => file.resize(usize::try_from(*size).expect("a size"), 0),
        Act::Create | Act::Sync => {}
    }
}

/// Reads the files of these names that are in a folder.
pub fn read_files(folder: &Path, names: &[&str]) -> Files {
    let read = |name: &&str| Some(((*name).to_owned(), std::fs::read(folder.join(name)).ok()?));
    names.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(file: &str, act: Act) -> Event {
        Event { at: 0, file: (!file.is_empty()).then(|| file.to_owned()), act }
    }

    fn write(at: u64, byte: u8, length: usize) -> Act {
        Act::Write { at, bytes: vec![byte; length] }
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_is_drawn() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut disk = Disk::new(Files::from([("a".to_owned(), vec![0; 2_048])]));
        for it in [event("a", write(0, 1, 4)), event("a", Act::Sync), event("a", write(2_048, 2, 2_048))] {
            disk.run(&it);
        }
        let dropped = disk.cut(Unsynced::Dropped, &mut random);
        assert_eq!((dropped["a"].len(), &dropped["a"][..5]), (2_048, &[1, 1, 1, 1, 0][..]));
        let kept = disk.cut(Unsynced::Kept, &mut random);
        assert_eq!((kept["a"].len(), kept["a"][4_000]), (4_096, 2));
        let torn = (0..100).map(|_| disk.cut(Unsynced::Torn, &mut random));
        let some =
            torn.filter(|it| it["a"].get(2_048..).is_some_and(|it| it.contains(&0) && it.contains(&2)));
        assert!(some.count() > 0, "a write is torn somewhere");
        // Another file's sync is none of this one's, and its name may be lost until the folder is synced.
        for it in [event("b", Act::Create), event("b", write(0, 3, 3)), event("b", Act::Sync)] {
            disk.run(&it);
        }
        assert!(!disk.cut(Unsynced::Dropped, &mut random).contains_key("b"));
        disk.run(&event("", Act::Sync));
        let after = disk.cut(Unsynced::Dropped, &mut random);
        assert_eq!((after["b"].as_slice(), after["a"].len()), (&[3, 3, 3][..], 2_048));
        disk.run(&event("a", Act::Truncate(1)));
        disk.run(&event("a", Act::Sync));
        assert_eq!(disk.cut(Unsynced::Dropped, &mut random)["a"], [1]);
    }
}
