//! The spool: where messages are kept while the database can't take them.
//!
//! A gateway that waits for its answer and gives up soon (Kannel, Twilio, USSD) must not be told to
//! come back later: its message is written here, on disk, before it is acknowledged, and goes into
//! the database when that is back. The file has its full size from the start, so that there is room
//! even when the disk is full. Records are sealed: the file gives away no number and no text.
//!
//! A record is its length (4 bytes, big-endian) and the sealed bytes; a length of 0 is the end. A
//! record whose write was cut does not open and is the end, too: nobody was told that it was kept.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::store::address::AddressKeys;
use crate::store::inbox::NewInbound;

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "inbound.spool";

/// Size of the file, bytes: some ten thousand messages.
pub const SIZE: u64 = 8 * 1024 * 1024;

/// The longest record that is read or written, bytes.
const LONGEST: usize = 256 * 1024;

/// The most messages that share one flush to disk.
const BATCH: usize = 256;

/// Associated data of the sealed records.
const CONTEXT: &[u8] = b"inbound spool";

/// Why a message was not spooled.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// There is no room left.
    #[error("the spool is full")]
    Full,
    /// The file can't be written or read.
    #[error("the spool file can't be used: {0}")]
    File(io::ErrorKind),
    /// A record can't be sealed.
    #[error("a message can't be sealed for the spool")]
    Seal,
    /// The service is going down.
    #[error("the spool is closed")]
    Closed,
}

impl From<io::Error> for SpoolError {
    fn from(problem: io::Error) -> Self {
        Self::File(problem.kind())
    }
}

/// A message that waits for its flush, and who waits with it.
type Waiting = (Vec<u8>, oneshot::Sender<Result<(), SpoolError>>);

/// The spool of a service.
#[derive(Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    write: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    size: u64,
    keys: Arc<AddressKeys>,
    /// The file and where the next record goes.
    file: Mutex<(Arc<File>, u64)>,
    /// Messages that are in the file.
    kept: AtomicU64,
}

impl Spool {
    /// Opens the file at `path`, or makes it with `size` bytes (on disk before this returns), and
    /// finds what a process before this one left in it.
    ///
    /// # Errors
    /// The file can't be made, most likely since the disk has no room for it.
    pub async fn open(path: &Path, size: u64, keys: Arc<AddressKeys>) -> Result<Self, SpoolError> {
        let at = path.to_owned();
        let opener = Arc::clone(&keys);
        let (file, end, kept) = blocking(move || {
            let file = prepare(&at, size)?;
            let (records, end) = records(&file, 0, size, &opener)?;
            Ok((file, end, records.len() as u64))
        })
        .await?;
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            size,
            keys,
            file: Mutex::new((Arc::new(file), end)),
            kept: AtomicU64::new(kept),
        });
        let (write, waiting) = mpsc::channel(BATCH);
        tokio::spawn(write_batches(Arc::clone(&shared), waiting));
        Ok(Self { shared, write })
    }

    /// Keeps a message: it is on disk when this returns.
    ///
    /// # Errors
    /// It was not kept; the gateway must not be told that it was.
    pub async fn add(&self, inbound: &NewInbound) -> Result<(), SpoolError> {
        let plain = serde_json::to_vec(inbound).map_err(|_| SpoolError::Seal)?;
        let sealed = self.shared.keys.seal_bytes(CONTEXT, &plain).map_err(|_| SpoolError::Seal)?;
        if sealed.len() > LONGEST {
            return Err(SpoolError::Full);
        }
        let (answer, answered) = oneshot::channel();
        self.write.send((sealed, answer)).await.map_err(|_| SpoolError::Closed)?;
        answered.await.map_err(|_| SpoolError::Closed)?
    }

    /// How many messages wait in it.
    pub fn kept(&self) -> u64 {
        self.shared.kept.load(Ordering::Acquire)
    }

    /// Hands all messages to `take`, oldest first and at most 256 at once, and empties the file when all
    /// were taken and no other came in between; gives how many were taken. What was taken before a
    /// failure is taken again the next time, so `take` must not mind repeats.
    ///
    /// # Errors
    /// The first failure of `take` or of the file; everything is still there.
    pub async fn drain<E, F>(&self, take: impl Fn(Vec<NewInbound>) -> F) -> Result<usize, E>
    where
        E: From<SpoolError>,
        F: Future<Output = Result<(), E>>,
    {
        let (mut from, mut taken) = (0, 0);
        loop {
            let (file, end) = {
                let held = self.shared.file.lock().await;
                (Arc::clone(&held.0), held.1)
            };
            if from == end {
                let mut held = self.shared.file.lock().await;
                // One more may have come since.
                if held.1 != end {
                    continue;
                }
                if end > 0 {
                    let file = Arc::clone(&held.0);
                    blocking(move || clear(&file, end)).await?;
                    held.1 = 0;
                    self.shared.kept.store(0, Ordering::Release);
                }
                return Ok(taken);
            }
            let keys = Arc::clone(&self.shared.keys);
            let (records, stop) = blocking(move || records(&file, from, end, &keys)).await?;
            if stop != end {
                // It opened when it was written: the disk has lost it since.
                return Err(SpoolError::File(io::ErrorKind::InvalidData).into());
            }
            let mut records = records.into_iter().peekable();
            while records.peek().is_some() {
                let some: Vec<NewInbound> = records.by_ref().take(BATCH).collect();
                taken += some.len();
                take(some).await?;
            }
            from = end;
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }
}

