//! Which key does what: one table, which also writes the footer, the help and the palette.
//!
//! A layer is a screen, or a part of one that takes letters; a key that the layer on top does not know is looked
//! up in [`Layer::Global`]. `keymap.toml` has a table for each layer and in it a list of keys for each command.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::safe::SafeText;

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// Everything that a key, the palette or a keymap file can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command { $($(#[$doc])* $variant),+ }

        impl Command {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its one name, in the palette, the keymap file, the help and the log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

commands! {
    /// One row down.
    Down = "down",
    /// One row up.
    Up = "up",
    /// The first row.
    First = "first",
    /// The last row.
    Last = "last",
    /// Half a page down.
    HalfDown = "half-page-down",
    /// Half a page up.
    HalfUp = "half-page-up",
    /// A page down.
    PageDown = "page-down",
    /// A page up.
    PageUp = "page-up",
    /// The next pane.
    NextPane = "next-pane",
    /// The pane before.
    PreviousPane = "previous-pane",
    /// Opens what is under the cursor.
    Open = "open",
    /// Goes back, closes, clears.
    Back = "back",
    /// Closes the screen; on the last one leaves.
    Quit = "quit",
    /// The keys of the screen.
    Help = "help",
    /// The palette.
    Palette = "palette",
    /// Takes the last act back.
    Undo = "undo",
    /// Does again what was taken back.
    Redo = "redo",
    /// Repeats the last act on this case.
    Repeat = "repeat",
    /// Fetches again.
    Refresh = "refresh",
    /// Stops the console until `fg`.
    Suspend = "suspend",
    /// What was said and went wrong.
    Log = "log",
    /// Ends the session.
    SignOut = "sign-out",
    /// Covers the screen until somebody signs in.
    Veil = "veil",
    /// To the queue.
    GoQueue = "go-queue",
    /// To my work.
    GoMyWork = "go-my-work",
    /// To the feedback.
    GoFeedback = "go-feedback",
    /// To the texts that were not understood.
    GoUnknown = "go-unknown-texts",
    /// To the outbox.
    GoOutbox = "go-outbox",
    /// To the state of the service.
    GoHealth = "go-health",
    /// To the audit trail.
    GoAudit = "go-audit",
    /// To the accounts.
    GoUsers = "go-users",
    /// To the indicators of the case's municipality.
    GoBenchmarks = "go-benchmarks",
    /// The public sees it.
    Show = "show",
    /// The public does not see it.
    Hide = "hide",
    /// Its author is asked.
    AskAuthor = "ask-author",
    /// The same for those of the same words.
    ShowSame = "show-same",
    /// Those who wrote it are answered.
    AnswerText = "answer",
    /// It becomes a case.
    OpenCase = "open-case",
    /// Nothing follows from it.
    Dismiss = "dismiss",
    /// It is sent again.
    Retry = "retry",
    /// It arrived, though nobody knew.
    Arrived = "arrived",
    /// It is given up.
    GiveUp = "give-up",
    /// Checks the chain.
    Verify = "verify",
    /// The number of the case into the clipboard.
    CopyId = "copy-id",
    /// The last message into the clipboard.
    CopyText = "copy-text",
    /// The address of the case into the clipboard.
    CopyLink = "copy-link",
    /// Searches.
    Find = "find",
    /// Writes the filter.
    Filter = "filter",
    /// Saved views and queues.
    Views = "views",
    /// The order of the list.
    Sort = "sort",
    /// Takes the case.
    Take = "take",
    /// Gives the case to somebody.
    Assign = "assign",
    /// Hands the case to another office.
    Office = "hand-over",
    /// Writes to the citizen.
    Reply = "reply",
    /// Writes a note among staff.
    Note = "note",
    /// Sends a canned reply.
    Canned = "canned-reply",
    /// Resolved.
    Resolve = "resolve",
    /// Not ours, with the office that answers.
    CloseNotOurs = "close-not-ours",
    /// Closed without being put right, with a reason.
    CloseUnfixed = "close-unfixed",
    /// Spam.
    CloseSpam = "close-spam",
    /// The same as another case.
    CloseDuplicate = "close-duplicate",
    /// Sleeps until this evening.
    SnoozeToday = "snooze-today",
    /// Sleeps until tomorrow.
    SnoozeTomorrow = "snooze-tomorrow",
    /// Sleeps for a week.
    SnoozeWeek = "snooze-week",
    /// Sleeps until the citizen writes.
    SnoozeReply = "snooze-until-reply",
    /// Wakes.
    Wake = "wake",
    /// Another state.
    Status = "status",
    /// Another priority.
    Priority = "priority",
    /// Labels.
    Labels = "labels",
    /// Urgent.
    Urgent = "urgent",
    /// The next case.
    NextCase = "next-case",
    /// The case before.
    PreviousCase = "previous-case",
    /// The text as it came, by pages.
    Raw = "raw-text",
    /// Photos and voices.
    Media = "media",
    /// The language of the reply.
    Language = "reply-language",
    /// All macros.
    Macros = "macros",
    /// Macro 1.
    Macro1 = "macro-1",
    /// Macro 2.
    Macro2 = "macro-2",
    /// Macro 3.
    Macro3 = "macro-3",
    /// Macro 4.
    Macro4 = "macro-4",
    /// Macro 5.
    Macro5 = "macro-5",
    /// Macro 6.
    Macro6 = "macro-6",
    /// Macro 7.
    Macro7 = "macro-7",
    /// Macro 8.
    Macro8 = "macro-8",
    /// Macro 9.
    Macro9 = "macro-9",
    /// Sends what is written.
    Send = "send",
    /// The text in an editor outside.
    Edit = "outside-editor",
    /// A canned reply into the text.
    Insert = "insert-canned",
}

impl Command {
    /// The command of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// The number of a macro.
    pub fn macro_number(self) -> Option<u8> {
        self.name().strip_prefix("macro-").and_then(|it| it.parse().ok())
    }

    /// Whether something goes to a citizen with it: such a key is dropped right after the screen changed by itself.
    pub fn sends(self) -> bool {
        matches!(self, Self::Send | Self::Resolve | Self::CloseNotOurs | Self::CloseUnfixed | Self::CloseSpam
            | Self::CloseDuplicate | Self::Take | Self::Repeat | Self::AskAuthor | Self::AnswerText | Self::Retry)
            || self.macro_number().is_some()
    }
}

/// A screen, or a part of it that takes letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Everywhere.
    Global,
    /// Queue and My work.
    Queue,
    /// One case.
    Case,
    /// Feedback.
    Feedback,
    /// Texts that were not understood.
    Unknown,
    /// What staff sent.
    Outbox,
    /// The audit trail.
    Audit,
    /// Screens without keys of their own.
    Desk,
    /// The text that is being written.
    Composer,
}

