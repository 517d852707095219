//! The loop around the console: one task that reads keys first, drains the feed in batches and draws once.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crossterm::clipboard::{ClipboardSelection, ClipboardType, CopyToClipboard};
use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, EventStream};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen, SetTitle};
use crossterm::{cursor, execute};
use futures_util::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::api::{Api, follow};
use crate::app::App;
use crate::data::FeedEvent;
use crate::event::{Effect, Event};
use crate::frames::Frames;
use crate::safe::SafeText;
use crate::session::Folder;

/// Between two drawings that no key caused.
const FRAME: Duration = Duration::from_millis(100);
/// Bytes of a frame that are written at once; a whole screen in colour has about a third of it.
const OUT: usize = 1 << 16;
/// Events that are taken at once.
const BATCH: usize = 512;

/// The terminal in its state for the console; dropping it restores it.
struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<io::Stdout>>>,
}

impl Screen {
    fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        // A frame goes out in one piece: it is neither seen half nor paid for by the kilobyte.
        let out = BufWriter::with_capacity(OUT, io::stdout());
        Ok(Self { terminal: Terminal::new(CrosstermBackend::new(out))? })
    }

    fn draw(&mut self, app: &mut App, frames: &mut Frames) -> io::Result<()> {
        let began = Instant::now();
        let mut built = Duration::ZERO;
        self.terminal.draw(|frame| {
            let began = Instant::now();
            if let Some(at) = app.draw(frame.buffer_mut()) {
                frame.set_cursor_position(at);
            }
            built = began.elapsed();
        })?;
        frames.note(built, began.elapsed());
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// The one task that reads the terminal.
struct Input {
    task: JoinHandle<()>,
    keys: mpsc::Receiver<Event>,
}

impl Input {
    fn begin() -> Self {
        let (tx, keys) = mpsc::channel(BATCH);
        let task = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                let Some(event) = read(event) else { continue };
                if tx.send(event).await.is_err() {
                    return;
                }
            }
        });
        Self { task, keys }
    }

    /// Ends reading, so that somebody else can read the terminal.
    async fn end(self) {
        self.task.abort();
        // It ends by being aborted.
        let _ = self.task.await;
    }
}

/// Puts the terminal back; nobody is left to tell if that fails.
pub fn restore() {
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

/// Restores the terminal before a panic is told, and tells it without control characters.
pub fn hook_panics() {
    std::panic::set_hook(Box::new(|info| {
        restore();
        let said = info.payload_as_str().unwrap_or("a panic");
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = SafeText::line(&format!("cabildo-admin stopped: {said} ({place})"));
        let _ = writeln!(io::stderr(), "{text}");
    }));
}

/// Time as the console sees it.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Runs until somebody leaves.
///
/// # Errors
/// The terminal can't be used.
pub async fn run(mut app: App, api: Api, folder: Folder, signed: bool) -> io::Result<()> {
    let (tx, mut rx) = mpsc::channel::<Event>(4 * BATCH);
    let mut ends = signal(SignalKind::terminate())?;
    let mut hangs = signal(SignalKind::hangup())?;
    let mut screen = Some(Screen::enter()?);
    let mut input = Input::begin();
    let mut outside = Outside { api, folder, tx, feed: None };
    let mut todo = app.begin(signed);
    let mut drawn = Instant::now();
    let mut frames = Frames::begin();
    // Whether a key wants to be seen at once, or something else soon.
    let (mut keyed, mut changed) = (true, true);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        for effect in std::mem::take(&mut todo) {
            match effect {
                Effect::Quit => {
                    drop(screen.take());
                    return Ok(());
                }
                Effect::Suspend => {
                    input.end().await;
                    drop(screen.take());
                    tokio::task::block_in_place(stop_until_continued)?;
                    screen = Some(Screen::enter()?);
                    input = Input::begin();
                    keyed = true;
                }
                Effect::Edit(text) => {
                    // No second reader of the terminal while the editor has it.
                    input.end().await;
                    drop(screen.take());
                    let edited = tokio::task::block_in_place(|| outside.edit(&text));
                    screen = Some(Screen::enter()?);
                    input = Input::begin();
                    todo.extend(app.handle(Event::Edited(edited), now()));
                    keyed = true;
                }
                other => outside.perform(other),
            }
        }
        if !todo.is_empty() {
            continue;
        }
        if let Some(screen) = &mut screen
            && (keyed || (changed && drawn.elapsed() >= FRAME))
        {
            screen.draw(&mut app, &mut frames)?;
            drawn = Instant::now();
            (keyed, changed) = (false, false);
        }
        let wait = match app.wake() {
            Some(at) => Duration::from_millis((at - now()).max(0) as u64),
            None => Duration::from_mins(1),
        };
        let wait = if changed { wait.min(FRAME.saturating_sub(drawn.elapsed())) } else { wait };
        tokio::select! {
            biased;
            pressed = input.keys.recv() => {
                let Some(mut event) = pressed else {
                    todo.extend(app.handle(Event::Terminate, now()));
                    continue;
                };
                // All keys that are there, then one drawing.
                loop {
                    todo.extend(app.handle(event, now()));
                    if todo.iter().any(|it| matches!(it, Effect::Quit | Effect::Suspend | Effect::Edit(_))) {
                        break;
                    }
                    match input.keys.try_recv() {
                        Ok(next) => event = next,
                        Err(_) => break,
                    }
                }
                keyed = true;
            }
            _ = ends.recv() => todo.extend(app.handle(Event::Terminate, now())),
            _ = hangs.recv() => todo.extend(app.handle(Event::Terminate, now())),
            taken = rx.recv_many(&mut batch, BATCH) => {
                if taken == 0 {
                    continue;
                }
                let mut feed: Vec<FeedEvent> = Vec::new();
                for event in batch.drain(..) {
                    match event {
                        Event::Feed(event) => feed.push(event),
                        other => {
                            // An answer to a key is drawn as soon as the key is.
                            keyed |= matches!(other, Event::Answer(..));
                            todo.extend(app.handle(other, now()));
                        }
                    }
                }
                if !feed.is_empty() {
                    todo.extend(app.handle_feed(&feed, now()));
                }
                changed = true;
            }
            () = tokio::time::sleep(wait) => {
                todo.extend(app.handle(Event::Tick, now()));
                changed = true;
            }
        }
    }
}