/// Which keys the messages in a spool need.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Versions of the key file.
    pub versions: Vec<i64>,
    /// Whether there is one that none of them opens.
    pub unreadable: bool,
}

/// Which keys the messages need that wait in the file at `path`; one that is not there has none.
///
/// # Errors
/// It can't be read.
pub fn versions(path: &Path, keys: &AddressKeys) -> io::Result<Versions> {
    let mut found = Versions::default();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(problem) => return Err(problem),
    };
    let (until, mut at) = (file.metadata()?.len(), 0);
    while at + 4 <= until {
        let mut length = [0; 4];
        file.read_exact_at(&mut length, at)?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 || length > LONGEST || at + 4 + length as u64 > until {
            break;
        }
        let mut sealed = vec![0; length];
        file.read_exact_at(&mut sealed, at + 4)?;
        let version = sealed.first_chunk().map_or(0, |it| i64::from_be_bytes(*it));
        if version > 0 && !keys.list_versions().contains(&version) {
            found.unreadable = true;
            break;
        }
        // A write that was cut is the end.
        if keys.open_bytes(CONTEXT, &sealed).is_err() {
            break;
        }
        found.versions.push(version);
        at += 4 + length as u64;
    }
    found.versions.sort_unstable();
    found.versions.dedup();
    Ok(found)
}

/// Runs file work beside the runtime.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SpoolError> + Send + 'static,
) -> Result<T, SpoolError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SpoolError::Closed)?
}

/// Opens the file, of its full size and of this account only.
fn prepare(path: &Path, size: u64) -> Result<File, SpoolError> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let there = file.metadata()?.len();
    if there < size {
        // Written, not only made longer: a hole has no room on a full disk.
        let zeros = vec![0; 64 * 1024];
        let mut at = there;
        while at < size {
            let length = zeros.len().min((size - at) as usize);
            file.write_all_at(&zeros[..length], at)?;
            at += length as u64;
        }
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
    }
    Ok(file)
}

/// The messages between two places, and where they end.
fn records(
    file: &File,
    from: u64,
    until: u64,
    keys: &AddressKeys,
) -> Result<(Vec<NewInbound>, u64), SpoolError> {
    let mut found = Vec::new();
    let mut at = from;
    while at + 4 <= until {
        let mut length = [0; 4];
        file.read_exact_at(&mut length, at)?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 || length > LONGEST || at + 4 + length as u64 > until {
            break;
        }
        let mut sealed = vec![0; length];
        file.read_exact_at(&mut sealed, at + 4)?;
        let Ok(plain) = keys.open_bytes(CONTEXT, &sealed) else { break };
        let Ok(inbound) = serde_json::from_slice(&plain) else { break };
        found.push(inbound);
        at += 4 + length as u64;
    }
    Ok((found, at))
}

