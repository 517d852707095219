//! Reads the log of `strace -f -y -xx -ttt` of the calls that change files.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::Files;

/// What a call did to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Made it.
    Create,
    /// Wrote these bytes.
    Write {
        /// Where.
        at: u64,
        /// What.
        bytes: Vec<u8>,
    },
    /// Cut or stretched it to this size.
    Truncate(u64),
    /// Waited until it is on the disk.
    Sync,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Event {
    /// When it was begun, Unix µs.
    pub at: i64,
    /// The file; `None`: their folder, which is only synced.
    pub file: Option<String>,
    /// What it did.
    pub act: Act,
}

/// What a program did to some files of one folder.
#[derive(Debug)]
pub struct Tape {
    /// The files before.
    pub before: Files,
    /// The calls that succeeded, in their order.
    pub events: Vec<Event>,
}

impl Tape {
    /// Options of `strace` for the files of these names in `folder`, with its log at `log`; the program
    /// comes behind them. Data beside these files, such as a shared memory, are not on the tape.
    pub fn options(folder: &Path, names: &[&str], log: &Path) -> Vec<String> {
        let mut all: Vec<String> =
            ["strace", "-f", "-y", "-xx", "-ttt", "-qq", "-s", "16777216"].map(str::to_owned).into();
        all.push("-e".to_owned());
        // The second half is not replayed: it must not occur.
        all.push(
            "trace=openat,lseek,write,pwrite64,ftruncate,fsync,fdatasync,\
             open,creat,writev,pwritev,pwritev2,truncate,fallocate,copy_file_range,sendfile,rename,renameat,\
             renameat2,link,linkat,unlink,unlinkat"
                .to_owned(),
        );
        all.extend(["-e".to_owned(), "signal=none".to_owned()]);
        for path in names.iter().map(|it| folder.join(it)).chain([folder.to_owned()]) {
            all.extend(["-P".to_owned(), path.display().to_string()]);
        }
        all.extend(["-o".to_owned(), log.display().to_string()]);
        all
    }

    /// Reads a log; `before` are the files at its beginning. A file that is deleted ends the tape: that is
    /// the program's end in order.
    pub fn read(log: &Path, folder: &Path, names: &[&str], before: Files) -> Self {
        let mut reader = Reader {
            folder: folder.display().to_string(),
            names: names.iter().map(|it| (*it).to_owned()).collect(),
            there: before.keys().cloned().collect(),
            places: HashMap::new(),
            events: Vec::new(),
        };
        let mut begun: HashMap<String, (i64, String)> = HashMap::new();
        for line in BufReader::new(std::fs::File::open(log).expect("a log")).lines() {
            let line = line.expect("a line");
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some((at, call)) = rest.trim_start().split_once(' ') else { continue };
            let at = micros(at);
            let (at, call) = if let Some(call) = call.strip_suffix("<unfinished ...>") {
                begun.insert(thread.to_owned(), (at, call.trim_end().to_owned()));
                continue;
            } else if call.starts_with("<... ") {
                let (_, tail) = call.split_once("resumed>").expect("the rest of a call");
                let (at, head) = begun.remove(thread).expect("a call that was begun");
                (at, head + tail)
            } else {
                (at, call.to_owned())
            };
            if !reader.call(at, &call) {
                break;
            }
        }
        Self { before, events: reader.events }
    }
}

struct Reader {
    folder: String,
    names: HashSet<String>,
    there: HashSet<String>,
    /// Where the next `write` of an open file goes.
    places: HashMap<String, u64>,
    events: Vec<Event>,
}

