//! What every screen and overlay shares: who is signed in, the cases by id, drafts, the state of the line, and
//! the list of effects that `handle` gives back.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use crate::acts::Acts;
use crate::api::{Ask, Deed, Failure, Link};
use crate::data::{Canned, Case, Category, Me, Office, Person, Row};
use crate::demand_acts::{Decided, Seek};
use crate::event::{Effect, Redraw};
use crate::filled::Filled;
use crate::keymap::{Command, Keymap};
use crate::safe::{Code, SafeText};
use crate::settings::Settings;
use crate::theme::{Role, Theme};
use crate::words::Words;

/// How long a draft rests before it is kept, ms.
const DRAFT_REST: i64 = 2_000;
/// Whole cases that are remembered.
const CASES: usize = 64;
/// How long somebody who wrote still counts as writing, ms.
const WRITES: i64 = 60_000;
/// Lines of the log.
const LOG: usize = 200;
/// How long a sentence stays that nobody has to act on, ms.
const SAID: i64 = 8_000;
/// After a change of the screen that no key caused, keys that send are dropped for so long, ms.
pub const SETTLE: i64 = 150;

/// Who waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A screen or overlay, which knows the number.
    Screen,
    /// The act that runs on a case.
    Act(Uuid),
    /// What staff set up, of a municipality.
    Desk(Code),
    /// The sign-in.
    SignIn,
    /// A case's number that was typed as the original of another.
    Original(Uuid),
    /// What was decided besides cases: its name, what takes it back, and what was typed for it.
    Deed(SafeText, Option<Box<Deed>>, Option<SafeText>),
    /// Something that was decided about demands.
    Demand(Box<Decided>),
    /// A demand is looked for, to merge another one into it.
    Seek(Box<Seek>),
    /// A case is to be linked to one of the demands of its municipality.
    LinkTo(Uuid),
    /// The demand whose promise's steps are to be shown.
    Steps(Uuid),
    /// A photo of a list that is kept in a file: the code of its demand, and its id.
    Picture(SafeText, Uuid),
    /// A chart that is written into a file of this name.
    Chart(String),
    /// The whole number of a leader.
    Number,
    /// Whom a card is for: its number.
    Audience(SafeText),
    /// A form that was refused since somebody else was first: what is there now.
    Refused(Box<Filled>),
    /// Nobody: a draft is kept, a session ends.
    Nobody,
}

/// The sentence of the last line but one.
#[derive(Clone, Debug)]
pub struct Status {
    /// What it says.
    pub text: SafeText,
    /// How it looks.
    pub role: Role,
    /// Until when it is shown, Unix ms; `None`: until a key.
    pub until: Option<i64>,
    /// Until when what it tells of can be taken back, Unix ms.
    pub undo_until: Option<i64>,
}

/// What is written for a case and not sent.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text.
    pub text: SafeText,
    /// When it changed last, where it is not kept yet.
    pub changed_at: Option<i64>,
}

/// What staff set up in a municipality.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Canned replies.
    pub canned: Vec<Canned>,
    /// Labels in use.
    pub labels: Vec<SafeText>,
    /// Offices.
    pub offices: Vec<Office>,
    /// Categories.
    pub categories: Vec<Category>,
    /// Those who may work on its cases.
    pub colleagues: Vec<Person>,
}

/// What is shared.
#[derive(Debug)]
pub struct Shared {
    /// Now, Unix ms.
    pub now: i64,
    /// Cells of the window.
    pub size: (u16, u16),
    /// The console's language.
    pub words: Words,
    /// The colours.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// Macros and the like.
    pub settings: Settings,
    /// Where the service is, as it is shown.
    pub server: SafeText,
    /// Who is signed in.
    pub me: Option<Me>,
    /// How the feed is.
    pub link: Link,
    /// Since when the service is not reached.
    pub down_since: Option<i64>,
    /// When it is tried again.
    pub retry_at: i64,
    /// Cases that somebody shows, by id.
    pub rows: HashMap<Uuid, Row>,
    /// Cases that were opened or shown beside a list, by id; a few.
    pub cases: HashMap<Uuid, Case>,
    /// What was set up, by municipality.
    pub desks: HashMap<Code, Desk>,
    /// Acts that run, and what can be taken back.
    pub acts: Acts,
    /// Names of municipalities, as cases told them.
    places: HashMap<Code, SafeText>,
    /// Drafts by case and whether it is a note.
    pub drafts: HashMap<(Uuid, bool), Draft>,
    /// The last sentence.
    pub status: Option<Status>,
    /// What was said and went wrong, the newest last.
    pub log: VecDeque<(i64, SafeText)>,
    /// When the screen last changed without a key, Unix ms.
    pub changed_at: i64,
    /// When a sealed case came up after another was dealt with, Unix ms.
    pub came_up_at: i64,
    /// When something is to be looked at again, Unix ms.
    pub wake: Option<i64>,
    /// The case of the screen that shows one: it is remembered whatever else is read.
    pub open_case: Option<Uuid>,
    /// The cases that are remembered, the one that was read last at the end.
    read: VecDeque<Uuid>,
    redraw: Redraw,
    effects: Vec<Effect>,
    asked: HashMap<u64, Owner>,
    numbered: u64,
}