/// What an event of the terminal is to the console.
fn read(event: io::Result<event::Event>) -> Option<Event> {
    match event.ok()? {
        event::Event::Key(key) => Some(Event::Key(key)),
        event::Event::Paste(text) => Some(Event::Paste(SafeText::typed(&text))),
        event::Event::Resize(width, height) => Some(Event::Resize(width, height)),
        _ => None,
    }
}

/// Stops as a shell expects it, until `fg`.
fn stop_until_continued() -> io::Result<()> {
    let own = std::process::id().to_string();
    std::process::Command::new("kill").args(["-TSTP", &own]).status().map(|_| ())
}

/// Does what has an effect outside the console.
struct Outside {
    api: Api,
    folder: Folder,
    tx: mpsc::Sender<Event>,
    feed: Option<JoinHandle<()>>,
}

impl Outside {
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ask(number, ask) => {
                let (api, tx) = (self.api.clone(), self.tx.clone());
                tokio::spawn(async move {
                    let answer = api.ask(ask).await;
                    // Nobody is left to tell if the console has gone.
                    let _ = tx.send(Event::Answer(number, Box::new(answer))).await;
                });
            }
            Effect::Follow => {
                if let Some(before) = self.feed.take() {
                    before.abort();
                }
                self.feed = Some(tokio::spawn(follow(self.api.clone(), self.tx.clone())));
            }
            // Where files can't be written the console goes on; the next sign-in asks again.
            Effect::KeepToken => {
                let _ = self.folder.keep_token(&self.api.origin(), self.api.token().as_deref());
            }
            Effect::KeepDraft { case, note, text } => {
                let _ = self.folder.keep_draft(case, note, &text);
            }
            Effect::KeepPlace(place) => {
                let _ = self.folder.keep_place(&place);
            }
            Effect::Copy(text) => {
                let copy = CopyToClipboard {
                    content: text.as_str(),
                    destination: ClipboardSelection(vec![ClipboardType::Clipboard]),
                };
                let _ = execute!(io::stdout(), copy);
            }
            Effect::Title(text) => {
                let _ = execute!(io::stdout(), SetTitle(text.one_line().as_str()));
            }
            Effect::Edit(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// Opens the text in the editor of who sits here.
    fn edit(&self, text: &SafeText) -> Option<SafeText> {
        let path = self.folder.scratch(text).ok()?;
        let editor = ["VISUAL", "EDITOR"].iter().find_map(|it| std::env::var(it).ok());
        let editor = editor.unwrap_or_else(|| "vi".to_owned());
        let mut words = editor.split_whitespace();
        let done = std::process::Command::new(words.next()?).args(words).arg(&path).status();
        let text = std::fs::read_to_string(&path).ok();
        let _ = std::fs::remove_file(&path);
        let text = text.filter(|_| done.is_ok_and(|it| it.success()))?;
        Some(SafeText::typed(text.trim_end_matches('\n')))
    }
}

/// Whether the screen can be drawn on at all.
pub fn is_terminal() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|it| it == "dumb" || it.is_empty());
    !dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}
