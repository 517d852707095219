//! A real SMS gateway for tests: Kannel's bearerbox and smsbox with its fake SMSC, as Debian's
//! packages `kannel` and `kannel-extras` install them.
//!
//! Nothing waits by the clock: each program tells in its log when it is ready, and a reply is read
//! where the fake SMSC prints it.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::free_ports;

/// User of `sendsms` in the generated configuration.
pub const SENDSMS_USER: &str = "cabildo";
/// Its password.
pub const SENDSMS_PASSWORD: &str = "only-for-tests";
/// Our number in the generated configuration.
pub const OUR_NUMBER: &str = "70333";
/// What Kannel appends to the service's address for a message of a citizen, with Kannel's escapes:
/// sender, our number, text, id, SMSC, Unix seconds, charset, coding.
pub const GET_PARAMETERS: &str = "from=%p&to=%P&text=%a&id=%I&smsc=%i&time=%T&charset=%C&coding=%c";

/// How long a program may take to be ready, and a reply to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message that reached the citizen's phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Who sent it.
    pub from: String,
    /// Who got it.
    pub to: String,
    /// What it says; of a longer text, this part of it.
    pub text: String,
    /// Whether it went as UCS-2.
    pub ucs2: bool,
    /// Which part of a longer text it is, from 1, and of how many.
    pub part: Option<(u8, u8)>,
}

/// A running gateway; its programs end with it.
#[derive(Debug)]
pub struct KannelStack {
    fake_smsc: PathBuf,
    smsc_port: u16,
    sendsms_port: u16,
    // In the order in which they have to end.
    _smsbox: Program,
    _bearerbox: Program,
    folder: TempDir,
}

impl KannelStack {
    /// Whether the three programs are installed.
    pub fn installed() -> bool {
        programs().is_some()
    }

    /// Starts a gateway that asks `service` (an address that may carry a query already) for the
    /// reply to each message.
    ///
    /// The error says which program failed and what it wrote last.
    pub fn start(service: &str) -> Result<Self, String> {
        let mut tries = 0;
        loop {
            tries += 1;
            // Another program may have taken a port meanwhile, and bearerbox ends on a busy one.
            match Self::start_once(service) {
                Err(_) if tries < 3 => {}
                done => return done,
            }
        }
    }

    fn start_once(service: &str) -> Result<Self, String> {
        let [bearerbox, smsbox, fake_smsc] = programs().ok_or("Kannel is not installed")?;
        let [admin_port, box_port, smsc_port, sendsms_port] =
            free_ports().map_err(|problem| format!("there are no free ports: {problem}"))?;
        let folder = tempfile::tempdir().map_err(|problem| format!("no temporary folder: {problem}"))?;
        let file = folder.path().join("kannel.conf");
        let configuration = configuration(service, admin_port, box_port, smsc_port, sendsms_port);
        std::fs::write(&file, configuration)
            .map_err(|problem| format!("the configuration can't be written: {problem}"))?;
        let bearerbox = Program::start(&bearerbox, &[&file.to_string_lossy()], folder.path())?;
        bearerbox.wait_for("entering mainloop")?;
        let smsbox = Program::start(&smsbox, &[&file.to_string_lossy()], folder.path())?;
        smsbox.wait_for("Connected to bearerbox")?;
        Ok(Self { fake_smsc, smsc_port, sendsms_port, _smsbox: smsbox, _bearerbox: bearerbox, folder })
    }

