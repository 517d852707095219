//! The commands of the technician, through the binary: doctor, backup, restore, keys.

mod doctor;
mod erased;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;

const CANARY: &str = "5512345678";

fn cabildo(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cabildo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CABILDO_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("HOME", home).current_dir(home).stdin(Stdio::null());
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    cabildo(home, arguments).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A configuration with one Kannel-style channel and a recipient of backups.
struct Site {
    home: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { home: tempfile::tempdir().expect("a folder") };
        let made = run(site.path(), &["backup", "--new-identity", "identity.txt"]);
        let public = String::from_utf8(made.stdout).expect("text");
        site.configure("data", public.trim());
        site
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn configure(&self, data: &str, public: &str) {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n\
             [staff]\nlisten = \"127.0.0.1:0\"\n[data]\ndir = \"{}\"\n\
             [backup]\nrecipients = [\"{public}\"]\nfolder = \"{}\"\nevery_hours = 0\n\
             [log]\nfilter = \"debug\"\n[channels.telco]\ntype = \"kannel\"\nkey = \"k0123456789abcdef\"\n",
            self.path().join(data).display(),
            self.path().join("backups").display(),
        );
        std::fs::write(self.path().join("cabildo.toml"), text).expect("written");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut all = arguments.to_vec();
        all.extend(["--config", "cabildo.toml"]);
        run(self.path(), &all)
    }

    fn serve(&self) -> Serving {
        let mut child = cabildo(self.path(), &["serve", "--config", "cabildo.toml"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut log = BufReader::new(child.stderr.take().expect("a log"));
        let (mut all, mut inner, mut staff) = (String::new(), String::new(), String::new());
        let address = loop {
            let from = all.len();
            assert!(log.read_line(&mut all).expect("a line") > 0, "it ended: {all}");
            let entry: Value = serde_json::from_str(&all[from..]).expect("a line of JSON");
            if let Some(address) = entry["inner_address"].as_str() {
                address.clone_into(&mut inner);
            }
            if let Some(address) = entry["staff_address"].as_str() {
                address.clone_into(&mut staff);
            }
            if let Some(address) = entry["address"].as_str() {
                break address.to_owned();
            }
        };
        let rest = std::thread::spawn(move || {
            log.read_to_string(&mut all).expect("the rest");
            all
        });
        Serving { child, address, inner, staff, rest }
    }
}

struct Serving {
    child: Child,
    address: String,
    inner: String,
    staff: String,
    rest: std::thread::JoinHandle<String>,
}

impl Serving {
    /// Kills it at once; what it logged.
    fn kill(mut self) -> String {
        self.child.kill().expect("killed");
        self.child.wait().expect("an end");
        self.rest.join().expect("the log")
    }
}

fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

fn message(address: &str, number: usize, id: usize) -> Option<String> {
    get(
        address,
        &format!("/webhooks/sms/telco?key=k0123456789abcdef&from=%2B5255{number:08}&text=tlapa&id={id}"),
    )
    .filter(|it| it.starts_with("HTTP/1.1 200"))
}

/// All bytes of the files of a folder.
fn bytes_under(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes_under(&path));
        } else {
            all.extend(std::fs::read(path).expect("a file"));
        }
    }
    all
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|it| it == needle)
}

/// The only backup of a site.
fn backup_of(site: &Site) -> PathBuf {
    let entries = std::fs::read_dir(site.path().join("backups")).expect("a folder");
    let names = entries.map(|it| it.expect("an entry").path());
    names.filter(|it| it.to_string_lossy().ends_with(".db.age")).max().expect("a backup")
}