impl Shared {
    /// Nothing yet.
    pub fn new(words: Words, theme: Theme, keymap: Keymap, settings: Settings) -> Self {
        Self {
            now: 0,
            size: (80, 24),
            words,
            theme,
            keymap,
            settings,
            server: SafeText::default(),
            me: None,
            link: Link::Starting,
            down_since: None,
            retry_at: 0,
            rows: HashMap::new(),
            cases: HashMap::new(),
            desks: HashMap::new(),
            acts: Acts::default(),
            places: HashMap::new(),
            drafts: HashMap::new(),
            status: None,
            log: VecDeque::new(),
            changed_at: 0,
            came_up_at: 0,
            wake: None,
            open_case: None,
            read: VecDeque::new(),
            redraw: Redraw::Not,
            effects: Vec::new(),
            asked: HashMap::new(),
            numbered: 0,
        }
    }

    /// Wants something done.
    pub fn want(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// What is shown is no longer what there is.
    pub fn redraw(&mut self, when: Redraw) {
        self.redraw = self.redraw.max(when);
    }

    /// When the screen is to be drawn anew; it is taken to be done then.
    pub fn take_redraw(&mut self) -> Redraw {
        std::mem::take(&mut self.redraw)
    }

    /// What is to be done now.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Asks the service; the answer comes back under the number.
    pub fn ask(&mut self, owner: Owner, ask: Ask) -> u64 {
        self.numbered += 1;
        self.asked.insert(self.numbered, owner);
        self.want(Effect::Ask(self.numbered, ask));
        self.numbered
    }

    /// Who waits for an answer; nobody any more after that.
    pub fn owner(&mut self, number: u64) -> Option<Owner> {
        self.asked.remove(&number)
    }

    /// What was decided and is not confirmed yet, on cases and besides.
    pub fn unconfirmed(&self) -> usize {
        self.acts.unconfirmed()
            + self.asked.values().filter(|it| matches!(it, Owner::Deed(..) | Owner::Demand(_))).count()
    }

    /// Forgets all that was read, written, said and asked: somebody else sits here now.
    pub fn forget(&mut self) {
        self.acts = Acts::default();
        self.rows.clear();
        self.cases.clear();
        self.read.clear();
        self.desks.clear();
        self.drafts.clear();
        self.asked.clear();
        self.log.clear();
        self.status = None;
    }

    /// Whether it is known that the service is not reached.
    pub fn offline(&self) -> bool {
        matches!(self.link, Link::Down { .. })
    }

    /// Whether the account may do something.
    pub fn may(&self, act: &str) -> bool {
        self.me.as_ref().is_some_and(|it| it.may(act))
    }

    /// Whether the account may give a command at all.
    pub fn allows(&self, command: Command) -> bool {
        // Who writes and who approves reads the same lists.
        if matches!(
            command,
            Command::GoHighlights
                | Command::GoCandidates
                | Command::GoBroadcasts
                | Command::CardAudience
                | Command::ClearFindings
                | Command::WithdrawCard
                | Command::HoldBroadcast
                | Command::StopBroadcast
                | Command::WithdrawBroadcast
        ) {
            return self.may("write") || self.may("approve");
        }
        command.needs().is_none_or(|it| self.may(it))
    }

    /// Wakes the console at an instant.
    pub fn wake_at(&mut self, at: i64) {
        self.wake = Some(self.wake.map_or(at, |it| it.min(at)));
    }

    /// Says something.
    pub fn say(&mut self, text: SafeText) {
        self.status = Some(Status { text, role: Role::Done, until: Some(self.now + SAID), undo_until: None });
        self.redraw(Redraw::Soon);
        self.wake_at(self.now + SAID);
    }

    /// Says what was refused or went wrong; it stays until a key, and in the log.
    pub fn complain(&mut self, text: SafeText) {
        self.note(text.clone());
        self.status = Some(Status { text, role: Role::Breach, until: None, undo_until: None });
        self.redraw(Redraw::Soon);
    }

    /// Says what nobody's key asked for: it outlives the keys of who types, and stays in the log.
    pub fn tell(&mut self, text: SafeText) {
        self.note(text.clone());
        let until = Some(self.now + SAID);
        self.status = Some(Status { text, role: Role::Soon, until, undo_until: None });
        self.redraw(Redraw::Soon);
        self.wake_at(self.now + SAID);
    }

    /// Until when what the last sentence tells of can be taken back, Unix ms.
    pub fn undo_until(&self) -> Option<i64> {
        self.status.as_ref().and_then(|it| it.undo_until).filter(|it| *it > self.now)
    }

    /// How many seconds are left for that, as they are shown.
    pub fn undo_left(&self) -> Option<i64> {
        self.undo_until().map(|it| (it - self.now + 999) / 1_000)
    }

    /// Keeps a sentence in the log.
    pub fn note(&mut self, text: SafeText) {
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back((self.now, text));
    }

    /// What happened, what it means and what to do, of a failure.
    pub fn explain(&self, failure: &Failure) -> SafeText {
        let words = self.words;

        match failure.code.as_str() {
            // The rule that refused is the detail.
            "state_conflict" => {
                let rule = Code::new(failure.detail.as_str());
                let said = words.code("refused", &rule);
                words.fill("failed-state_conflict", &[("rule", said)])
            }
            // Why somebody else must do it.
            "not_allowed" if matches!(failure.detail.as_str(), "broadcast_is_own" | "highlight_own") => {
                let said = words.code("refused", &Code::new(failure.detail.as_str()));
                words.fill("failed-state_conflict", &[("rule", said)])
            }
            "invalid" | "invalid_parameter" => words.fill(
                "failed-invalid",
                &[("field", failure.field.text()), ("detail", failure.detail.clone())],
            ),
            "sign_in_blocked" | "too_busy" | "unavailable" => {
                let seconds = SafeText::number(u64::from(failure.retry_after.unwrap_or(5)));
                words.fill("failed-wait", &[("seconds", seconds)])
            }
            _ => words.code("failed", &failure.code),
        }
    }

    /// Asks for what was set up in a municipality, once.
    pub fn want_desk(&mut self, municipality: &Code) {
        if self.desks.contains_key(municipality) || municipality.as_str().is_empty() || self.offline() {
            return;
        }
        self.desks.insert(municipality.clone(), Desk::default());
        for ask in [
            Ask::Canned(municipality.clone()),
            Ask::Labels(municipality.clone()),
            Ask::Offices(municipality.clone()),
            Ask::Categories(municipality.clone()),
        ] {
            self.ask(Owner::Desk(municipality.clone()), ask);
        }
        if self.may("work_cases") {
            self.ask(Owner::Desk(municipality.clone()), Ask::Colleagues(municipality.clone()));
        }
    }

    /// Whether reading a case is kept in the audit trail, so that nothing but Enter asks for it; one of which nothing
    /// is known may be such a case.
    pub fn sealed(&self, case: Uuid) -> bool {
        self.rows.get(&case).is_none_or(Row::sealed)
    }

    /// What a covered case says of Enter.
    pub fn cover_text(&self, case: Uuid) -> SafeText {
        self.words.say(if self.rows.contains_key(&case) { "sealed-open" } else { "sealed-perhaps" })
    }

    /// What was set up in the municipality of a case.
    pub fn desk_of(&self, case: Uuid) -> Option<&Desk> {
        self.rows.get(&case).and_then(|it| self.desks.get(&it.municipality))
    }

    /// The name of an office, where a desk knows it: that of the municipality first.
    pub fn office(&self, municipality: &Code, code: &Code) -> SafeText {
        let own = self.desks.get(municipality).into_iter();
        let mut known = own.chain(self.desks.values()).flat_map(|it| &it.offices);
        let found = known.find(|it| it.code == *code);
        found.map_or_else(|| code.text(), |it| it.named(self.words.tag()))
    }

    /// The name of a category of a municipality, where it is known.
    pub fn category(&self, municipality: &Code, code: &Code) -> SafeText {
        let found =
            self.desks.get(municipality).and_then(|it| it.categories.iter().find(|it| it.code == *code));
        found.map_or_else(|| code.text(), |it| it.named(self.words.tag()))
    }

    /// The name of an account, where it is known.
    pub fn name_of(&self, account: Uuid) -> Option<SafeText> {
        let known = self.desks.values().flat_map(|it| &it.colleagues);
        let mut known = known.chain(self.me.as_ref().map(|it| &it.person));
        known.find(|it| it.id == account).map(|it| it.name.clone())
    }

    /// The name of a municipality where it is known, else its key.
    pub fn place(&self, municipality: &Code) -> SafeText {
        self.places.get(municipality).cloned().unwrap_or_else(|| municipality.text())
    }

    /// Those a case can be given to: who may work where it is, or, until that is known, has a case that was shown.
    pub fn colleagues(&self, row: &Row) -> Vec<Person> {
        let known = self.desks.get(&row.municipality).map(|it| it.colleagues.clone());
        let mut found = known.unwrap_or_default();
        let unknown = found.is_empty();
        for person in self.rows.values().filter(|_| unknown).filter_map(|it| it.assignee.clone()) {
            if !found.iter().any(|it| it.id == person.id) {
                found.push(person);
            }
        }
        let own = self.me.as_ref().map(|it| it.person.id);
        found.retain(|it| Some(it.id) != own);
        found.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
        found
    }

    /// Takes rows that came from the service; one with an act under way keeps what the act made of it.
    pub fn learn(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            if !self.places.contains_key(&row.municipality) {
                self.places.insert(row.municipality.clone(), row.municipality_name.clone());
            }
            if self.acts.runs_on(row.id) {
                continue;
            }
            match self.rows.get(&row.id) {
                // An answer that was overtaken by a newer one.
                Some(known) if known.version > row.version => {}
                _ => {
                    self.rows.insert(row.id, row);
                }
            }
        }
    }

