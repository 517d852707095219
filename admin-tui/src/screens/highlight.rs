//! One card about what worked: what is in it, what it is on each channel, and what is decided about it.

use uuid::Uuid;

use super::demand::sure;
use super::detail::{Detail, Full, moved, not_yet};
use super::{broadcast_draw, highlight_draw};
use crate::api::highlights::{Answer as CardAnswer, Ask as CardAsk, CardAct};
use crate::api::{Answer, Ask, Failure};
use crate::data::FeedEvent;
use crate::demand_acts::Purpose as Typed;
use crate::event::Redraw;
use crate::highlight_acts::{Purpose, on_card};
use crate::highlight_data::{Candidate, Highlight};
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, form, picker};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared};
use crate::theme::Role;

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

/// The screen.
#[derive(Debug)]
pub struct State {
    id: Uuid,
    detail: Detail<Highlight>,
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
        self.detail.fetch(shared, Ask::Highlights(Box::new(CardAsk::One(self.id))));
    }

    /// Its municipality.
    pub fn municipality(&self) -> Option<Code> {
        self.detail.whole.as_ref().map(|it| it.row.municipality.clone())
    }

    /// Its name.
    pub fn title(&self, shared: &Shared) -> SafeText {
        match &self.detail.whole {
            Some(it) => shared.words.fill("screen-highlight", &[("code", it.row.code.clone())]),
            None => shared.words.say("screen-highlights"),
        }
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Full, SafeText) {
        let whole = self.detail.whole.as_ref();
        whole.map(|it| highlight_draw::second_line(it, shared)).unwrap_or_default()
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        let of = |it: &Answer| match it {
            Answer::Highlights(it) => match &**it {
                CardAnswer::One(it) => Some(it.clone()),
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

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        if self.detail.is_due(shared, false) {
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
            return not_yet(command.about_highlight() || command == Command::NextPreview, shared);
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
            Some(it) => highlight_draw::whole(it, self.preview, shared),
            None => vec![(self.detail.nothing(shared), Role::Plain)],
        }
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        self.detail.draw(paint, shared, self.lines(shared));
    }
}

fn open(purpose: Purpose) -> Overlay {
    let known = purpose.known();
    Overlay::Form(Box::new(form::State::new(Typed::Highlight(purpose), &known)))
}

fn choice(purpose: Purpose) -> Choice {
    let known = purpose.known();
    Choice::Form(Box::new(Typed::Highlight(purpose)), known)
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
        (words.code("theme", &theme), choice(purpose(theme)), held)
    });
    let items: Vec<_> = items.collect();
    overlays.push(Overlay::Picker(picker::State::new(words.say("pick-theme"), items)));
}

/// A card about a candidate is proposed.
pub fn propose(shared: &Shared, overlays: &mut Vec<Overlay>, it: &Candidate) {
    themes(shared, overlays, None, |theme| Purpose::Propose(Box::new(it.clone()), theme));
}

/// What a key decides about a card; gives whether it was a key that does.
pub fn decide(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Highlight, command: Command) -> bool {
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
        Command::ReportAdoption | Command::BroadcastCard => published,
        Command::CardAudience => true,
        _ => return false,
    };
    if !fits {
        let said = words.say("card-not-now");
        shared.say(said);
        return true;
    }
    let boxed = || Box::new(row.clone());
    match command {
        Command::EditCard => {
            themes(shared, overlays, Some(&row.theme), |theme| Purpose::Edit(Box::new(it.clone()), theme));
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
                approve.sure(broadcast_draw::seen(question, &it.previews, &it.hash, words)),
            );
        }
        Command::RejectCard => overlays.push(open(Purpose::Reject(boxed()))),
        Command::WithdrawCard => overlays.push(open(Purpose::Withdraw(boxed()))),
        Command::ReportAdoption => overlays.push(open(Purpose::Adopt(boxed()))),
        Command::BroadcastCard => overlays.push(open(Purpose::Broadcast(Box::new(it.clone())))),
        _ => {
            let ask = Ask::Highlights(Box::new(CardAsk::Audience(row.id)));
            shared.ask(Owner::Audience(row.code.clone()), ask);
            shared.say(words.say("loading"));
        }
    }
    true
}
