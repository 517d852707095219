//! One card or one broadcast: what is in it, what it is on each channel, and what is decided about it. The list of
//! broadcasts stops and holds with the same keys.

use uuid::Uuid;

use super::demand::sure;
use super::outreach_draw;
use super::queue_draw::AROUND;
use crate::api::outreach::{Answer as OutreachAnswer, Ask as OutreachAsk, CardAct, CastAct};
use crate::api::{Answer, Ask, Failure};
use crate::data::FeedEvent;
use crate::demand_acts::Purpose as Typed;
use crate::event::Redraw;
use crate::keymap::Command;
use crate::outreach_acts::{Purpose, let_go, on_card, on_cast};
use crate::outreach_data::{Broadcast, BroadcastRow, Candidate, Highlight};
use crate::overlays::{Choice, Overlay, form, picker};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared};
use crate::theme::Role;

/// The least time between two fetches that nobody's key caused, ms.
const PACE: i64 = 2_000;
/// The themes of cards.
const THEMES: [&str; 10] = [
    "education",
    "health",
    "social_security",
    "housing",
    "services",
    "food",
    "livelihoods",
    "financing",
    "communication",
    "procurement",
];

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A card.
    Card(Uuid),
    /// A broadcast.
    Cast(Uuid),
}

/// One of them, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// A card.
    Card(Box<Highlight>),
    /// A broadcast.
    Cast(Box<Broadcast>),
}

impl Whole {
    /// Counts its changes.
    pub fn version(&self) -> i64 {
        match self {
            Self::Card(it) => it.row.version,
            Self::Cast(it) => it.row.version,
        }
    }

    fn previews(&self) -> usize {
        match self {
            Self::Card(it) => it.previews.len(),
            Self::Cast(it) => it.previews.len(),
        }
    }
}

/// The screen.
#[derive(Debug)]
pub struct State {
    /// Which one.
    pub subject: Subject,
    whole: Option<Whole>,
    asked: Option<u64>,
    failed: Option<SafeText>,
    /// Which channel is shown in full.
    preview: usize,
    top: usize,
    fetched_at: i64,
    dirty: bool,
}

impl State {
    /// Opens one.
    pub fn new(shared: &mut Shared, subject: Subject) -> Self {
        let mut state = Self {
            subject,
            whole: None,
            asked: None,
            failed: None,
            preview: 0,
            top: 0,
            fetched_at: 0,
            dirty: false,
        };
        state.fetch(shared);
        state
    }

    /// Fetches it.
    pub fn fetch(&mut self, shared: &mut Shared) {
        if shared.me.is_none() {
            return;
        }
        self.dirty = false;
        self.fetched_at = shared.now;
        let ask = match self.subject {
            Subject::Card(id) => OutreachAsk::Highlight(id),
            Subject::Cast(id) => OutreachAsk::Broadcast(id),
        };
        self.asked = Some(shared.ask(Owner::Screen, Ask::Outreach(Box::new(ask))));
    }

    /// The municipality of a card.
    pub fn municipality(&self) -> Option<Code> {
        match &self.whole {
            Some(Whole::Card(it)) => Some(it.row.municipality.clone()),
            _ => None,
        }
    }

    /// Its name.
    pub fn title(&self, shared: &Shared) -> SafeText {
        match &self.whole {
            Some(Whole::Card(it)) => shared.words.fill("screen-highlight", &[("code", it.row.code.clone())]),
            Some(Whole::Cast(it)) => {
                shared.words.fill("screen-broadcast", &[("title", it.row.title.cut(40))])
            }
            None => shared.words.say(match self.subject {
                Subject::Card(_) => "screen-highlights",
                Subject::Cast(_) => "screen-broadcasts",
            }),
        }
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
        match &self.whole {
            Some(Whole::Card(it)) => outreach_draw::card_line(it, shared),
            Some(Whole::Cast(it)) => outreach_draw::cast_line(it, shared),
            None => (Vec::new(), SafeText::default()),
        }
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        if self.asked != Some(number) {
            return None;
        }
        self.asked = None;
        match answer {
            Ok(Answer::Outreach(it)) => {
                let whole = match &**it {
                    OutreachAnswer::Highlight(it) => Whole::Card(it.clone()),
                    OutreachAnswer::Broadcast(it) => Whole::Cast(it.clone()),
                    _ => return Some(Redraw::Not),
                };
                if self.whole.as_ref() == Some(&whole) && self.failed.is_none() {
                    return Some(Redraw::Not);
                }
                // Keys that were on their way were meant for what was there before.
                if self.whole.as_ref().is_some_and(|it| it.version() != whole.version()) {
                    shared.changed_at = shared.now;
                }
                self.whole = Some(whole);
                self.failed = None;
                let count = self.whole.as_ref().map_or(0, Whole::previews);
                self.preview = self.preview.min(count.saturating_sub(1));
            }
            Ok(_) => {}
            Err(failure) => {
                let said = shared.explain(failure);
                self.failed = Some(said.clone());
                shared.complain(said);
            }
        }
        self.top = self.top.min(self.last(shared));
        Some(Redraw::Now)
    }