impl Layer {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Queue,
        Self::Case,
        Self::Feedback,
        Self::Unknown,
        Self::Outbox,
        Self::Audit,
        Self::Desk,
        Self::Composer,
    ];

    /// Its table in the keymap file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Queue => "queue",
            Self::Case => "case",
            Self::Feedback => "feedback",
            Self::Unknown => "unknown-texts",
            Self::Outbox => "outbox",
            Self::Audit => "audit",
            Self::Desk => "desk",
            Self::Composer => "composer",
        }
    }

    /// Whether it takes letters: the keys of [`Layer::Global`] do nothing there.
    pub const fn takes_letters(self) -> bool {
        matches!(self, Self::Composer)
    }

    /// The commands of the footer, the most needed first.
    pub const fn footer(self) -> &'static [Command] {
        use Command as C;
        match self {
            Self::Global => &[C::Help, C::Palette, C::Back, C::Quit],
            Self::Queue => &[C::Open, C::Take, C::Canned, C::Reply, C::Resolve, C::Status, C::Assign, C::SnoozeToday,
                C::Find, C::Undo, C::Palette, C::Help],
            Self::Case => &[C::Reply, C::Note, C::Canned, C::NextCase, C::Take, C::Resolve, C::Status, C::Labels,
                C::Undo, C::Back, C::Palette, C::Help],
            Self::Feedback => &[C::Show, C::Hide, C::AskAuthor, C::ShowSame, C::NextPane, C::Undo, C::Quit, C::Palette, C::Help],
            Self::Unknown => &[C::AnswerText, C::OpenCase, C::Dismiss, C::NextPane, C::Undo, C::Quit, C::Palette, C::Help],
            Self::Outbox => &[C::Open, C::Retry, C::Arrived, C::GiveUp, C::NextPane, C::Undo, C::Quit, C::Palette, C::Help],
            Self::Audit => &[C::Verify, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Desk => &[C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Composer => &[C::Send, C::Insert, C::Edit, C::Back],
        }
    }
}

