//! One broadcast: what is in it, whom it is for, what it is on each channel, and what is decided about it. The list of
//! broadcasts stops and holds with the same keys.

use uuid::Uuid;

use super::broadcast_draw;
use super::demand::sure;
use super::detail::{Detail, Full, moved, not_yet};
use crate::api::broadcasts::{Answer as BroadcastAnswer, Ask as BroadcastAsk, BroadcastAct};
use crate::api::{Answer, Ask, Failure};
use crate::broadcast_acts::{Purpose, let_go, on_broadcast};
use crate::broadcast_data::{Broadcast, BroadcastRow};
use crate::data::FeedEvent;
use crate::demand_acts::Purpose as Typed;
use crate::event::Redraw;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, form, picker};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// The screen.
#[derive(Debug)]
pub struct State {
    id: Uuid,
    detail: Detail<Broadcast>,
    /// Which channel is shown in full.
    preview: usize,
}

impl State {
    /// Opens one.
    pub fn new(shared: &mut Shared, id: Uuid) -> Self {
        let mut state = Self { id, detail: Detail::default(), preview: 0 };
        state.fetch(shared);
        state
    }

    /// Fetches it.
    pub fn fetch(&mut self, shared: &mut Shared) {
        self.detail.fetch(shared, Ask::Broadcasts(Box::new(BroadcastAsk::One(self.id))));
    }

    /// Its name.
    pub fn title(&self, shared: &Shared) -> SafeText {
        match &self.detail.whole {
            Some(it) => shared.words.fill("screen-broadcast", &[("title", it.row.title.cut(40))]),
            None => shared.words.say("screen-broadcasts"),
        }
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Full, SafeText) {
        let whole = self.detail.whole.as_ref();
        whole.map(|it| broadcast_draw::second_line(it, shared)).unwrap_or_default()
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        let of = |it: &Answer| match it {
            Answer::Broadcasts(it) => match &**it {
                BroadcastAnswer::One(it) => Some(it.clone()),
                _ => None,
            },
            _ => None,
        };
        let redraw = self.detail.answer(shared, number, answer, of, |it| it.row.version)?;
        let count = self.detail.whole.as_ref().map_or(0, |it| it.previews.len());
        self.preview = self.preview.min(count.saturating_sub(1));
        self.show(shared, self.detail.top);
        Some(redraw)
    }

    /// Events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        if super::tells_of_highlights(events) {
            self.detail.touch(shared);
        }
    }

    /// Time passed: one that runs is looked at again, since the feed does not tell of each message.
    pub fn tick(&mut self, shared: &mut Shared) {
        let whole = self.detail.whole.as_ref();
        let runs = whole.is_some_and(|it| it.runs(shared.now));
        if let Some(at) = whole.and_then(|it| it.begins_at).filter(|at| *at > shared.now) {
            shared.wake_at(at);
        }
        if self.detail.is_due(shared, runs) {
            self.fetch(shared);
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        if let Some(top) = moved(command, self.detail.top, shared) {
            self.show(shared, top);
            return true;
        }
        let Some(whole) = &self.detail.whole else {
            return not_yet(command.about_broadcast() || command == Command::NextPreview, shared);
        };
        if command == Command::NextPreview {
            self.preview = (self.preview + 1) % whole.previews.len().max(1);
            // The text of the channel stands first.
            self.show(shared, 0);
            return true;
        }
        decide(shared, overlays, whole, command)
    }

    fn show(&mut self, shared: &Shared, top: usize) {
        let lines = self.lines(shared);
        self.detail.show(shared, top, &lines);
    }

    /// What is shown of it.
    fn lines(&self, shared: &Shared) -> Full {
        match &self.detail.whole {
            Some(it) => broadcast_draw::whole(it, self.preview, shared),
            None => vec![(self.detail.nothing(shared), Role::Plain)],
        }
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        self.detail.draw(paint, shared, self.lines(shared));
    }
}

fn open(shared: &Shared, purpose: Purpose) -> Overlay {
    let known = purpose.known(shared);
    Overlay::Form(Box::new(form::State::new(Typed::Broadcast(purpose), &known)))
}

/// A new broadcast, to the supporters of a demand or to who is named afterwards.
pub fn compose(shared: &Shared, overlays: &mut Vec<Overlay>, demand: Option<Uuid>) {
    overlays.push(open(shared, Purpose::Compose(demand)));
}