    /// Events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        if events.iter().any(|it| touches(&it.kind)) {
            self.dirty = true;
            shared.wake_at(shared.now.max(self.fetched_at + PACE));
        }
    }

    /// Time passed: one that runs is looked at again, since the feed does not tell of each message.
    pub fn tick(&mut self, shared: &mut Shared) {
        let runs = matches!(&self.whole, Some(Whole::Cast(it)) if it.runs(shared.now));
        if let Some(Whole::Cast(it)) = &self.whole
            && let Some(at) = it.begins_at.filter(|at| *at > shared.now)
        {
            shared.wake_at(at);
        }
        // What fails is not asked for again and again: a key or the feed does.
        if !(self.dirty || runs && self.failed.is_none())
            || self.asked.is_some()
            || shared.offline()
            || shared.me.is_none()
        {
            return;
        }
        if self.fetched_at + PACE <= shared.now {
            self.fetch(shared);
        } else {
            shared.wake_at(self.fetched_at + PACE);
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        let page = room(shared).max(1);
        let top = match command {
            Command::Down => self.top + 1,
            Command::Up => self.top.saturating_sub(1),
            Command::First => 0,
            Command::Last => usize::MAX,
            Command::HalfDown => self.top + page / 2,
            Command::HalfUp => self.top.saturating_sub(page / 2),
            Command::PageDown => self.top + page,
            Command::PageUp => self.top.saturating_sub(page),
            Command::NextPreview => {
                let count = self.whole.as_ref().map_or(0, Whole::previews).max(1);
                self.preview = (self.preview + 1) % count;
                // The text of the channel stands first.
                0
            }
            other => {
                let Some(whole) = &self.whole else {
                    let own = other.about_outreach();
                    if own {
                        let said = shared.words.say("loading");
                        shared.say(said);
                    }
                    return own;
                };
                return decide(shared, overlays, whole, other);
            }
        };
        self.top = top.min(self.last(shared));
        true
    }

    /// What is shown of it.
    fn lines(&self, shared: &Shared) -> Vec<(SafeText, Role)> {
        match &self.whole {
            Some(Whole::Card(it)) => outreach_draw::card(it, self.preview, shared),
            Some(Whole::Cast(it)) => outreach_draw::cast(it, self.preview, shared),
            None => {
                vec![(self.failed.clone().unwrap_or_else(|| shared.words.say("loading")), Role::Plain)]
            }
        }
    }

    /// The last line that may be the first on the screen.
    fn last(&self, shared: &Shared) -> usize {
        let width = usize::from(shared.size.0.saturating_sub(2));
        let lines: usize = self.lines(shared).iter().map(|it| it.0.wrap(width).len()).sum();
        lines.saturating_sub(room(shared))
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let width = shared.size.0.saturating_sub(2);
        let end = 2 + room(shared) as u16;
        let (mut skip, mut y) = (self.top, 2);
        for (text, role) in self.lines(shared) {
            let parts = text.wrap(usize::from(width));
            let lines = parts.len();
            for part in parts.into_iter().skip(skip) {
                if y >= end {
                    return;
                }
                paint.part(1, y, width, &text, part, role);
                y += 1;
            }
            skip = skip.saturating_sub(lines);
        }
    }
}

/// Lines of the body.
fn room(shared: &Shared) -> usize {
    usize::from(shared.size.1.saturating_sub(AROUND))
}