/// Writes what waits, flushes once, and tells all.
async fn write_batches(shared: Arc<Shared>, mut waiting: mpsc::Receiver<Waiting>) {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if waiting.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let mut held = shared.file.lock().await;
        let begin = held.1;
        let mut bytes = Vec::new();
        let mut told = Vec::with_capacity(batch.len());
        for (sealed, answer) in batch {
            let after = begin + (bytes.len() + 4 + sealed.len()) as u64;
            // Room for the zero length that ends the file.
            if after + 4 > shared.size {
                let _ = answer.send(Err(SpoolError::Full));
                continue;
            }
            bytes.extend_from_slice(&(sealed.len() as u32).to_be_bytes());
            bytes.extend_from_slice(&sealed);
            told.push(answer);
        }
        let file = Arc::clone(&held.0);
        let length = bytes.len() as u64;
        let written = blocking(move || {
            // The end is written with it: what a longer record left behind is no record.
            bytes.extend_from_slice(&[0; 4]);
            file.write_all_at(&bytes, begin)?;
            Ok(file.sync_data()?)
        })
        .await;
        if written.is_ok() {
            held.1 += length;
            shared.kept.fetch_add(told.len() as u64, Ordering::AcqRel);
        }
        drop(held);
        for answer in told {
            // A caller that is gone told nobody; the message is kept all the same.
            let _ = answer.send(match &written {
                Ok(()) => Ok(()),
                Err(SpoolError::File(kind)) => Err(SpoolError::File(*kind)),
                Err(_) => Err(SpoolError::Closed),
            });
        }
    }
}