    /// The address of `sendsms`, without parameters.
    pub fn sendsms(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.sendsms_port)
    }

    /// Sends `text` from a citizen's phone and waits until `expected` messages came back to it.
    ///
    /// With `expected` 0 it waits until the gateway has taken the message. Fewer than expected
    /// within the time is an error that says what came.
    pub fn exchange(&self, from: &str, text: &str, expected: usize) -> Result<Vec<Delivered>, String> {
        let line = format!("{from} {OUR_NUMBER} {}", encoded(text));
        let port = self.smsc_port.to_string();
        // A second message would follow after the interval only, which nobody waits for: with one
        // as the maximum it would end after the first reply and lose the others.
        let arguments = ["-H", "127.0.0.1", "-r", &port, "-m", "2", "-i", "3600", &line];
        let phone = Program::start(&self.fake_smsc, &arguments, self.folder.path())?;
        phone.wait_for("sent message 1")?;
        let mut delivered = Vec::with_capacity(expected);
        while delivered.len() < expected {
            let entry = phone.wait_for("Got message ").map_err(|problem| {
                format!("{} of {expected} replies came ({delivered:?}): {problem}", delivered.len())
            })?;
            delivered.push(parse(&entry)?);
        }
        Ok(delivered)
    }
}

/// Bearerbox, smsbox and the fake SMSC, where all three are there.
fn programs() -> Option<[PathBuf; 3]> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| {
        std::env::split_paths(&path)
            .chain(["/usr/sbin", "/usr/lib/kannel/test"].map(PathBuf::from))
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    };
    Some([find("bearerbox")?, find("smsbox")?, find("fakesmsc")?])
}

/// The configuration: the groups that Kannel needs, everything on the loopback.
fn configuration(service: &str, admin: u16, boxes: u16, smsc: u16, sendsms: u16) -> String {
    let joint = if service.contains('?') { '&' } else { '?' };
    format!(
        r#"group = core
admin-port = {admin}
admin-password = {SENDSMS_PASSWORD}
admin-allow-ip = "127.0.0.1"
admin-deny-ip = "*.*.*.*"
smsbox-port = {boxes}
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {smsc}
connect-allow-ip = "127.0.0.1"

# Without smsbox-id: a named box gets only what is routed to it by name.
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
mo-recode = true
http-request-retry = 2
http-queue-delay = 1
reply-couldnotfetch = "No pudimos responder."
reply-requestfailed = "No pudimos responder."

group = sendsms-user
username = {SENDSMS_USER}
password = {SENDSMS_PASSWORD}
default-sender = {OUR_NUMBER}
concatenation = true
max-messages = 3

group = sms-service
keyword = default
catch-all = true
get-url = "{service}{joint}{GET_PARAMETERS}"
accept-x-kannel-headers = true
concatenation = true
max-messages = 3
omit-empty = true
"#
    )
}

/// Type and content of a message in the fake SMSC's line protocol.
fn encoded(text: &str) -> String {
    // Plain text goes as it is; a line can't carry a line break, nor another alphabet.
    if text.chars().all(|it| (' '..='~').contains(&it) || "ñÑéÉüÜ¿¡".contains(it)) {
        return format!("text {text}");
    }
    text.encode_utf16().flat_map(u16::to_be_bytes).fold("ucs2 ".to_owned(), |mut out, byte| {
        // Writing to a string can't fail.
        let _ = write!(out, "%{byte:02x}");
        out
    })
}

/// Reads `Got message 1: <70333 +52155 text hola>`; the types are `text` (as it is), `data`
/// (percent-encoded UTF-8), `ucs-2` (percent-encoded UTF-16) and `udh HEADER data CONTENT` (a
/// part, in either).
fn parse(entry: &str) -> Result<Delivered, String> {
    let wrong = || format!("the fake SMSC printed something else: {entry}");
    let (_, entry) = entry.split_once(": <").ok_or_else(wrong)?;
    let message = entry.strip_suffix('>').ok_or_else(wrong)?;
    let mut words = message.splitn(4, ' ');
    let mut word = || words.next().ok_or_else(wrong);
    let (from, to, kind, content) = (word()?.to_owned(), word()?.to_owned(), word()?, word()?);
    let utf16 = |bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]]));
        char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let (text, ucs2, part) = match kind {
        "text" => (content.to_owned(), false, None),
        "data" => (String::from_utf8_lossy(&percent_decoded(content)).into_owned(), false, None),
        "ucs-2" => (utf16(&percent_decoded(content)), true, None),
        "udh" => {
            let (header, content) = content.split_once(" data ").ok_or_else(wrong)?;
            let part = match percent_decoded(header)[..] {
                // Concatenation, 8 bit reference: 3GPP TS 23.040, 9.2.3.24.1.
                [5, 0, 3, _, of, number] => Some((number, of)),
                _ => None,
            };
            let bytes = percent_decoded(content);
            // The line does not name the alphabet of a part; texts of ours in UTF-16 have Latin
            // letters or spaces, whose high byte is zero, and those in GSM-7 have no NUL.
            if bytes.contains(&0) {
                (utf16(&bytes), true, part)
            } else {
                (String::from_utf8_lossy(&bytes).into_owned(), false, part)
            }
        }
        _ => return Err(wrong()),
    };
    Ok(Delivered { from, to, text, ucs2, part })
}