/// One key, with Ctrl or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

impl Key {
    /// The key of an event; `None` with Alt and the like, which write letters in many layouts.
    pub fn of(event: KeyEvent) -> Option<Self> {
        let held = event.modifiers - KeyModifiers::SHIFT;
        let ctrl = held == KeyModifiers::CONTROL;
        if !ctrl && !held.is_empty() {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(it) if ctrl => KeyCode::Char(it.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            other => other,
        };
        Some(Self { code, ctrl })
    }

    /// The key of a name (`a`, `Ctrl-S`, `F1`, `PgDn`).
    fn named(name: &str) -> Option<Self> {
        if let Some(it) = name.strip_prefix("Ctrl-") {
            let mut letters = it.chars();
            let letter = letters.next().filter(char::is_ascii_alphabetic)?.to_ascii_lowercase();
            // Those three are Tab, Enter and Backspace to a terminal.
            let fits = letters.next().is_none() && !matches!(letter, 'i' | 'm' | 'h');
            return fits.then_some(Self { code: KeyCode::Char(letter), ctrl: true });
        }
        let code = match name {
            "Space" => KeyCode::Char(' '),
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Shift-Tab" => KeyCode::BackTab,
            "Backspace" => KeyCode::Backspace,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            other => {
                let mut letters = other.chars();
                let first = letters.next()?;
                if letters.next().is_none() {
                    KeyCode::Char(first)
                } else {
                    let number: u8 = other.strip_prefix('F')?.parse().ok()?;
                    (1..=12).contains(&number).then_some(KeyCode::F(number))?
                }
            }
        };
        Some(Self { code, ctrl: false })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl
            && let KeyCode::Char(it) = self.code
        {
            return write!(out, "Ctrl-{}", it.to_ascii_uppercase());
        }
        match self.code {
            KeyCode::Char(' ') => out.write_str("Space"),
            KeyCode::Char(it) => write!(out, "{it}"),
            KeyCode::F(number) => write!(out, "F{number}"),
            KeyCode::PageUp => out.write_str("PgUp"),
            KeyCode::PageDown => out.write_str("PgDn"),
            KeyCode::BackTab => out.write_str("Shift-Tab"),
            other => write!(out, "{other:?}"),
        }
    }
}

/// One key, or a prefix and a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chord(Vec<Key>);

impl Chord {
    fn named(name: &str) -> Option<Self> {
        if name == " " {
            return None;
        }
        let keys: Option<Vec<Key>> = name.split(' ').map(Key::named).collect();
        keys.filter(|it| (1..=2).contains(&it.len())).map(Self)
    }

    /// As it is shown (`g q`).
    pub fn text(&self) -> SafeText {
        let keys: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        SafeText::line(&keys.join(" "))
    }

    /// The last key of it, as a hint strip shows it.
    pub fn last(&self) -> SafeText {
        SafeText::line(&self.0.last().map(ToString::to_string).unwrap_or_default())
    }

    /// The keys.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }
}

/// What is wrong with a keymap file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeymapProblem {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub what: Wrong,
    /// The word that it is about.
    pub word: SafeText,
}

/// The kinds of [`KeymapProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no TOML.
    NotToml,
    /// There is no such table.
    UnknownLayer,
    /// There is no such command.
    UnknownCommand,
    /// It is no list of texts.
    NotAList,
    /// There is no such key.
    UnknownKey,
    /// The key is there twice in one layer, or a prefix of another.
    Clash,
    /// Nothing would lead out of the layer.
    NoWayOut,
}

impl Wrong {
    /// Its key in the catalogue.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotToml => "keymap-not-toml",
            Self::UnknownLayer => "keymap-unknown-layer",
            Self::UnknownCommand => "keymap-unknown-command",
            Self::NotAList => "keymap-not-a-list",
            Self::UnknownKey => "keymap-unknown-key",
            Self::Clash => "keymap-clash",
            Self::NoWayOut => "keymap-no-way-out",
        }
    }
}

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A command.
    Command(Command),
    /// More keys follow.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The whole table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    layers: BTreeMap<Layer, BTreeMap<Command, Vec<Chord>>>,
}

