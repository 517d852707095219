//! `cabildo chat`: the terminal phone. It plays a citizen on the real service, with its own database.

mod pictures;

use std::io::{BufRead as _, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, channel, unbounded_channel};
use unicode_segmentation::UnicodeSegmentation as _;

use self::pictures::Album;
use super::Failure;
use crate::channels::gateway::{Gateways, OutboundMessage};
use crate::channels::render::{Choice, Rendered, ReplyKind};
use crate::channels::sms::segments::{self, Encoding};
use crate::clock::Clock;
use crate::domain::channel::ChannelKind;
use crate::ids;
use crate::service::{NewInbound, Service};
use crate::store::{Location, Store};

/// The channel of its messages.
pub(super) const CHANNEL: &str = "phone";
/// Bytes of a line that are read; the rest of it is the next message, as on a phone.
const LONGEST_LINE: u64 = 16 * 1024;
/// Columns of the phone's screen.
const SCREEN: usize = 38;

/// Arguments of `cabildo chat`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// One JSON object for each reply.
    #[arg(long)]
    json: bool,
    /// The channel that it plays: sms, ussd or telegram.
    #[arg(long = "as", value_name = "CHANNEL", default_value_t = ChannelKind::Sms)]
    channel: ChannelKind,
    /// The address that writes.
    #[arg(long, value_name = "ADDRESS", default_value = "phone")]
    from: String,
    /// Language of a new contact; without it that of the data pack.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Database: a file or :memory:.
    #[arg(long, value_name = "PATH", default_value = ":memory:")]
    db: String,
    /// Price of one segment, to show what a reply costs.
    #[arg(long, value_name = "AMOUNT")]
    price: Option<f64>,
}

/// What a phone plays and how it looks.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The channel that it plays.
    pub channel: ChannelKind,
    /// The address that writes.
    pub from: String,
    /// Prints JSON.
    pub json: bool,
    /// Price of one segment.
    pub price: Option<f64>,
}

impl Default for Phone {
    fn default() -> Self {
        Self { channel: ChannelKind::Sms, from: "phone".to_owned(), json: false, price: None }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let mut facts = super::load_facts(pack, None)?;
    // The pack's own stays as it is written, since its labels are found by it.
    if arguments.language.is_some() {
        super::locale(&facts, arguments.language.as_deref())?.clone_into(&mut facts.manifest.pack.locale);
    }
    if arguments.price.is_some_and(|it| !it.is_finite() || it < 0.0) {
        return Err(Failure::usage("The price of a segment is a number that is not negative."));
    }
    let phone = Phone {
        channel: arguments.channel,
        from: arguments.from.clone(),
        json: arguments.json,
        price: arguments.price,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::System;
        let store = open_store(&arguments.db, &clock).await?;
        let service = Arc::new(Service::new(store, Arc::new(facts), clock.clone(), Gateways::new()));
        let (_, beside) = Beside::new();
        let played = play(&service, &clock, &phone, beside, async |_| Ok(None)).await;
        service.store.close().await;
        played.map(|_| ())
    })
}

async fn open_store(db: &str, clock: &Clock) -> Result<Store, Failure> {
    let location = Location::parse(db);
    let opened = match (&location, location.default_key_file()) {
        (Location::Memory, _) => Store::open_in_memory(clock.now()).await,
        (Location::File(_), Some(key_file)) => Store::open(&location, &key_file, clock.now()).await,
        // Its URL would show a password to every process of this machine.
        _ => return Err(Failure::usage("--db takes a file or :memory:. A server is for cabildo serve.")),
    };
    Ok(opened?)
}

/// What the phone shows without having been asked.
pub(super) struct Beside {
    messages: UnboundedReceiver<OutboundMessage>,
    notes: UnboundedReceiver<String>,
}

/// The other ends of a [`Beside`].
pub(super) struct Tell {
    /// Messages that are pushed to the phone.
    pub messages: tokio::sync::mpsc::UnboundedSender<OutboundMessage>,
    /// Sentences of the program to the one who sits here.
    pub notes: tokio::sync::mpsc::UnboundedSender<String>,
}

impl Beside {
    pub(super) fn new() -> (Tell, Self) {
        let (to_phone, messages) = unbounded_channel();
        let (to_person, notes) = unbounded_channel();
        (Tell { messages: to_phone, notes: to_person }, Self { messages, notes })
    }
}

/// Opens the phone on a running service. A line that `command` has an answer for is no message. The
/// answer is whether there was any line before the end of the input.
pub(super) async fn open_phone(
    service: &Arc<Service>,
    clock: &Clock,
    beside: Beside,
    command: impl AsyncFn(&str) -> Result<Option<String>, Failure>,
) -> Result<bool, Failure> {
    play(service, clock, &Phone::default(), beside, command).await
}

