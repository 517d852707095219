//! A throwaway `PostgreSQL`: one cluster for the test process, one database for each test.
//!
//! The cluster is made from the installed programs, unless `DATABASE_URL` names a server on which
//! databases may be made. Where neither is there the tests that need it say `skipped: postgres`, and
//! fail if `CABILDO_REQUIRE_ALL=1`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::str::FromStr as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

/// Makes a cluster in a folder of its own that listens on a Unix socket only, tells the folder, and
/// ends it when the standard input closes: that is, with the test process, however it ends. Until
/// then each line of the input is a word for `pg_ctl` or `kill`, answered by `done`. `$1`: whether it
/// syncs its writes.
const CLUSTER: &str = r#"
set -e
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/cabildo-postgres.XXXXXX")
trap '"$0/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
"$0/initdb" -D "$dir/data" -U cabildo -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1
"$0/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
  -o "-k $dir -c listen_addresses='' -c fsync=$1 -c max_connections=300" >/dev/null 2>&1
echo "$dir"
while read -r word; do
  case "$word" in
    stop) "$0/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true ;;
    start)
      "$0/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
        -o "-k $dir -c listen_addresses='' -c fsync=$1 -c max_connections=300" >/dev/null 2>&1 ;;
  esac
  echo done
done
"#;

/// A cluster of one test that syncs its writes and can be stopped and started; it ends with its owner.
#[derive(Debug)]
pub struct Cluster {
    /// URL of its one database.
    pub url: String,
    program: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Cluster {
    /// Makes and starts a cluster; `None` where the programs are not installed, which is told.
    pub async fn start() -> Option<Self> {
        let Some((program, answers, folder)) = programs().and_then(|it| launch(&it, "on")) else {
            crate::skip_or_fail("a PostgreSQL cluster of its own");
            return None;
        };
        let url = format!("postgres://cabildo@localhost/cabildo?host={folder}");
        let admin = format!("postgres://cabildo@localhost/postgres?host={folder}");
        let options = PgConnectOptions::from_str(&admin).expect("the URL of the server");
        let mut admin = options.connect().await.expect("a connection to the server");
        let create = "CREATE DATABASE cabildo TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'";
        admin.execute(create).await.expect("a new database");
        admin.close().await.expect("closed");
        Some(Self { url, program, answers })
    }

    /// Stops it as a power switch would (`pg_ctl stop -m immediate`); it blocks until it is down.
    pub fn cut(&mut self) {
        self.say("stop");
    }

    /// Starts it again; it blocks until it takes connections.
    pub fn start_again(&mut self) {
        self.say("start");
    }

    fn say(&mut self, word: &str) {
        let input = self.program.stdin.as_mut().expect("a pipe");
        writeln!(input, "{word}").expect("told");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        assert_eq!(answer, "done\n", "the cluster did not {word}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        // It stops the server and removes its folder before it ends.
        let _ = self.program.wait();
    }
}

/// The server that this process uses.
struct Server {
    url: String,
    /// Holds the pipe whose end stops the cluster.
    _cluster: Option<Child>,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database of one test.
pub struct Database {
    /// Its URL.
    pub url: String,
    name: String,
}

/// A new, empty database; `None` where there is no `PostgreSQL`, which is told.
pub async fn database() -> Option<Database> {
    let Some(server) = SERVER.get_or_init(server) else {
        crate::skip_or_fail("postgres");
        return None;
    };
    let number = DATABASES.fetch_add(1, Ordering::SeqCst);
    let name = format!("cabildo_test_{}_{number}", std::process::id());
    let options = PgConnectOptions::from_str(&server.url).expect("the URL of the server");
    let mut admin = options.connect().await.expect("a connection to the server");
    admin
        .execute(AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )))
        .await
        .expect("a new database");
    admin.close().await.expect("closed");
    let url = match server.url.split_once('?') {
        Some((head, query)) => format!("{}/{name}?{query}", without_database(head)),
        None => format!("{}/{name}", without_database(&server.url)),
    };
    Some(Database { url, name })
}

impl Database {
    /// Drops the database, on a server that stays.
    pub async fn drop(self) {
        let Some(Some(server)) = SERVER.get() else { return };
        let options = PgConnectOptions::from_str(&server.url).expect("the URL of the server");
        let mut admin = options.connect().await.expect("a connection to the server");
        admin
            .execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name)))
            .await
            .expect("dropped");
    }
}

fn without_database(url: &str) -> &str {
    let start = url.find("://").map_or(0, |it| it + 3);
    url[start..].find('/').map_or(url, |it| &url[..start + it])
}

fn server() -> Option<Server> {
    if let Ok(url) = std::env::var("DATABASE_URL") {
        return Some(Server { url, _cluster: None });
    }
    let (cluster, _, folder) = launch(&programs()?, "off")?;
    Some(Server {
        url: format!("postgres://cabildo@localhost/postgres?host={folder}"),
        _cluster: Some(cluster),
    })
}

/// Starts the script of a cluster; gives it, its output behind the first line, and its folder.
fn launch(programs: &str, fsync: &str) -> Option<(Child, BufReader<std::process::ChildStdout>, String)> {
    // The programs refuse to run as root.
    let mut command = if user_is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", CLUSTER, programs, fsync]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", CLUSTER, programs, fsync]);
        command
    };
    let mut cluster =
        command.env_remove("TMPDIR").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut output = BufReader::new(cluster.stdout.take()?);
    let mut folder = String::new();
    output.read_line(&mut folder).ok()?;
    let folder = folder.trim().to_owned();
    (!folder.is_empty()).then_some((cluster, output, folder))
}

/// The folder of the newest installed programs.
fn programs() -> Option<String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, String)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let programs = path.join("bin");
            programs.join("initdb").exists().then(|| (version, programs.display().to_string()))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs)
}

fn user_is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}