#[test]
fn the_drill_a_backup_under_load_a_kill_and_a_restore() {
    let site = Site::new();
    let serving = site.serve();
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    assert!(message(&serving.address, CANARY[2..].parse().expect("a number"), 1_000_000).is_some());
    let phones: Vec<_> = (0..4)
        .map(|phone| {
            let (stop, written, address) = (Arc::clone(&stop), Arc::clone(&written), serving.address.clone());
            std::thread::spawn(move || {
                let mut id = phone;
                while !stop.load(Ordering::SeqCst) && message(&address, id % 50, id).is_some() {
                    written.fetch_add(1, Ordering::SeqCst);
                    id += 4;
                }
            })
        })
        .collect();
    while written.load(Ordering::SeqCst) < 40 {
        std::thread::yield_now();
    }
    let before = written.load(Ordering::SeqCst);
    let made = site.run(&["backup", "--keys"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let doctor = site.run(&["doctor", "--json"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", said(&doctor));
    let health = get(&serving.inner, "/ready").expect("an answer");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let arguments = std::fs::read(format!("/proc/{}/cmdline", serving.child.id())).unwrap_or_default();
    assert!(arguments.is_empty() || holds(&arguments, b"serve"), "it is the server's");
    // The writer ends in the middle.
    let log = serving.kill();
    stop.store(true, Ordering::SeqCst);
    for phone in phones {
        phone.join().expect("a phone");
    }
    let backups = site.path().join("backups");
    for (what, bytes) in [
        ("log", log.into_bytes()),
        ("data", bytes_under(&site.path().join("data"))),
        ("backups", bytes_under(&backups)),
        ("doctor", doctor.stdout.clone()),
        ("arguments", arguments),
    ] {
        for secret in [CANARY, "k0123456789abcdef"] {
            assert!(!holds(&bytes, secret.as_bytes()), "{secret} in {what}");
        }
    }
    assert!(
        !std::fs::read_dir(site.path().join("data")).expect("a folder").any(|it| it
            .expect("an entry")
            .path()
            .to_string_lossy()
            .ends_with(".copy"))
    );

    let file = backup_of(&site).to_string_lossy().into_owned();
    let arguments = ["restore", &file, "--into", "new", "--identity", "identity.txt"];
    let restored = run(site.path(), &arguments);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    // Never over a database that is there.
    assert_eq!(run(site.path(), &arguments).status.code(), Some(73));
    std::fs::copy(site.path().join("data/address-keys.toml"), site.path().join("new/address-keys.toml"))
        .expect("the keys");
    let config = std::fs::read_to_string(site.path().join("cabildo.toml")).expect("a configuration");
    let moved =
        config.replace(&format!("{:?}", site.path().join("data")), &format!("{:?}", site.path().join("new")));
    std::fs::write(site.path().join("cabildo.toml"), moved).expect("written");
    let serving = site.serve();
    // What had been answered before the backup is a repeat, what is new is answered.
    let again = message(&serving.address, 0, 0).expect("an answer");
    assert!(again.ends_with("\r\n\r\n"), "{again}");
    let new = message(&serving.address, 7, 2_000_000).expect("an answer");
    assert!(new.contains("71.8%"), "{new}");
    assert!(before >= 40);
    serving.kill();
}

#[test]
fn a_damaged_backup_and_a_wrong_identity_are_refused() {
    let site = Site::new();
    site.serve().kill();
    assert_eq!(site.run(&["backup"]).status.code(), Some(0));
    let file = backup_of(&site);
    assert_eq!(run(site.path(), &["backup", "--new-identity", "other.txt"]).status.code(), Some(0));
    let restore = |file: &Path, identity: &str| {
        let file = file.to_string_lossy().into_owned();
        let output = run(site.path(), &["restore", &file, "--into", "new", "--identity", identity]);
        assert!(!site.path().join("new/cabildo.db").exists());
        output.status.code()
    };
    assert_eq!(restore(&file, "other.txt"), Some(65));
    assert_eq!(restore(&file, "none.txt"), Some(66));
    let whole = std::fs::read(&file).expect("read");
    let damaged = site.path().join("damaged.db.age");
    for at in [whole.len() / 3, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&damaged, bytes).expect("written");
        assert_eq!(restore(&damaged, "identity.txt"), Some(65), "byte {at}");
    }
    std::fs::write(&damaged, &whole[..whole.len() - 70_000.min(whole.len() / 2)]).expect("written");
    assert_eq!(restore(&damaged, "identity.txt"), Some(65));
}

#[test]
fn keys_are_added_sealed_anew_and_taken_out() {
    let site = Site::new();
    let serving = site.serve();
    assert!(message(&serving.address, 1, 1).is_some());
    // Beside a running service it leaves the work to that.
    assert_eq!(site.run(&["keys", "rotate"]).status.code(), Some(0));
    assert_eq!(site.run(&["keys", "rotate", "--continue"]).status.code(), Some(75));
    serving.kill();
    let done = site.run(&["keys", "rotate", "--continue"]);
    assert!(said(&done).starts_with("1 addresses were sealed anew"), "{}", said(&done));
    let status = site.run(&["keys", "status"]);
    assert!(said(&status).contains("current version 2, in the file 1, 2; 0 addresses"), "{}", said(&status));
    // The texts of the message are still sealed with the first version.
    let kept = site.run(&["keys", "prune", "--now"]);
    assert_eq!(kept.status.code(), Some(0));
    assert!(said(&kept).contains("nothing was taken out"), "{}", said(&kept));
    // The second one sealed only the address, which has a third now.
    assert_eq!(site.run(&["keys", "rotate"]).status.code(), Some(0));
    assert_eq!(site.run(&["keys", "rotate", "--continue"]).status.code(), Some(0));
    assert_eq!(site.run(&["keys", "prune"]).status.code(), Some(75));
    assert_eq!(site.run(&["keys", "prune", "--now"]).status.code(), Some(0));
    let status = site.run(&["keys", "status"]);
    assert!(said(&status).contains("current version 3, in the file 1, 3; 0 addresses"), "{}", said(&status));
    let serving = site.serve();
    assert!(message(&serving.address, 1, 2).is_some());
    serving.kill();
}

#[test]
fn what_ends_is_counted_before_it_ends() {
    let site = Site::new();
    let serving = site.serve();
    assert!(message(&serving.address, 1, 1).is_some());
    let counted = site.run(&["retention", "--dry-run"]);
    assert_eq!(counted.status.code(), Some(0), "{}", said(&counted));
    assert!(said(&counted).starts_with("Would end now:\n"), "{}", said(&counted));
    assert!(said(&counted).contains("0  contacts that were silent for long"), "{}", said(&counted));
    let ended = site.run(&["retention"]);
    assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
    assert!(said(&ended).starts_with("Ended:\n"), "{}", said(&ended));
    // Who wrote just now is still known.
    assert!(message(&serving.address, 1, 2).is_some());
    serving.kill();
}

#[test]
#[cfg(unix)]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    site.serve().kill();
    let well = site.run(&["doctor"]);
    assert_eq!(well.status.code(), Some(0), "{}", said(&well));
    assert!(said(&well).contains("synchronous 2") && said(&well).contains("sqlite 3."), "{}", said(&well));
    let mode = |name: &str, mode: u32| {
        let path = site.path().join("data").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode("cabildo.db", 0o644);
    let open = site.run(&["doctor"]);
    assert_eq!(open.status.code(), Some(78), "{}", said(&open));
    assert!(said(&open).contains("chmod 600"), "{}", said(&open));
    mode("cabildo.db", 0o600);
    mode("", 0o777);
    assert_eq!(site.run(&["doctor"]).status.code(), Some(78));
    assert_eq!(site.run(&["serve"]).status.code(), Some(78));
    mode("", 0o700);
    std::fs::remove_file(site.path().join("data/address-keys.toml")).expect("removed");
    let lines = site.run(&["doctor", "--json"]);
    assert_eq!(lines.status.code(), Some(78));
    let failed: Vec<Value> = String::from_utf8_lossy(&lines.stdout)
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .filter(|it: &Value| it["level"] == "fail")
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["check"], "address keys");
    // A gateway where nobody listens.
    let site = Site::new();
    let config = std::fs::read_to_string(site.path().join("cabildo.toml")).expect("a configuration");
    let sender =
        "sendsms_url = \"http://127.0.0.1:1/cgi-bin/sendsms\"\nusername = \"u\"\npassword = \"hunter2\"\n";
    std::fs::write(site.path().join("cabildo.toml"), config + sender).expect("written");
    let away = site.run(&["doctor"]);
    assert_eq!(away.status.code(), Some(69), "{}", said(&away));
    assert!(!said(&away).contains("hunter2"));
}

#[test]
fn staff_are_added_beside_a_service_and_nothing_secret_is_logged() {
    let site = Site::new();
    // The first one is there before the service, by a password that is typed.
    let mut first = cabildo(
        site.path(),
        &["staff", "add", "Ana", "--role", "administrator", "--finish", "--config", "cabildo.toml"],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the binary runs");
    first.stdin.take().expect("an input").write_all(b"tortilla azul 1821\n").expect("written");
    let first = first.wait_with_output().expect("an end");
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let shown = said(&first);
    assert!(shown.contains("otpauth://totp/Cabildo:ana?"), "{shown}");
    let secret = shown.split("Authenticator: ").nth(1).and_then(|it| it.split_whitespace().next());
    let secret = secret.expect("a secret").to_owned();

    let serving = site.serve();
    let add = |arguments: &[&str]| site.run(&[&["staff", "add"], arguments].concat());
    let second = add(&["luis", "--role", "caseworker@municipality:12066"]);
    assert_eq!(second.status.code(), Some(0), "{}", said(&second));
    assert_eq!(add(&["luis", "--role", "moderator"]).status.code(), Some(65));
    assert_eq!(add(&["eva", "--role", "mayor"]).status.code(), Some(64));
    assert_eq!(add(&["eva", "--role", "auditor", "--role", "administrator"]).status.code(), Some(64));
    assert_eq!(site.run(&["staff", "reset", "nobody"]).status.code(), Some(66));
    let roles = site.run(&["staff", "roles", "luis", "--role", "moderator@state:12"]);
    assert!(said(&roles).contains("luis: moderator@state:12"), "{}", said(&roles));
    let list = site.run(&["staff", "list"]);
    assert!(said(&list).contains("administrator@country"), "{}", said(&list));
    let reset = site.run(&["staff", "reset", "luis"]);
    assert_eq!(reset.status.code(), Some(0), "{}", said(&reset));

    // A sign-in that fails and the log of all of it.
    let body = r#"{"with":"password","name":"ana","password":"canary-password-1","totp":"123456"}"#;
    let mut stream = TcpStream::connect(&serving.staff).expect("a connection");
    write!(
        stream,
        "POST /staff/v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let log = serving.kill();
    for canary in ["canary-password", "tortilla azul", secret.as_str(), "123456"] {
        assert!(!log.contains(canary), "{canary} in the log");
    }

    let sound = site.run(&["audit", "verify"]);
    assert_eq!(sound.status.code(), Some(0), "{}", said(&sound));
    assert!(said(&sound).contains("The trail is sound"), "{}", said(&sound));
    let head = site.run(&["audit", "head"]);
    assert_eq!(said(&head).trim().split(' ').nth(1).map(str::len), Some(64), "{}", said(&head));
    std::fs::write(
        site.path().join("heads.log"),
        format!("{{\"seq\":1,\"mac\":\"{}\",\"at\":0}}\n", "00".repeat(32)),
    )
    .expect("written");
    let other = site.run(&["audit", "verify", "--heads", "heads.log"]);
    assert_eq!(other.status.code(), Some(65), "{}", said(&other));
    assert!(said(&other).contains("other_history"), "{}", said(&other));
    assert_eq!(site.run(&["audit", "verify", "--heads", "none.log"]).status.code(), Some(66));
}

#[test]
fn an_empty_data_folder_is_an_error() {
    let home = tempfile::tempdir().expect("a folder");
    let output =
        cabildo(home.path(), &["config", "check"]).env("CABILDO_DATA_DIR", "").output().expect("runs");
    assert_eq!(output.status.code(), Some(78));
}