/// Each line of the standard input is a message.
async fn play(
    service: &Arc<Service>,
    clock: &Clock,
    phone: &Phone,
    mut beside: Beside,
    command: impl AsyncFn(&str) -> Result<Option<String>, Failure>,
) -> Result<bool, Failure> {
    let screen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && !phone.json;
    let (sender, mut lines) = channel(1);
    // A read of the standard input can't be broken off, so it has a thread that nobody waits for.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match std::io::Read::take(&mut input, LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if sender.blocking_send(String::from_utf8_lossy(&line).trim().to_owned()).is_err() {
                return;
            }
        }
    });
    let mut any = false;
    let mut album = Album::default();
    prompt(screen)?;
    loop {
        let shown = tokio::select! {
            line = lines.recv() => {
                let Some(line) = line else { return Ok(any) };
                any = true;
                match command(&line).await? {
                    Some(answer) => note(&answer, false),
                    None => {
                        let replies = send(service, clock, phone, &line).await?;
                        let kept = album.keep(service, clock, &replies).await;
                        let mut pictures = Vec::with_capacity(kept.len());
                        for picture in kept {
                            pictures.push(match picture {
                                Some(Err(problem)) => {
                                    note(&format!("There is no picture: {problem}."), screen)?;
                                    None
                                }
                                other => other.and_then(Result::ok),
                            });
                        }
                        show(&line, &replies, &pictures, phone, screen)
                    }
                }
            }
            Some(message) = beside.messages.recv() => {
                push(&mut std::io::stdout().lock(), &message, phone, screen)
            }
            Some(sentence) = beside.notes.recv() => note(&sentence, screen),
        };
        match shown.and_then(|()| prompt(screen)) {
            // Whoever read the replies has gone: the phone is hung up.
            Err(problem) if problem.kind() == std::io::ErrorKind::BrokenPipe => return Ok(any),
            shown => shown?,
        }
    }
}

/// Takes the prompt away, so that what comes unasked begins a line of its own.
const CLEAR: &str = "\r\u{1b}[K";

/// Shows a message that was pushed.
fn push(out: &mut impl Write, message: &OutboundMessage, phone: &Phone, screen: bool) -> std::io::Result<()> {
    if screen {
        write!(out, "{CLEAR}")?;
        draw(out, &message.text, &message.choices, phone)?;
    } else {
        writeln!(out, "{}", message.text)?;
    }
    out.flush()
}

/// Says something to the one who sits here, beside what the phone shows.
fn note(sentence: &str, screen: bool) -> std::io::Result<()> {
    if screen {
        let mut out = std::io::stdout().lock();
        write!(out, "{CLEAR}")?;
        out.flush()?;
    }
    writeln!(std::io::stderr(), "{sentence}")
}

/// Sends one message and waits for the replies.
async fn send(service: &Service, clock: &Clock, phone: &Phone, line: &str) -> Result<Vec<Rendered>, Failure> {
    let at = clock.now();
    let (text, location) = match location(line) {
        Some(location) => (String::new(), Some(location)),
        None => (line.to_owned(), None),
    };
    let payload = (phone.channel == ChannelKind::Telegram)
        .then(|| text.strip_prefix("/start ").map(|it| it.trim().to_owned()))
        .flatten();
    let inbound = NewInbound {
        channel_id: CHANNEL.to_owned(),
        kind: phone.channel,
        external_id: Some(ids::new_id(at).to_string()),
        address: phone.from.clone(),
        text,
        location,
        payload,
        pressed: None,
        provider_at: None,
        received_at: at,
    };
    let failed = |problem: crate::store::Error| {
        Failure::new(super::exit::UNAVAILABLE, format!("The message was not answered: {problem}."))
    };
    let answer = service.answer(inbound).await.map_err(failed)?;
    service.answer_written(&answer).await.map_err(failed)?;
    Ok(answer.replies.into_iter().map(|it| it.rendered).collect())
}

/// A shared location, written as a geo URI (RFC 5870): `geo:17.5469,-98.5821`.
fn location(line: &str) -> Option<(f64, f64)> {
    let (lat, lon) = line.strip_prefix("geo:")?.split_once(',')?;
    Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
}

fn prompt(screen: bool) -> std::io::Result<()> {
    if !screen {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    write!(out, "> ")?;
    out.flush()
}

/// One reply as a line of JSON.
#[derive(Serialize)]
struct ReplyLine<'a> {
    input: &'a str,
    kind: ReplyKind,
    text: &'a str,
    encoding: Encoding,
    /// Septets for `gsm7`, UTF-16 units for `ucs2`.
    units: usize,
    segments: usize,
    municipality: Option<&'a str>,
    choices: Vec<&'a str>,
    /// Where the picture above the text lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'a Path>,
}

fn show(
    input: &str,
    replies: &[Rendered],
    pictures: &[Option<PathBuf>],
    phone: &Phone,
    screen: bool,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (reply, picture) in
        replies.iter().zip(pictures.iter().map(Option::as_deref).chain(std::iter::repeat(None)))
    {
        let size = segments::segment(&reply.text);
        if let Some(path) = picture.filter(|_| !phone.json) {
            writeln!(out, "{}", path.display())?;
        }
        if phone.json {
            let line = ReplyLine {
                input,
                kind: reply.kind,
                text: &reply.text,
                encoding: size.encoding,
                units: size.units,
                segments: size.segments,
                municipality: reply.municipality.as_deref(),
                choices: reply.choices.iter().map(|it| it.key.as_str()).collect(),
                picture,
            };
            writeln!(out, "{}", visible(&serde_json::to_string(&line)?))?;
        } else if screen {
            draw(&mut out, &reply.text, &reply.choices, phone)?;
        } else {
            writeln!(out, "{}", reply.text)?;
        }
    }
    out.flush()
}