/// Overwrites what was in use.
fn clear(file: &File, end: u64) -> Result<(), SpoolError> {
    // The first length last: a crash in between leaves a shorter file, never a wrong record.
    let zeros = vec![0; 64 * 1024];
    file.write_all_at(&[0; 4], 0)?;
    file.sync_data()?;
    let mut at = 4;
    while at < end {
        let length = zeros.len().min((end - at) as usize);
        file.write_all_at(&zeros[..length], at)?;
        at += length as u64;
    }
    file.sync_data()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::ChannelKind;
    use crate::domain::time::UnixMillis;

    fn message(number: usize) -> NewInbound {
        NewInbound {
            channel_id: "telco".to_owned(),
            kind: ChannelKind::Sms,
            external_id: Some(number.to_string()),
            address: "+525512345678".to_owned(),
            text: "no hay agua".to_owned(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: UnixMillis(number as i64),
        }
    }

    async fn ids(spool: &Spool) -> Vec<String> {
        let found = std::sync::Mutex::new(Vec::new());
        let taken = spool
            .drain::<SpoolError, _>(|some| {
                let ids = some.into_iter().map(|it| it.external_id.expect("an id"));
                found.lock().expect("alone").extend(ids);
                std::future::ready(Ok(()))
            })
            .await
            .expect("drained");
        let found = found.into_inner().expect("alone");
        assert_eq!(found.len(), taken);
        found
    }

    #[tokio::test]
    async fn what_was_kept_is_there_after_a_restart_in_order_and_unreadable() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        let keys = Arc::new(AddressKeys::make().expect("keys"));
        let spool = Spool::open(&path, 64 * 1024, Arc::clone(&keys)).await.expect("a spool");
        for number in 0..20 {
            spool.add(&message(number)).await.expect("kept");
        }
        drop(spool);
        let bytes = std::fs::read(&path).expect("bytes");
        assert_eq!(bytes.len(), 64 * 1024);
        for canary in [b"5512345678".as_slice(), b"no hay agua"] {
            assert!(!bytes.windows(canary.len()).any(|it| it == canary));
        }
        let spool = Spool::open(&path, 64 * 1024, Arc::clone(&keys)).await.expect("a spool");
        assert_eq!(spool.kept(), 20);
        assert_eq!(ids(&spool).await, (0..20).map(|it| it.to_string()).collect::<Vec<_>>());
        assert_eq!((spool.kept(), ids(&spool).await.len()), (0, 0));
        assert!(std::fs::read(&path).expect("bytes").iter().all(|it| *it == 0));
        // And it can be used again.
        spool.add(&message(7)).await.expect("kept");
        assert_eq!(ids(&spool).await, ["7"]);
    }

    #[tokio::test]
    async fn which_keys_a_spool_needs_is_known_before_one_is_taken_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        let old = AddressKeys::make().expect("keys");
        let both = old.rotated().expect("keys");
        assert_eq!(versions(&path, &both).expect("read"), Versions::default());
        let spool = Spool::open(&path, 64 * 1024, Arc::new(old)).await.expect("a spool");
        spool.add(&message(1)).await.expect("kept");
        drop(spool);
        let needs = Versions { versions: vec![1], unreadable: false };
        assert_eq!(versions(&path, &both).expect("read"), needs);
        let newer = both.pruned(&[]);
        let lost = Versions { versions: Vec::new(), unreadable: true };
        assert_eq!(versions(&path, &newer).expect("read"), lost);
        // A write that was cut is the end, and no key is missing.
        let bytes = std::fs::read(&path).expect("bytes");
        let length = u32::from_be_bytes(bytes[..4].try_into().expect("four")) as usize;
        let mut cut = bytes;
        cut[length..length + 4].fill(0);
        std::fs::write(&path, cut).expect("written");
        assert_eq!(versions(&path, &both).expect("read"), Versions::default());
    }

    #[tokio::test]
    async fn a_full_spool_refuses_and_keeps_what_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        let keys = Arc::new(AddressKeys::make().expect("keys"));
        let spool = Spool::open(&path, 4 * 1024, keys).await.expect("a spool");
        let mut kept = 0;
        while spool.add(&message(kept)).await.is_ok() {
            kept += 1;
            assert!(kept < 100);
        }
        assert!(kept > 2 && matches!(spool.add(&message(kept)).await, Err(SpoolError::Full)));
        assert_eq!(ids(&spool).await.len(), kept);
    }

    #[tokio::test]
    async fn a_failure_while_draining_loses_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        let keys = Arc::new(AddressKeys::make().expect("keys"));
        let spool = Spool::open(&path, 64 * 1024, keys).await.expect("a spool");
        for number in 0..5 {
            spool.add(&message(number)).await.expect("kept");
        }
        let failed = spool.drain::<SpoolError, _>(|_| std::future::ready(Err(SpoolError::Closed))).await;
        assert!(matches!(failed, Err(SpoolError::Closed)));
        assert_eq!(ids(&spool).await.len(), 5);
    }

    #[tokio::test]
    async fn a_cut_at_any_byte_leaves_the_whole_records_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE_NAME);
        let keys = Arc::new(AddressKeys::make().expect("keys"));
        let spool = Spool::open(&path, 4 * 1024, Arc::clone(&keys)).await.expect("a spool");
        for number in 0..3 {
            spool.add(&message(number)).await.expect("kept");
        }
        drop(spool);
        let whole = std::fs::read(&path).expect("bytes");
        let end = whole.iter().rposition(|it| *it != 0).expect("records") + 1;
        for cut in 0..end {
            let mut bytes = whole.clone();
            bytes[cut..].fill(0);
            std::fs::write(&path, &bytes).expect("written");
            let spool = Spool::open(&path, 4 * 1024, Arc::clone(&keys)).await.expect("a spool");
            let found = ids(&spool).await;
            assert!(found.len() < 3, "cut at {cut}");
            assert_eq!(found, (0..found.len()).map(|it| it.to_string()).collect::<Vec<_>>());
            drop(spool);
        }
    }
}
