//! The loop around the console: one task that reads keys first, drains the feed in batches and draws once.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
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

use crate::api::{Answer, Api, Ask, Failure, follow};
use crate::app::App;
use crate::data::FeedEvent;
use crate::event::{Edited, Effect, Event, Redraw};
use crate::frames::Frames;
use crate::safe::SafeText;
use crate::session::{Folder, keep_chart};

/// Between two drawings that no key caused.
const FRAME: Duration = Duration::from_millis(50);
/// Events of the feed are gathered for so long before they are handled together.
const GATHER: Duration = Duration::from_millis(50);
/// Bytes of a frame that are written at once; a whole screen in colour has about a third of it.
const OUT: usize = 1 << 16;
/// Keys, answers or events of the feed that wait or are taken at once.
const BATCH: usize = 512;

/// The terminal in its state for the console; dropping it restores it.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<io::Stdout>>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It can't be used.
    pub fn enter() -> io::Result<Self> {
        TAKEN.store(true, Ordering::SeqCst);
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

/// Whether the console has the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Puts the terminal back, once: a second time would put the cursor back over what was told since. Nobody is left to
/// tell if that fails.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

/// Panics of tasks beside the console, told when it has gone.
static ASIDE: Mutex<Vec<SafeText>> = Mutex::new(Vec::new());

/// Restores the terminal before a panic of the thread that calls this is told. One of another thread ends no more
/// than a task: the screen stays, and it is told by [`tell_aside`].
pub fn hook_panics() {
    let own = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        let text = panic_text(info.location());
        if std::thread::current().id() == own {
            restore();
            let _ = writeln!(io::stderr(), "{text}");
        } else {
            ASIDE.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    }));
}

/// Where it stopped, and never why: what a panic says may quote what somebody wrote.
fn panic_text(place: Option<&std::panic::Location<'_>>) -> SafeText {
    let place = place.map(ToString::to_string).unwrap_or_default();
    SafeText::line(&format!("cabildo-admin stopped at {place}"))
}

/// Tells what went wrong beside the console.
pub fn tell_aside() {
    for text in ASIDE.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        // Nobody is left to tell if that fails.
        let _ = writeln!(io::stderr(), "{text}");
    }
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
    let (tx, mut answers) = mpsc::channel::<Event>(BATCH);
    let (told, mut feed) = mpsc::channel::<Event>(4 * BATCH);
    let mut ends = signal(SignalKind::terminate())?;
    let mut hangs = signal(SignalKind::hangup())?;
    let mut screen = Some(Screen::enter()?);
    let mut input = Input::begin();
    let mut outside = Outside { api, folder, tx, told, feed: None, unkept: false };
    let mut todo = app.begin(signed);
    let mut drawn = Instant::now();
    let mut frames = Frames::begin();
    let mut redraw = Redraw::Now;
    let mut gathered: Option<Instant> = None;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        for effect in std::mem::take(&mut todo) {
            match effect {
                Effect::Quit => {
                    drop(screen.take());
                    if outside.unkept {
                        return Err(io::Error::other(
                            app.shared.words.say("draft-not-kept").as_str().to_owned(),
                        ));
                    }
                    return Ok(());
                }
                Effect::Suspend => {
                    input.end().await;
                    drop(screen.take());
                    tokio::task::block_in_place(stop_until_continued)?;
                    screen = Some(Screen::enter()?);
                    input = Input::begin();
                    redraw = Redraw::Now;
                }
                Effect::Edit(text) => {
                    // No second reader of the terminal while the editor has it.
                    input.end().await;
                    drop(screen.take());
                    let edited = tokio::task::block_in_place(|| outside.edit(&text));
                    screen = Some(Screen::enter()?);
                    input = Input::begin();
                    todo.extend(app.handle(Event::Edited(edited), now()));
                }
                Effect::ReadDrafts(owner) => {
                    let drafts = outside.folder.drafts(owner);
                    todo.extend(app.handle(Event::Drafts(drafts), now()));
                }
                other => outside.perform(other),
            }
        }
        if !todo.is_empty() {
            continue;
        }
        redraw = redraw.max(app.take_redraw());
        if let Some(screen) = &mut screen
            && (redraw == Redraw::Now || (redraw == Redraw::Soon && drawn.elapsed() >= FRAME))
        {
            screen.draw(&mut app, &mut frames)?;
            drawn = Instant::now();
            redraw = Redraw::Not;
        }
        let wait = match app.wake() {
            Some(at) => Duration::from_millis((at - now()).max(0) as u64),
            None => Duration::from_mins(1),
        };
        let wait = match redraw {
            Redraw::Not => wait,
            Redraw::Soon | Redraw::Now => wait.min(FRAME.saturating_sub(drawn.elapsed())),
        };
        // The first event after a rest is taken at once, those right behind it together: a burst costs what a few do.
        let gate = gathered.map_or(Duration::ZERO, |it| GATHER.saturating_sub(it.elapsed()));
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
            }
            _ = ends.recv() => todo.extend(app.handle(Event::Terminate, now())),
            _ = hangs.recv() => todo.extend(app.handle(Event::Terminate, now())),
            Some(answer) = answers.recv() => {
                todo.extend(app.handle(answer, now()));
                // What is there already is drawn with it, unless a key waits: that is never behind anything else.
                while input.keys.is_empty()
                    && let Ok(next) = answers.try_recv()
                {
                    todo.extend(app.handle(next, now()));
                }
            }
            _ = gather(&mut feed, gate, &mut batch) => {
                gathered = Some(Instant::now());
                let mut events: Vec<FeedEvent> = Vec::new();
                for event in batch.drain(..) {
                    match event {
                        Event::Feed(event) => events.push(event),
                        other => todo.extend(app.handle(other, now())),
                    }
                }
                if !events.is_empty() {
                    todo.extend(app.handle_feed(&events, now()));
                }
            }
            () = tokio::time::sleep(wait) => todo.extend(app.handle(Event::Tick, now())),
        }
    }
}