    /// Takes a case that was read whole.
    pub fn learn_case(&mut self, case: Case) {
        let id = case.row.id;
        self.read.retain(|it| *it != id);
        self.read.push_back(id);
        if self.read.len() > CASES
            && let Some(oldest) = self.read.iter().position(|it| Some(*it) != self.open_case)
            && let Some(gone) = self.read.remove(oldest)
        {
            self.cases.remove(&gone);
        }
        self.learn([case.row.clone()]);
        self.cases.insert(id, case);
    }

    /// Who else wrote for a case in the last minute.
    pub fn also_writes(&self, case: Uuid) -> Option<SafeText> {
        let writers = &self.cases.get(&case)?.writers;
        writers.iter().find(|it| it.1 + WRITES > self.now).map(|it| it.0.name.clone())
    }

    /// The language that the citizen of a case reads.
    pub fn citizens_language(&self, case: Uuid) -> String {
        let known = self.cases.get(&case).and_then(Case::opener).and_then(|it| it.locale.clone());
        known.map_or_else(|| cabildo_messages::FALLBACK.to_owned(), |it| it.as_str().to_owned())
    }

    /// A text that is being written for a case.
    pub fn write_draft(&mut self, case: Uuid, note: bool, text: SafeText) {
        let known = self.drafts.get(&(case, note)).map(|it| it.text.as_str());
        if known.unwrap_or_default() == text.as_str() {
            return;
        }
        self.drafts.insert((case, note), Draft { text, changed_at: Some(self.now) });
        self.wake_at(self.now + DRAFT_REST);
    }