const GLOBAL: &[(Command, &[&str])] = &[
    (Command::Down, &["j", "Down"]),
    (Command::Up, &["k", "Up"]),
    (Command::First, &["g g", "Home"]),
    (Command::Last, &["G", "End"]),
    (Command::HalfDown, &["Ctrl-D"]),
    (Command::HalfUp, &["Ctrl-U"]),
    (Command::PageDown, &["PgDn"]),
    (Command::PageUp, &["PgUp"]),
    (Command::NextPane, &["l", "Tab", "Right"]),
    (Command::PreviousPane, &["h", "Shift-Tab", "Left"]),
    (Command::Open, &["Enter"]),
    (Command::Back, &["Esc"]),
    (Command::Quit, &["q"]),
    (Command::Help, &["?"]),
    (Command::Palette, &[":", "Ctrl-P"]),
    (Command::Undo, &["u", "z"]),
    (Command::Redo, &["Ctrl-R"]),
    (Command::Refresh, &["R"]),
    (Command::Suspend, &["Ctrl-Z"]),
    (Command::GoQueue, &["g q"]),
    (Command::GoMyWork, &["g m"]),
    (Command::GoFeedback, &["g f"]),
    (Command::GoUnknown, &["g t"]),
    (Command::GoOutbox, &["g o"]),
    (Command::GoHealth, &["g w"]),
    (Command::GoAudit, &["g a"]),
    (Command::GoUsers, &["g u"]),
    (Command::GoBenchmarks, &["g b"]),
];

const WORK: &[(Command, &[&str])] = &[
    (Command::Take, &["a"]),
    (Command::Assign, &["A"]),
    (Command::Office, &["H"]),
    (Command::Reply, &["r"]),
    (Command::Note, &["i"]),
    (Command::Canned, &["c"]),
    (Command::Resolve, &["e"]),
    (Command::CloseNotOurs, &["x 1"]),
    (Command::CloseSpam, &["x 2"]),
    (Command::CloseUnfixed, &["x 3"]),
    (Command::CloseDuplicate, &["x 4"]),
    (Command::SnoozeToday, &["w 1"]),
    (Command::SnoozeTomorrow, &["w 2"]),
    (Command::SnoozeWeek, &["w 3"]),
    (Command::SnoozeReply, &["w 4"]),
    (Command::Wake, &["w 0"]),
    (Command::Status, &["s"]),
    (Command::Priority, &["p"]),
    (Command::Labels, &["t"]),
    (Command::Urgent, &["!"]),
    (Command::Language, &["L"]),
    (Command::Repeat, &["."]),
    (Command::CopyId, &["y i"]),
    (Command::CopyText, &["y t"]),
    (Command::CopyLink, &["y l"]),
    (Command::Raw, &["v"]),
    (Command::Macros, &["0"]),
    (Command::Macro1, &["1", "F1"]),
    (Command::Macro2, &["2", "F2"]),
    (Command::Macro3, &["3", "F3"]),
    (Command::Macro4, &["4", "F4"]),
    (Command::Macro5, &["5", "F5"]),
    (Command::Macro6, &["6", "F6"]),
    (Command::Macro7, &["7", "F7"]),
    (Command::Macro8, &["8", "F8"]),
    (Command::Macro9, &["9", "F9"]),
];

const QUEUE: &[(Command, &[&str])] = &[
    (Command::Find, &["/"]),
    (Command::Filter, &["f"]),
    (Command::Views, &["F"]),
    (Command::Sort, &["S"]),
    (Command::NextCase, &["J"]),
    (Command::PreviousCase, &["K"]),
];

const CASE: &[(Command, &[&str])] = &[
    (Command::NextCase, &["J"]),
    (Command::PreviousCase, &["K"]),
    (Command::Media, &["o"]),
];

const FEEDBACK: &[(Command, &[&str])] = &[
    (Command::Show, &["1", "F1"]),
    (Command::Hide, &["2", "F2"]),
    (Command::AskAuthor, &["3", "F3"]),
    (Command::ShowSame, &["="]),
];

const UNKNOWN: &[(Command, &[&str])] = &[
    (Command::AnswerText, &["r"]),
    (Command::OpenCase, &["n"]),
    (Command::Dismiss, &["x"]),
];