/// Undoes `application/x-www-form-urlencoded`.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|it| char::from(it).to_digit(16)).unwrap_or(0) as u8;
                digit() * 16 + digit()
            }
            other => other,
        });
    }
    out
}

/// A child program whose log is read as it comes; it is killed with its owner.
#[derive(Debug)]
struct Program {
    name: String,
    child: Child,
    log: Receiver<String>,
}

impl Program {
    fn start(program: &Path, arguments: &[&str], folder: &Path) -> Result<Self, String> {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|problem| format!("{name} does not start: {problem}"))?;
        let (tx, log) = channel();
        // Both streams are always read, or the program would stop on a full pipe.
        if let Some(stdout) = child.stdout.take() {
            read_entries(stdout, tx.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            read_entries(stderr, tx);
        }
        Ok(Self { name, child, log })
    }

    /// The next log entry that contains `sign`.
    fn wait_for(&self, sign: &str) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut last = String::new();
        loop {
            match self.log.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(entry) if entry.contains(sign) => return Ok(entry),
                Ok(entry) => last = entry,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("{} did not say \"{sign}\" in time, last: {last}", self.name));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("{} ended before \"{sign}\", last: {last}", self.name));
                }
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; a test's end has nobody to tell otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes on the log entries of a stream. A text with line breaks is one entry: it ends with `>`.
fn read_entries(stream: impl Read + Send + 'static, tx: Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut entry = String::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => entry.push_str(&String::from_utf8_lossy(&line)),
            }
            if entry.contains("Got message ") && !entry.trim_end_matches('\n').ends_with('>') {
                continue;
            }
            let whole = entry.strip_suffix('\n').unwrap_or(&entry).to_owned();
            entry.clear();
            // Nobody waits for the log any more.
            if tx.send(whole).is_err() {
                return;
            }
        }
    });
}

/// An address on the loopback for `port`.
pub fn loopback(port: u16) -> String {
    format!("http://{}:{port}", Ipv4Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_fake_smsc_are_read() {
        let text = parse("x INFO: Got message 1: <70333 +52155 text Año: ¿sí>no?>").expect("a message");
        assert_eq!((text.from.as_str(), text.to.as_str()), ("70333", "+52155"));
        assert_eq!((text.text.as_str(), text.ucs2, text.part), ("Año: ¿sí>no?", false, None));
        let ucs2 = parse("Got message 2: <1 2 ucs-2 %00A%00%F1+%AC%D8%3D%DE%00>").expect("a message");
        assert_eq!((ucs2.text.as_str(), ucs2.ucs2), ("Añ€\u{1F600}", true));
        let part = parse("Got message 3: <1 2 udh %05%00%03%00%02%01 data a%C3%B1o+x>").expect("a message");
        assert_eq!((part.text.as_str(), part.part), ("año x", Some((1, 2))));
        assert!(parse("Got message 4: <1 2>").is_err());
    }

    #[test]
    fn a_message_is_written_in_the_alphabet_it_needs() {
        assert_eq!(encoded("año 5%"), "text año 5%");
        assert_eq!(encoded("á"), "ucs2 %00%e1");
        assert_eq!(encoded("a\n"), "ucs2 %00%61%00%0a");
    }
}