/// JSON whose strings hold no character that a terminal or an eye would take for something else:
/// what a person wrote comes back in `input`.
fn visible(json: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        let hidden = matches!(character,
            '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        if hidden {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string can't fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// Draws a message as a phone shows it, with what it costs.
fn draw(out: &mut impl Write, text: &str, choices: &[Choice], phone: &Phone) -> std::io::Result<()> {
    let size = segments::segment(text);
    writeln!(out, "  ╭{}╮", "─".repeat(SCREEN + 2))?;
    for line in wrapped(text, SCREEN) {
        let blank = " ".repeat(SCREEN.saturating_sub(line.chars().count()));
        writeln!(out, "  │ {line}{blank} │")?;
    }
    if phone.channel == ChannelKind::Telegram && !choices.is_empty() {
        let buttons: Vec<String> = choices.iter().map(|it| format!("[{}]", it.label)).collect();
        for line in wrapped(&buttons.join(" "), SCREEN) {
            let blank = " ".repeat(SCREEN.saturating_sub(line.chars().count()));
            writeln!(out, "  │ {line}{blank} │")?;
        }
    }
    let foot = match phone.channel {
        ChannelKind::Sms => {
            let name = if size.encoding == Encoding::Gsm7 { "GSM-7" } else { "UCS-2" };
            let cost =
                phone.price.map(|it| format!(" = {:.2}", it * size.segments as f64)).unwrap_or_default();
            format!(" {} SMS{cost}, {} {name} ", size.segments, size.units)
        }
        ChannelKind::Ussd => format!(" USSD, {} ", text.chars().count().saturating_sub(4)),
        ChannelKind::Telegram => " Telegram ".to_owned(),
    };
    let line = "─".repeat((SCREEN + 2).saturating_sub(foot.chars().count()));
    writeln!(out, "  ╰{line}{foot}╯")
}

/// The text in lines of at most `width` characters, broken between words where it can be.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let mut word: Vec<&str> = word.graphemes(true).collect();
            if !line.is_empty() && line.chars().count() + 1 + word.len() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            while word.len() > width {
                lines.push(word.drain(..width).collect());
            }
            line.extend(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_phone_has_a_file_or_memory_of_its_own() {
        // A server's URL may hold a password, and its keys are not the phone's to make.
        let problem = open_store("postgres://u:hunter2@127.0.0.1:1/d", &Clock::System).await.expect_err("no");
        assert_eq!(problem.code(), crate::cli::exit::USAGE);
        assert!(!problem.message().contains("hunter2"), "{}", problem.message());
        // What can't be opened has the exit code of its reason.
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        std::fs::write(&path, "no database, but a text that is long enough to be taken for one")
            .expect("a file");
        std::fs::write(folder.path().join("address-keys.toml"), "x").expect("a file");
        let open = open_store(&path.to_string_lossy(), &Clock::System).await;
        assert_eq!(open.expect_err("damaged keys").code(), crate::cli::exit::CONFIG);
    }

    #[test]
    fn a_geo_uri_is_a_location() {
        assert_eq!(location("geo:17.5469,-98.5821"), Some((17.5469, -98.5821)));
        assert_eq!(location("geo:x,y"), None);
        assert_eq!(location("tlapa"), None);
    }

    #[test]
    fn json_lines_hold_nothing_invisible() {
        let line = visible(&serde_json::to_string("a\u{202e}b\u{9b}c\u{1b}d\u{e0041}").unwrap_or_default());
        assert_eq!(line, r#""a\u202eb\u009bc\u001bd\udb40\udc41""#);
        let back: String = serde_json::from_str(&line).unwrap_or_default();
        assert_eq!(back, "a\u{202e}b\u{9b}c\u{1b}d\u{e0041}");
    }

    #[test]
    fn what_is_pushed_takes_the_place_of_the_prompt() {
        let message = OutboundMessage {
            id: uuid::Uuid::nil(),
            attempt: 1,
            address: "phone".to_owned(),
            text: "4F7K2X: va la pipa".to_owned(),
            choices: Vec::new(),
            edits: None,
            picture: None,
        };
        let shown = |screen| {
            let mut out = Vec::new();
            push(&mut out, &message, &Phone::default(), screen).expect("written");
            String::from_utf8(out).expect("UTF-8")
        };
        let bubble = shown(true);
        assert!(bubble.starts_with("\r\u{1b}[K  ╭") && bubble.ends_with("╯\n"), "{bubble}");
        assert!(bubble.contains("│ 4F7K2X: va la pipa") && bubble.contains("1 SMS"), "{bubble}");
        assert_eq!(shown(false), "4F7K2X: va la pipa\n");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("uno dos tres", 7), ["uno dos", "tres"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
    }
}