const OUTBOX: &[(Command, &[&str])] = &[
    (Command::Retry, &["r"]),
    (Command::Arrived, &["a"]),
    (Command::GiveUp, &["x"]),
];

const AUDIT: &[(Command, &[&str])] = &[(Command::Verify, &["V"])];

const COMPOSER: &[(Command, &[&str])] = &[
    (Command::Send, &["Ctrl-S"]),
    (Command::Insert, &["Ctrl-T"]),
    (Command::Edit, &["Ctrl-E"]),
    (Command::Language, &["Ctrl-L"]),
    (Command::Back, &["Esc"]),
];

impl Default for Keymap {
    fn default() -> Self {
        let mut layers = BTreeMap::new();
        for layer in Layer::ALL {
            let tables: &[&[(Command, &[&str])]] = match layer {
                Layer::Global => &[GLOBAL],
                Layer::Queue => &[WORK, QUEUE],
                Layer::Case => &[WORK, CASE],
                Layer::Feedback => &[FEEDBACK],
                Layer::Unknown => &[UNKNOWN],
                Layer::Outbox => &[OUTBOX],
                Layer::Audit => &[AUDIT],
                Layer::Desk => &[],
                Layer::Composer => &[COMPOSER],
            };
            let rows = tables.iter().flat_map(|it| it.iter());
            let chords = |keys: &[&str]| keys.iter().filter_map(|it| Chord::named(it)).collect();
            layers.insert(*layer, rows.map(|(command, keys)| (*command, chords(keys))).collect());
        }
        Self { layers }
    }
}

impl Keymap {
    /// The defaults with the changes of a keymap file.
    ///
    /// # Errors
    /// Everything that is wrong with the file; the defaults hold then.
    pub fn read(file: &str) -> Result<Self, Vec<KeymapProblem>> {
        let document = toml_edit::ImDocument::parse(file).map_err(|problem| {
            let line = problem.span().map_or(1, |it| line_of(file, it.start));
            vec![KeymapProblem { line, what: Wrong::NotToml, word: SafeText::default() }]
        })?;
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let mut lines = BTreeMap::new();
        for (name, item) in document.iter() {
            let place = document.key(name).and_then(toml_edit::Key::span).map_or(0, |it| it.start);
            let mut wrong = |what, word: &str, at: usize| {
                problems.push(KeymapProblem { line: line_of(file, at), what, word: SafeText::line(word) });
            };
            let layer = Layer::ALL.iter().find(|it| it.name() == name);
            let (Some(layer), Some(table)) = (layer, item.as_table()) else {
                wrong(Wrong::UnknownLayer, name, place);
                continue;
            };
            for (name, item) in table {
                let at = table.key(name).and_then(toml_edit::Key::span).map_or(place, |it| it.start);
                let Some(command) = Command::named(name) else {
                    wrong(Wrong::UnknownCommand, name, at);
                    continue;
                };
                let Some(keys) = item.as_array() else {
                    wrong(Wrong::NotAList, name, at);
                    continue;
                };
                let mut chords = Vec::new();
                for key in keys {
                    let at = key.span().map_or(at, |it| it.start);
                    match key.as_str().map(|it| (it, Chord::named(it))) {
                        Some((_, Some(chord))) => chords.push(chord),
                        Some((word, None)) => wrong(Wrong::UnknownKey, word, at),
                        None => wrong(Wrong::NotAList, name, at),
                    }
                }
                lines.insert((*layer, command), line_of(file, at));
                keymap.layers.entry(*layer).or_default().insert(command, chords);
            }
        }
        problems.extend(keymap.problems(&lines));
        if problems.is_empty() { Ok(keymap) } else { Err(problems) }
    }