fn not_now(shared: &mut Shared) -> bool {
    let said = shared.words.say("broadcast-not-now");
    shared.say(said);
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
        Command::HoldBroadcast => matches!(state, "approved" | "preparing" | "sending"),
        Command::StopBroadcast => matches!(state, "approved" | "preparing" | "sending" | "held"),
        Command::WithdrawBroadcast => matches!(state, "draft" | "submitted"),
        Command::SubmitBroadcast => state == "draft",
        Command::CorrectBroadcast => matches!(state, "stopped" | "done"),
        _ => return false,
    };
    if !fits {
        return not_now(shared);
    }
    let boxed = || Box::new(row.clone());
    let title = [("title", row.title.clone())];
    let words = shared.words;
    match command {
        Command::HoldBroadcast => overlays.push(open(shared, Purpose::Hold(boxed()))),
        Command::StopBroadcast => overlays.push(open(shared, Purpose::Stop(boxed()))),
        Command::WithdrawBroadcast => {
            let withdraw = on_broadcast(shared, row, "withdraw", BroadcastAct::Withdraw);
            sure(shared, overlays, withdraw.sure(words.fill("sure-withdraw-broadcast", &title)));
        }
        Command::SubmitBroadcast => {
            sure(shared, overlays, on_broadcast(shared, row, "submit", BroadcastAct::Submit));
        }
        _ => sure(shared, overlays, on_broadcast(shared, row, "correct", BroadcastAct::Correct)),
    }
    true
}

/// What a key decides about a broadcast that was read; gives whether it was a key that does.
pub fn decide(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Broadcast, command: Command) -> bool {
    let words = shared.words;
    let row = &it.row;
    let written = matches!(row.state.as_str(), "draft" | "submitted");
    let fits = match command {
        Command::EditBroadcast | Command::BroadcastAudience => written,
        Command::ApproveBroadcast => row.state == "submitted",
        Command::ReleaseBroadcast => row.state == "held",
        Command::TestBroadcast => !matches!(row.state.as_str(), "done" | "stopped" | "withdrawn"),
        _ => return decide_row(shared, overlays, row, command),
    };
    if !fits {
        return not_now(shared);
    }
    match command {
        Command::EditBroadcast => {
            // A text a language: those that are there, and those that the service speaks.
            let mut known: Vec<SafeText> = it.draft.texts.iter().map(|it| it.0.clone()).collect();
            for language in cabildo_messages::languages() {
                if !known.iter().any(|it| it.as_str() == language.tag) {
                    known.push(SafeText::line(language.tag));
                }
            }
            let purpose = |language: &SafeText| {
                let purpose = Purpose::Edit(Box::new(it.clone()), language.clone());
                let known = purpose.known(shared);
                Choice::Form(Box::new(Typed::Broadcast(purpose)), known)
            };
            let items = known.iter().map(|language| {
                let held = !it.draft.text(language.as_str()).is_empty();
                (language.clone(), purpose(language), held)
            });
            let items: Vec<_> = items.collect();
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-text-language"), items)));
        }
        Command::BroadcastAudience if it.draft.audience.demand.is_some() => {
            shared.say(words.say("broadcast-of-demand"));
        }
        Command::BroadcastAudience if row.correction => shared.say(words.say("broadcast-of-correction")),
        Command::BroadcastAudience => overlays.push(open(shared, Purpose::Audience(Box::new(it.clone())))),
        Command::ApproveBroadcast | Command::ReleaseBroadcast => {
            let held = command == Command::ReleaseBroadcast;
            let people = broadcast_draw::people(row.people, words);
            let args = [("title", row.title.clone()), ("people", people)];
            let question = words.fill(if held { "sure-release" } else { "sure-approve-broadcast" }, &args);
            let question = broadcast_draw::seen(question, &it.previews, &it.hash, words);
            if it.type_people {
                overlays.push(open(shared, Purpose::ApproveMany(Box::new(it.clone()), held, question)));
            } else {
                sure(shared, overlays, let_go(shared, it, held, None).sure(question));
            }
        }
        _ => {
            let items = it.draft.texts.iter().map(|(language, _)| {
                let test = on_broadcast(shared, row, "test", BroadcastAct::Test(language.clone()));
                (language.clone(), Choice::Demand(Box::new(test)), false)
            });
            let items: Vec<_> = items.collect();
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-test"), items)));
        }
    }
    true
}