impl Reader {
    /// Takes one whole call; `false` at the end of the tape.
    fn call(&mut self, at: i64, call: &str) -> bool {
        let Some((name, rest)) = call.split_once('(') else { return true };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return true };
        // A call that failed did nothing; one without an end was cut with its program.
        if result.starts_with(['-', '?']) {
            return true;
        }
        let arguments = arguments.trim_end().strip_suffix(')').unwrap_or(arguments);
        let arguments: Vec<&str> = arguments.split(", ").collect();
        let number =
            |text: &str| -> u64 { text.split(' ').next().unwrap_or(text).parse().expect("a number") };
        if name == "openat" {
            let path = unhex(arguments[1].trim_matches('"'));
            if let Some(file) = self.file(&path) {
                let descriptor = result.split('<').next().unwrap_or(result).trim().to_owned();
                self.places.insert(descriptor, 0);
                assert!(!arguments[2].contains("O_TRUNC"), "a call that is not replayed: {name}, O_TRUNC");
                if arguments[2].contains("O_CREAT") && self.there.insert(file.clone()) {
                    self.events.push(Event { at, file: Some(file), act: Act::Create });
                }
            }
            return true;
        }
        if name.starts_with("unlink") {
            let gone = arguments.iter().any(|it| self.file(&unhex(it.trim_matches('"'))).is_some());
            return !gone;
        }
        let Some((descriptor, path)) = arguments[0].strip_suffix('>').and_then(|it| it.split_once('<'))
        else {
            panic!("a call that is not replayed: {name}");
        };
        let path = unhex(path);
        let file = self.file(&path);
        if file.is_none() && path != self.folder {
            return true;
        }
        let place = self.places.entry(descriptor.to_owned()).or_default();
        let act = match name {
            "lseek" => {
                *place = number(result);
                return true;
            }
            "write" | "pwrite64" => {
                let mut bytes = unhex_bytes(arguments[1].trim_matches('"'));
                let written = number(result);
                bytes.truncate(usize::try_from(written).expect("a length"));
                assert_eq!(bytes.len() as u64, written, "a log with whole writes");
                let at = if name == "write" { *place } else { number(arguments[3]) };
                if name == "write" {
                    *place += written;
                }
                Act::Write { at, bytes }
            }
            "ftruncate" => Act::Truncate(number(arguments[1])),
            "fsync" | "fdatasync" => Act::Sync,
            other => panic!("a call that is not replayed: {other}"),
        };
        self.events.push(Event { at, file, act });
        true
    }

    /// The name of a path that is on the tape.
    fn file(&self, path: &str) -> Option<String> {
        let name = path.strip_prefix(&self.folder)?.strip_prefix('/')?;
        self.names.contains(name).then(|| name.to_owned())
    }
}

/// Unix µs of a time such as `1795679343.233941`.
fn micros(text: &str) -> i64 {
    let (seconds, rest) = text.split_once('.').expect("a time");
    seconds.parse::<i64>().expect("seconds") * 1_000_000 + rest.parse::<i64>().expect("µs")
}

/// Bytes written as `\x2f\x74`.
fn unhex_bytes(text: &str) -> Vec<u8> {
    let digits: String = text.split("\\x").collect();
    hex::decode(digits).expect("bytes in hexadecimal")
}

/// A path, in hexadecimal or not.
fn unhex(text: &str) -> String {
    if text.starts_with("\\x") {
        String::from_utf8_lossy(&unhex_bytes(text)).into_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_call_by_call() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        // `/d` is the folder, `/d/a` the file.
        let file = r"\x2f\x64\x2f\x61";
        let text = format!(
            "7 100.000001 openat(AT_FDCWD<\\x2f>, \"{file}\", O_RDWR|O_CREAT, 0644) = 3<{file}>\n\
             7 100.000002 write(3<{file}>, \"\\x01\\x02\", 2) = 2\n\
             7 100.000003 write(3<{file}>, \"\\x03\\x04\", 2) = 1\n\
             8 100.000004 fdatasync(3<{file}> <unfinished ...>\n\
             7 100.000005 lseek(3<{file}>, 9, SEEK_SET) = 9\n\
             8 100.000006 <... fdatasync resumed>) = 0\n\
             7 100.000007 write(3<{file}>, \"\\x05\", 1) = 1\n\
             7 100.000008 pwrite64(3<{file}>, \"\\x06\", 1, 20) = 1\n\
             7 100.000009 fsync(5<\\x2f\\x64>) = 0\n\
             7 100.000010 ftruncate(3<{file}>, 4) = 0\n\
             7 100.000011 write(3<{file}>, \"\\x05\", 1) = -1 ENOSPC (No space left on device)\n\
             7 100.000012 write(4<\\x2f\\x78>, \"\\x05\", 1) = 1\n\
             7 100.000013 unlink(\"{file}\") = 0\n\
             7 100.000014 ftruncate(3<{file}>, 5) = 0\n"
        );
        std::fs::write(&log, text).expect("written");
        let tape = Tape::read(&log, Path::new("/d"), &["a"], Files::new());
        let write = |at, bytes: &[u8]| Act::Write { at, bytes: bytes.to_vec() };
        let a = |act| (Some("a".to_owned()), act);
        let acts: Vec<_> = tape.events.iter().map(|it| (it.file.clone(), it.act.clone())).collect();
        assert_eq!(
            acts,
            [
                a(Act::Create),
                a(write(0, &[1, 2])),
                a(write(2, &[3])),
                a(Act::Sync),
                a(write(9, &[5])),
                a(write(20, &[6])),
                (None, Act::Sync),
                a(Act::Truncate(4)),
            ]
        );
        assert_eq!(tape.events[3].at, 100_000_004, "a call is as old as its beginning");
    }
}
