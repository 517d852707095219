//! The database is locked, the disk is full, `PostgreSQL` is down, all under load: every request is
//! answered in time, nothing acknowledged is lost or doubled, and the service recovers by itself.
//!
//! `CABILDO_LONG=1` holds each fault for 60 s.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cabildo_bot::store::Location;
use cabildo_tests::fault::{
    FakeGateway, Faults, Inside, Load, Phones, Start, at_rest, configuration, database_file, snapshot_when,
};
use cabildo_tests::history::{Recorder, Seen, Violation, check, recorded_doubles};
use cabildo_tests::postgres::Cluster;
use cabildo_tests::{free_ports, skip_or_fail};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

/// Every request is answered within this time, whatever is broken.
const ANSWERED: Duration = Duration::from_secs(3);
/// The service is well again this long after its database is.
const RECOVERED: Duration = Duration::from_secs(30);

/// How long a fault is held.
fn held() -> Duration {
    if std::env::var_os("CABILDO_LONG").is_some() { Duration::from_mins(1) } else { Duration::from_secs(12) }
}

/// A service under load inside of this process.
struct Scene {
    service: Inside,
    phones: Phones,
    recorder: Arc<Recorder>,
    location: Location,
    folder: std::path::PathBuf,
}

impl Scene {
    async fn start(location: Location, folder: &Path) -> Self {
        let recorder = Arc::new(Recorder::new(folder));
        let gateway = FakeGateway::start(Arc::clone(&recorder), Faults::default(), 1).await;
        let [port] = free_ports().expect("a port");
        let toml = configuration(&location, gateway.url(), port, "");
        let service = Inside::start(&Start { toml, folder: folder.to_owned(), port, ahead: 0 }).await;
        let load = Load {
            url: format!("http://127.0.0.1:{port}"),
            phones: 16,
            // Far more than a request may take, so that a late answer is seen as a late answer.
            patience: Duration::from_mins(1),
            // Some 80 messages a second: more than a busy day brings, and no flood of each phone.
            pause: Duration::from_millis(200),
            again: Duration::from_millis(200),
            seed: 1,
        };
        let phones = Phones::start(&load, &recorder, 1);
        let folder = folder.to_owned();
        let scene = Self { service, phones, recorder, location, folder };
        scene.acknowledges_more("before the fault").await;
        scene
    }

    /// Waits until messages are acknowledged.
    async fn acknowledges_more(&self, when: &str) {
        let before = self.recorder.acknowledged();
        let more = async {
            while self.recorder.acknowledged() < before + 20 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(RECOVERED, more).await.unwrap_or_else(|_| {
            panic!("no messages are acknowledged {when}: {:?}", self.phones.counts);
        });
    }

    /// After the fault: all comes to rest by itself, and the history is one without a fault.
    /// `refused`: whether the gateway may have been told to try again.
    async fn recovers(self, refused: bool) {
        self.acknowledges_more("after the fault").await;
        let counts = self.phones.finish(RECOVERED).await;
        let end = snapshot_when(&self.location, &self.folder, RECOVERED, |it| {
            at_rest(it) && it.inbox.len() >= self.recorder.acknowledged()
        })
        .await;
        self.recorder.note(Seen::Database(end));
        self.service.app.shutdown().await;
        eprintln!("{counts:?}, {} acknowledged", self.recorder.acknowledged());
        let history = self.recorder.history();
        let violations = check(&history);
        let slowest = Duration::from_micros(counts.slowest.load(Ordering::SeqCst));
        let mut wrong = Vec::new();
        if !violations.is_empty() {
            let shown: Vec<&Violation> = violations.iter().take(5).collect();
            wrong.push(format!("{} violations: {shown:?}", violations.len()));
        }
        if slowest > ANSWERED {
            wrong.push(format!("a request was answered after {slowest:?}"));
        }
        if counts.cut.load(Ordering::SeqCst) > 0 {
            wrong.push(format!("{} requests were cut", counts.cut.load(Ordering::SeqCst)));
        }
        let (told, doubles) = (counts.refused.load(Ordering::SeqCst), recorded_doubles(&history));
        if !refused && told > 0 {
            wrong.push(format!("{told} requests were refused where the spool should have kept them"));
        }
        if doubles > 0 {
            wrong.push(format!("{doubles} recorded doubles"));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_survived() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = database_file(folder.path());
    let scene = Scene::start(Location::File(file.clone()), folder.path()).await;
    let mut other = SqliteConnectOptions::new().filename(&file).connect().await.expect("a connection");
    other.execute("PRAGMA busy_timeout = 20000").await.expect("patience");
    other.execute("BEGIN IMMEDIATE").await.expect("the lock");
    // The time for which it is locked is the fault itself.
    tokio::time::sleep(held()).await;
    other.execute("ROLLBACK").await.expect("released");
    other.close().await.expect("closed");
    scene.recovers(false).await;
}

/// A file system of 48 MiB in memory, unmounted with its owner.
struct Small(tempfile::TempDir);

impl Small {
    /// `None` where this account may not mount, which is told.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"])
            .arg(folder.path())
            .status()
            .is_ok_and(|it| it.success());
        if !mounted {
            skip_or_fail("a small file system (mount needs root)");
            return None;
        }
        Some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: a connection of a failed test may still be open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_survived() {
    let Some(small) = Small::mount() else { return };
    // What the fake gateway keeps lies elsewhere: its disk is not full.
    let own = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(small.0.path(), own.path().join("data")).expect("a link");
    let scene = Scene::start(Location::File(small.0.path().join("cabildo.db")), own.path()).await;
    let ballast = small.0.path().join("ballast");
    let fill = || {
        use std::io::Write as _;
        let mut file = std::fs::File::create(&ballast).expect("a file");
        // Until there is no room for one more byte.
        for size in [65_536, 4_096, 512, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    };
    fill();
    tokio::time::sleep(held()).await;
    std::fs::remove_file(&ballast).expect("freed");
    // A spool on the same disk has no room either: the gateway is told to come again.
    scene.recovers(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_goes_down_is_survived() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::start(Location::Postgres(cluster.url.clone()), folder.path()).await;
    let mut cluster = tokio::task::spawn_blocking(move || {
        cluster.cut();
        cluster
    })
    .await
    .expect("stopped");
    tokio::time::sleep(held()).await;
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.start_again();
        cluster
    })
    .await
    .expect("started");
    scene.recovers(false).await;
    drop(cluster);
}