    /// What was written is sent: its draft goes at once, lest a crash brings it back; one of other words stays.
    pub fn drop_draft(&mut self, case: Uuid, note: bool, sent: &SafeText) {
        if self.drafts.get(&(case, note)).is_some_and(|it| it.text == *sent) {
            let changed_at = Some(self.now - DRAFT_REST);
            self.drafts.insert((case, note), Draft { text: SafeText::default(), changed_at });
        }
    }

    /// Keeps drafts that have rested, or all of them before the console goes.
    pub fn keep_drafts(&mut self, all: bool) {
        // Nobody writes before somebody has signed in.
        let Some(owner) = self.me.as_ref().map(|it| it.person.id) else { return };
        let now = self.now;
        let mut rested = Vec::new();
        let mut later = None;
        for (at, draft) in &mut self.drafts {
            let Some(changed) = draft.changed_at else { continue };
            if all || changed + DRAFT_REST <= now {
                draft.changed_at = None;
                rested.push((*at, draft.text.clone()));
            } else {
                later = Some(later.map_or(changed + DRAFT_REST, |it: i64| it.min(changed + DRAFT_REST)));
            }
        }
        if let Some(later) = later {
            self.wake_at(later);
        }
        for ((case, note), text) in rested {
            if text.is_empty() {
                self.drafts.remove(&(case, note));
            }
            if !self.offline() && !all {
                let key = crate::ids::key();
                self.ask(Owner::Nobody, Ask::Draft { case, note, text: text.clone(), key });
            }
            self.want(Effect::KeepDraft { owner, case, note, text });
        }
    }

    /// Whether a key that sends comes too soon after a change that nobody's key caused.
    pub fn too_soon(&self) -> bool {
        self.now - self.changed_at < SETTLE
    }

    /// Whether Enter would open a sealed case that came up while its key was on its way.
    pub fn just_came_up(&self) -> bool {
        self.too_soon() || self.now - self.came_up_at < SETTLE
    }
}