/// Events of the feed that came, once `rest` is over.
async fn gather(feed: &mut mpsc::Receiver<Event>, rest: Duration, batch: &mut Vec<Event>) -> usize {
    if !rest.is_zero() {
        tokio::time::sleep(rest).await;
    }
    feed.recv_many(batch, BATCH).await
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
    /// Where answers go.
    tx: mpsc::Sender<Event>,
    /// Where the feed goes.
    told: mpsc::Sender<Event>,
    feed: Option<JoinHandle<()>>,
    /// Whether the draft that was written last could not be kept.
    unkept: bool,
}

impl Outside {
    fn perform(&mut self, effect: Effect) {
        match effect {
            // The session is gone here at once, whether the service can be told or not.
            Effect::Ask(number, Ask::SignOut) => {
                let token = self.api.take_token();
                self.forget_token();
                let api = self.api.clone();
                self.spawn(number, async move { api.end(token).await });
            }
            Effect::Ask(number, ask) => {
                let api = self.api.clone();
                self.spawn(number, async move { api.ask(ask).await });
            }
            Effect::ForgetToken => self.forget_token(),
            Effect::Follow => {
                if let Some(before) = self.feed.take() {
                    before.abort();
                }
                self.feed = Some(tokio::spawn(follow(self.api.clone(), self.told.clone())));
            }
            // Where files can't be written the console goes on; the next sign-in asks again.
            Effect::KeepToken => {
                let _ = self.folder.keep_token(&self.api.origin(), self.api.token().as_deref());
            }
            Effect::KeepDraft { owner, case, note, text } => {
                self.unkept = self.folder.keep_draft(owner, case, note, &text).is_err();
                if self.unkept {
                    self.report("draft-not-kept");
                }
            }
            Effect::KeepPicture { name, picture } => match self.folder.keep_picture(&name, &picture.0) {
                Ok(path) => self.told_of(Event::PictureKept(SafeText::line(&path.to_string_lossy()))),
                Err(_) => self.report("picture-not-kept"),
            },
            Effect::KeepChart { name, picture } => match keep_chart(Path::new("."), &name, &picture.0) {
                Ok(path) => self.told_of(Event::ChartKept(SafeText::line(&path.to_string_lossy()))),
                Err(_) => self.report("chart-not-kept"),
            },
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
            Effect::Edit(_) | Effect::ReadDrafts(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// Asks, and takes the answer to the console; a task that fails has one too.
    fn spawn(&self, number: u64, asks: impl Future<Output = Result<Answer, Failure>> + Send + 'static) {
        let tx = self.tx.clone();
        tokio::spawn(async move {
            let answer = tokio::spawn(asks).await.unwrap_or_else(|_| Err(Failure::new("unreachable")));
            // Nobody is left to tell if the console has gone.
            let _ = tx.send(Event::Answer(number, Box::new(answer))).await;
        });
    }

    fn forget_token(&self) {
        if self.folder.forget_pictures().is_err() {
            self.report("pictures-not-removed");
        }
        if self.folder.keep_token(&self.api.origin(), None).is_err() {
            self.report("token-not-removed");
        }
    }

    /// Has the console say what could not be done with a file.
    fn report(&self, key: &'static str) {
        self.told_of(Event::FileFailed(key));
    }

    fn told_of(&self, event: Event) {
        let tx = self.tx.clone();
        tokio::spawn(async move {
            // Nobody is left to tell if the console has gone.
            let _ = tx.send(event).await;
        });
    }

    /// Opens the text in the editor of who sits here.
    fn edit(&self, text: &SafeText) -> Edited {
        let Ok(path) = self.folder.scratch(text) else { return Edited::Failed(None) };
        let editor = ["VISUAL", "EDITOR"].iter().find_map(|it| std::env::var(it).ok());
        edit_with(&editor.unwrap_or_else(|| "vi".to_owned()), &path, text)
    }
}

/// What an editor made of a text in a file; the file goes, but for one whose text would be lost with it.
fn edit_with(editor: &str, path: &Path, before: &SafeText) -> Edited {
    let mut words = editor.split_whitespace();
    let done = words.next().map(|it| std::process::Command::new(it).args(words).arg(path).status());
    let well = matches!(done, Some(Ok(status)) if status.success());
    match std::fs::read_to_string(path) {
        Ok(text) if well || text == before.as_str() => {
            // It is readable by its owner only, as the drafts are.
            let _ = std::fs::remove_file(path);
            if well {
                Edited::Text(SafeText::typed(text.trim_end_matches('\n')))
            } else {
                Edited::Failed(None)
            }
        }
        _ => Edited::Failed(Some(SafeText::line(&path.to_string_lossy()))),
    }
}

/// Whether the screen can be drawn on at all.
pub fn is_terminal() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|it| it == "dumb" || it.is_empty());
    !dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn events_that_come_close_together_are_taken_together() {
        let event =
            || Event::Feed(FeedEvent { seq: 1, kind: crate::safe::Code::new("case_changed"), case: None });
        let (tx, mut feed) = mpsc::channel(8);
        let mut batch = Vec::new();
        tx.send(event()).await.expect("heard");
        assert_eq!(gather(&mut feed, Duration::ZERO, &mut batch).await, 1);
        // Behind the first they come one by one, and are taken once the rest is over.
        let sent = async {
            for _ in 0..5 {
                tx.send(event()).await.expect("heard");
                tokio::task::yield_now().await;
            }
        };
        let (taken, ()) = tokio::join!(gather(&mut feed, GATHER, &mut batch), sent);
        assert_eq!((taken, batch.len()), (5, 6));
    }

    #[test]
    fn a_panic_tells_its_place_only() {
        let place = std::panic::Location::caller();
        let text = panic_text(Some(place));
        assert_eq!(text.as_str(), format!("cabildo-admin stopped at {place}"));
    }

    #[tokio::test]
    async fn who_signs_out_leaves_no_token_even_where_the_service_does_not_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let api =
            Api::new(&format!("http://{}", listener.local_addr().expect("an address"))).expect("an address");
        let at = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders");
        api.set_token(Some("secret".to_owned()));
        folder.keep_token(&api.origin(), api.token().as_deref()).expect("written");
        let (tx, mut rx) = mpsc::channel(8);
        let (told, _feed) = mpsc::channel(8);
        let mut outside =
            Outside { api: api.clone(), folder: folder.clone(), tx, told, feed: None, unkept: false };
        outside.perform(Effect::Ask(1, Ask::SignOut));
        assert_eq!((api.token(), folder.token(&api.origin())), (None, None));
        // The session that ends is the one that was there.
        let asked = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut piece = [0; 4_096];
            let count = stream.read(&mut piece).expect("read");
            String::from_utf8_lossy(&piece[..count]).to_lowercase()
        });
        let asked = asked.await.expect("read");
        assert!(
            asked.starts_with("delete /staff/v1/sessions/current") && asked.contains("bearer secret"),
            "{asked}"
        );
        // The line broke off.
        assert!(matches!(rx.recv().await, Some(Event::Answer(1, answer)) if answer.is_err()));
    }

    #[tokio::test]
    async fn a_draft_that_can_not_be_kept_is_told() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders");
        std::fs::remove_dir_all(at.path().join("state/drafts")).expect("removed");
        std::fs::write(at.path().join("state/drafts"), "in the way").expect("written");
        let (tx, mut rx) = mpsc::channel(8);
        let (told, _feed) = mpsc::channel(8);
        let api = Api::new("http://127.0.0.1:9").expect("an address");
        let mut outside = Outside { api, folder, tx, told, feed: None, unkept: false };
        let (owner, case) = (uuid::Uuid::nil(), uuid::Uuid::nil());
        outside.perform(Effect::KeepDraft { owner, case, note: false, text: SafeText::typed("hola") });
        assert!(outside.unkept);
        assert!(matches!(rx.recv().await, Some(Event::FileFailed("draft-not-kept"))));
    }

    #[test]
    fn what_an_editor_wrote_outlives_its_failure() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders");
        let script = at.path().join("editor.sh");
        let before = SafeText::typed("antes");
        for (line, kept) in
            [("echo después > $1; exit 1", true), ("exit 1", false), ("echo después > $1", false)]
        {
            std::fs::write(&script, line).expect("written");
            let path = folder.scratch(&before).expect("a file");
            let other = folder.scratch(&before).expect("a second one");
            assert_ne!(path, other, "two consoles do not share a file");
            let edited = edit_with(&format!("sh {}", script.display()), &path, &before);
            assert_eq!(path.exists(), kept, "{line}");
            match edited {
                Edited::Text(text) => assert_eq!(text.as_str(), "después"),
                Edited::Failed(at) => assert_eq!(at.is_some(), kept, "{line}"),
            }
        }
    }
}