    /// Clashes, and layers without a way out.
    fn problems(&self, lines: &BTreeMap<(Layer, Command), usize>) -> Vec<KeymapProblem> {
        let mut problems = Vec::new();
        for (layer, commands) in &self.layers {
            let all: Vec<(&Chord, Command)> =
                commands.iter().flat_map(|(command, chords)| chords.iter().map(|it| (it, *command))).collect();
            for (at, (chord, command)) in all.iter().enumerate() {
                for (other, second) in &all[at + 1..] {
                    if chord.0.starts_with(&other.0) || other.0.starts_with(&chord.0) {
                        let line = |it: Command| lines.get(&(*layer, it)).copied();
                        let line = line(*command).max(line(*second)).unwrap_or(0);
                        problems.push(KeymapProblem { line, what: Wrong::Clash, word: chord.text() });
                    }
                }
            }
            let leads_out: &[Command] = match layer {
                Layer::Global => &[Command::Quit, Command::Back],
                Layer::Composer => &[Command::Back],
                _ => &[],
            };
            for command in leads_out {
                if commands.get(command).is_none_or(Vec::is_empty) {
                    let line = lines.get(&(*layer, *command)).copied().unwrap_or(0);
                    problems.push(KeymapProblem {
                        line,
                        what: Wrong::NoWayOut,
                        word: SafeText::own(layer.name()),
                    });
                }
            }
        }
        // A layer must not bury the keys that lead out of it.
        for layer in Layer::ALL.iter().filter(|it| **it != Layer::Global && !it.takes_letters()) {
            for command in [Command::Quit, Command::Back] {
                let ways = self.chords(Layer::Global, command);
                let open = ways.iter().any(|it| {
                    matches!(self.find_in(*layer, it.keys()), Found::Nothing)
                        || self.find_in(*layer, it.keys()) == Found::Command(command)
                });
                if !ways.is_empty() && !open {
                    let line = lines.iter().filter(|it| it.0.0 == *layer).map(|it| *it.1).min().unwrap_or(0);
                    let what = Wrong::NoWayOut;
                    problems.push(KeymapProblem { line, what, word: SafeText::own(layer.name()) });
                }
            }
        }
        problems
    }