/// Whether an event of the feed may change a card or a broadcast.
pub fn touches(kind: &Code) -> bool {
    let kind = kind.as_str();
    kind.contains("highlight") || kind.contains("broadcast")
}

fn open(shared: &Shared, purpose: Purpose) -> Overlay {
    let known = purpose.known(shared);
    Overlay::Form(Box::new(form::State::new(Typed::Outreach(purpose), &known)))
}

fn choice(shared: &Shared, purpose: Purpose) -> Choice {
    let known = purpose.known(shared);
    Choice::Form(Box::new(Typed::Outreach(purpose)), known)
}

/// What a key decides about one of them; gives whether it was a key that does.
pub fn decide(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Whole, command: Command) -> bool {
    match it {
        Whole::Card(it) => decide_card(shared, overlays, it, command),
        Whole::Cast(it) => decide_cast(shared, overlays, it, command),
    }
}

/// The theme comes first, then what is written.
fn themes(
    shared: &Shared,
    overlays: &mut Vec<Overlay>,
    held: Option<&Code>,
    purpose: impl Fn(Code) -> Purpose,
) {
    let words = shared.words;
    let items = THEMES.iter().map(|it| {
        let theme = Code::new(it);
        let held = held == Some(&theme);
        (words.code("theme", &theme), choice(shared, purpose(theme)), held)
    });
    let items: Vec<_> = items.collect();
    overlays.push(Overlay::Picker(picker::State::new(words.say("pick-theme"), items)));
}

/// A card about a candidate is proposed.
pub fn propose(shared: &Shared, overlays: &mut Vec<Overlay>, it: &Candidate) {
    themes(shared, overlays, None, |theme| Purpose::Propose(Box::new(it.clone()), theme));
}

/// A new broadcast, to the supporters of a demand or to who is named afterwards.
pub fn compose(shared: &Shared, overlays: &mut Vec<Overlay>, demand: Option<Uuid>) {
    overlays.push(open(shared, Purpose::Compose(demand)));
}

fn not_now(shared: &mut Shared, key: &str) -> bool {
    let said = shared.words.say(key);
    shared.say(said);
    true
}

fn decide_card(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Highlight, command: Command) -> bool {
    let words = shared.words;
    let row = &it.row;
    let code = [("code", row.code.clone())];
    let published = row.state == "published";
    let fits = match command {
        Command::EditCard => it.editable,
        Command::SubmitCard => it.editable && row.state == "draft",
        Command::WithdrawCard => it.withdrawable,
        Command::ApproveCard | Command::RejectCard => it.approvable,
        Command::ClearFindings => !it.findings.is_empty() && it.cleared.is_none(),
        Command::ReportAdoption | Command::SpreadCard => published,
        Command::CardAudience => true,
        _ => return false,
    };
    if !fits {
        return not_now(shared, "card-not-now");
    }
    let boxed = || Box::new(row.clone());
    match command {
        Command::EditCard => {
            themes(shared, overlays, Some(&row.theme), |theme| Purpose::Card(Box::new(it.clone()), theme));
        }
        Command::SubmitCard => {
            sure(shared, overlays, on_card(shared, row, "submit", CardAct::Submit));
        }
        Command::ClearFindings => {
            let clear = on_card(shared, row, "clear", CardAct::Clear(it.hash.clone()));
            sure(shared, overlays, clear.sure(words.fill("sure-clear", &code)));
        }
        Command::ApproveCard => {
            let approve = on_card(shared, row, "approve", CardAct::Approve(it.hash.clone()));
            let question = words.fill("sure-approve-card", &code);
            sure(
                shared,
                overlays,
                approve.sure(outreach_draw::seen(question, &it.previews, &it.hash, words)),
            );
        }
        Command::RejectCard => overlays.push(open(shared, Purpose::Reject(boxed()))),
        Command::WithdrawCard => overlays.push(open(shared, Purpose::WithdrawCard(boxed()))),
        Command::ReportAdoption => overlays.push(open(shared, Purpose::Adopt(boxed()))),
        Command::SpreadCard => overlays.push(open(shared, Purpose::Spread(Box::new(it.clone())))),
        _ => {
            let ask = Ask::Outreach(Box::new(OutreachAsk::Audience(row.id)));
            shared.ask(Owner::Audience(row.code.clone()), ask);
            shared.say(words.say("loading"));
        }
    }
    true
}

/// What a key of the list decides about a broadcast; gives whether it was one that does.
pub fn decide_row(
    shared: &mut Shared,
    overlays: &mut Vec<Overlay>,
    row: &BroadcastRow,
    command: Command,
) -> bool {
    let state = row.state.as_str();
    let fits = match command {
        Command::HoldCast => matches!(state, "approved" | "preparing" | "sending"),
        Command::StopCast => matches!(state, "approved" | "preparing" | "sending" | "held"),
        Command::WithdrawCast => matches!(state, "draft" | "submitted"),
        Command::SubmitCast => state == "draft",
        Command::CorrectCast => matches!(state, "stopped" | "done"),
        _ => return false,
    };
    if !fits {
        return not_now(shared, "cast-not-now");
    }
    let boxed = || Box::new(row.clone());
    let title = [("title", row.title.clone())];
    let words = shared.words;
    match command {
        Command::HoldCast => overlays.push(open(shared, Purpose::Hold(boxed()))),
        Command::StopCast => overlays.push(open(shared, Purpose::Stop(boxed()))),
        Command::WithdrawCast => {
            let withdraw = on_cast(shared, row, "withdraw", CastAct::Withdraw);
            sure(shared, overlays, withdraw.sure(words.fill("sure-withdraw-cast", &title)));
        }
        Command::SubmitCast => sure(shared, overlays, on_cast(shared, row, "submit", CastAct::Submit)),
        _ => sure(shared, overlays, on_cast(shared, row, "correct", CastAct::Correct)),
    }
    true
}

fn decide_cast(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Broadcast, command: Command) -> bool {
    let words = shared.words;
    let row = &it.row;
    let written = matches!(row.state.as_str(), "draft" | "submitted");
    let fits = match command {
        Command::EditCast | Command::CastAudience => written,
        Command::ApproveCast => row.state == "submitted",
        Command::ReleaseCast => row.state == "held",
        Command::TestCast => !matches!(row.state.as_str(), "done" | "stopped" | "withdrawn"),
        _ => return decide_row(shared, overlays, row, command),
    };
    if !fits {
        return not_now(shared, "cast-not-now");
    }
    match command {
        Command::EditCast => {
            // A text a language: those that are there, and those that the service speaks.
            let mut known: Vec<SafeText> = it.draft.texts.iter().map(|it| it.0.clone()).collect();
            for language in cabildo_messages::languages() {
                if !known.iter().any(|it| it.as_str() == language.tag) {
                    known.push(SafeText::line(language.tag));
                }
            }
            let purpose = |language: &SafeText| Purpose::Cast(Box::new(it.clone()), language.clone());
            let items = known.iter().map(|language| {
                let held = !it.draft.text(language.as_str()).is_empty();
                (language.clone(), choice(shared, purpose(language)), held)
            });
            let items: Vec<_> = items.collect();
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-text-language"), items)));
        }
        Command::CastAudience if it.draft.audience.demand.is_some() => {
            shared.say(words.say("cast-of-demand"));
        }
        Command::CastAudience if row.correction => shared.say(words.say("cast-of-correction")),
        Command::CastAudience => overlays.push(open(shared, Purpose::Audience(Box::new(it.clone())))),
        Command::ApproveCast | Command::ReleaseCast => {
            let held = command == Command::ReleaseCast;
            let people = outreach_draw::people(row.people, words);
            let args = [("title", row.title.clone()), ("people", people)];
            let question = words.fill(if held { "sure-release" } else { "sure-approve-cast" }, &args);
            let question = outreach_draw::seen(question, &it.previews, &it.hash, words);
            if it.type_people {
                overlays.push(open(shared, Purpose::ApproveMany(Box::new(it.clone()), held, question)));
            } else {
                sure(shared, overlays, let_go(shared, it, held, None).sure(question));
            }
        }
        _ => {
            let items = it.draft.texts.iter().map(|(language, _)| {
                let test = on_cast(shared, row, "test", CastAct::Test(language.clone()));
                (language.clone(), Choice::Demand(Box::new(test)), false)
            });
            let items: Vec<_> = items.collect();
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-test"), items)));
        }
    }
    true
}