    /// The keys of a command in one layer.
    pub fn chords(&self, layer: Layer, command: Command) -> &[Chord] {
        self.layers.get(&layer).and_then(|it| it.get(&command)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first key of a command as somebody on `layer` presses it.
    pub fn first(&self, layer: Layer, command: Command) -> Option<&Chord> {
        let own = self.chords(layer, command).first();
        let global = self.chords(Layer::Global, command).iter().find(|it| self.find_in(layer, it.keys()) == Found::Nothing);
        own.or(global.filter(|_| !layer.takes_letters()))
    }

    /// What `keys` lead to on `layer`.
    pub fn find(&self, layer: Layer, keys: &[Key]) -> Found {
        let own = self.find_in(layer, keys);
        if layer.takes_letters() || layer == Layer::Global || matches!(own, Found::Command(_)) {
            return own;
        }
        match (own, self.find_in(Layer::Global, keys)) {
            (Found::Prefix, _) => Found::Prefix,
            (_, global) => global,
        }
    }

    fn find_in(&self, layer: Layer, keys: &[Key]) -> Found {
        let Some(commands) = self.layers.get(&layer) else { return Found::Nothing };
        let mut found = Found::Nothing;
        for (command, chords) in commands {
            for chord in chords {
                if chord.0 == keys {
                    return Found::Command(*command);
                }
                if chord.0.starts_with(keys) {
                    found = Found::Prefix;
                }
            }
        }
        found
    }

    /// What may follow a prefix on `layer`, for the hint strip.
    pub fn after(&self, layer: Layer, keys: &[Key]) -> Vec<(Chord, Command)> {
        let layers = [layer, Layer::Global];
        let layers = layers.iter().take(if layer.takes_letters() || layer == Layer::Global { 1 } else { 2 });
        let mut found: Vec<(Chord, Command)> = Vec::new();
        for layer in layers {
            for (command, chords) in self.layers.get(layer).into_iter().flatten() {
                for chord in chords.iter().filter(|it| it.0.len() > keys.len() && it.0.starts_with(keys)) {
                    if !found.iter().any(|it| it.0 == *chord) {
                        found.push((chord.clone(), *command));
                    }
                }
            }
        }
        found.sort_by_key(|it| it.0.text().as_str().to_owned());
        found
    }

    /// Every command that works on `layer` and its keys: what help and palette list.
    pub fn commands(&self, layer: Layer) -> Vec<(Command, Vec<Chord>)> {
        let own = self.layers.get(&layer).into_iter().flatten();
        let mut all: BTreeMap<Command, Vec<Chord>> = own.map(|(command, chords)| (*command, chords.clone())).collect();
        if !layer.takes_letters() && layer != Layer::Global {
            for (command, chords) in self.layers.get(&Layer::Global).into_iter().flatten() {
                let open = chords.iter().filter(|it| self.find_in(layer, it.keys()) == Found::Nothing);
                all.entry(*command).or_default().extend(open.cloned());
            }
        }
        all.into_iter().collect()
    }
}

fn line_of(file: &str, at: usize) -> usize {
    file.as_bytes().iter().take(at).filter(|it| **it == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        Chord::named(text).map(|it| it.0).unwrap_or_default()
    }

    #[test]
    fn the_defaults_have_no_clash_and_a_way_out() {
        assert_eq!(Keymap::default().problems(&BTreeMap::new()), Vec::new());
    }

    #[test]
    fn every_default_key_is_one() {
        for table in [GLOBAL, WORK, QUEUE, CASE, FEEDBACK, UNKNOWN, OUTBOX, AUDIT, COMPOSER] {
            for (command, keys) in table {
                for key in *keys {
                    assert!(Chord::named(key).is_some(), "{} has {key}", command.name());
                }
            }
        }
    }

    #[test]
    fn every_command_of_a_footer_has_a_key() {
        let keymap = Keymap::default();
        for layer in Layer::ALL {
            for command in layer.footer() {
                assert!(keymap.first(*layer, *command).is_some(), "{} on {}", command.name(), layer.name());
            }
        }
    }

    #[test]
    fn a_screen_hides_a_global_key_and_a_prefix_waits() {
        let keymap = Keymap::default();
        assert_eq!(keymap.find(Layer::Queue, &keys("j")), Found::Command(Command::Down));
        assert_eq!(keymap.find(Layer::Queue, &keys("g")), Found::Prefix);
        assert_eq!(keymap.find(Layer::Queue, &keys("g q")), Found::Command(Command::GoQueue));
        assert_eq!(keymap.find(Layer::Queue, &keys("w")), Found::Prefix);
        assert_eq!(keymap.find(Layer::Composer, &keys("j")), Found::Nothing);
        assert_eq!(keymap.after(Layer::Queue, &keys("w")).len(), 5);
    }

    #[test]
    fn a_file_changes_keys() {
        let keymap = Keymap::read("[queue]\ntake = [\"Ctrl-A\", \"Space\"]\n").expect("a sound file");
        assert_eq!(keymap.find(Layer::Queue, &keys("Ctrl-A")), Found::Command(Command::Take));
        assert_eq!(keymap.find(Layer::Queue, &keys("a")), Found::Nothing);
        assert_eq!(keymap.find(Layer::Case, &keys("a")), Found::Command(Command::Take));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line() {
        let wrong = |file: &str| {
            let problems = Keymap::read(file).expect_err("a wrong file");
            problems.iter().map(|it| (it.line, it.what)).collect::<Vec<_>>()
        };
        assert_eq!(wrong("[queue]\n\nfly = [\"f\"]\n"), [(3, Wrong::UnknownCommand)]);
        assert_eq!(wrong("[attic]\nopen = [\"f\"]\n"), [(1, Wrong::UnknownLayer)]);
        assert_eq!(wrong("[queue]\ntake = [\"Alt-A\"]\n"), [(2, Wrong::UnknownKey)]);
        assert_eq!(wrong("[queue]\ntake = \"a\"\n"), [(2, Wrong::NotAList)]);
        assert_eq!(wrong("[queue]\ntake = [\"r\"]\n"), [(2, Wrong::Clash)]);
        assert_eq!(wrong("[queue]\ntake = [\"w\"]\n").first(), Some(&(2, Wrong::Clash)));
        assert_eq!(wrong("[global]\nquit = []\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[composer]\nback = []\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[case]\ntake = [\"q\"]\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[queue\n"), [(1, Wrong::NotToml)]);
    }

    #[test]
    fn no_key_needs_alt_or_what_a_terminal_sends_for_others() {
        for name in ["Alt-A", "Ctrl-I", "Ctrl-M", "Ctrl-H", "g q x", "", "F13"] {
            assert_eq!(Chord::named(name), None, "{name}");
        }
        let alt = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::ALT);
        assert_eq!(Key::of(alt), None);
    }
}
