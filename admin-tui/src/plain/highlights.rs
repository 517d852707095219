//! Cards about what worked in the line mode: the acts, forms and questions of the screens, one sentence after the other.

use std::io;

use uuid::Uuid;

use super::{Lines, nth, read, say};
use crate::acts;
use crate::api::highlights::{Answer as CardAnswer, Ask as CardAsk};
use crate::api::{Answer, Ask, Failure};
use crate::demand_acts::Decided;
use crate::highlight_data::HighlightRow;
use crate::keymap::Command;
use crate::run::now;
use crate::safe::{Code, SafeText};
use crate::screens::desk::CARDS;
use crate::screens::{highlight, highlight_draw};

/// What can be done with a card, in the order of its numbers.
const DEEDS: &[Command] = &[
    Command::SubmitCard,
    Command::ApproveCard,
    Command::RejectCard,
    Command::ClearFindings,
    Command::EditCard,
    Command::BroadcastCard,
    Command::CardAudience,
    Command::ReportAdoption,
    Command::WithdrawCard,
];

impl Lines {
    async fn about_cards(&self, ask: CardAsk) -> Result<CardAnswer, Failure> {
        match self.api.ask(Ask::Highlights(Box::new(ask))).await? {
            Answer::Highlights(it) => Ok(*it),
            _ => Err(Failure::new("not_understood")),
        }
    }

    /// Cards about what worked, state by state.
    pub(super) async fn highlights(&mut self) -> io::Result<()> {
        let (mut state, mut after) = (0, None);
        loop {
            let page = match self.about_cards(CardAsk::List(Code::new(CARDS[state]), after)).await {
                Ok(CardAnswer::List(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let words = self.words();
            let name = words.code("card-state", &Code::new(CARDS[state]));
            say(&words.fill("plain-highlights", &[("state", name)]))?;
            let row = |it: &HighlightRow| {
                let args = [
                    ("code", it.code.clone()),
                    ("place", it.municipality_name.clone()),
                    ("theme", words.code("theme", &it.theme)),
                    ("title", it.title.clone()),
                ];
                words.fill("plain-highlight-row", &args)
            };
            Self::numbered(page.items.iter().map(row))?;
            self.ask_for("plain-highlight-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            after = None;
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "n" => after = page.next,
                "" => {}
                "v" => state = self.state_of("card-state", CARDS, state)?,
                "c" => self.candidates().await?,
                number => match nth(number, &page.items) {
                    Some(it) => self.highlight(it.id).await?,
                    None => self.ask_for("plain-unknown")?,
                },
            }
        }
    }

    /// Whom a story could be asked of; one of them becomes a card.
    async fn candidates(&mut self) -> io::Result<()> {
        let items = match self.about_cards(CardAsk::Candidates).await {
            Ok(CardAnswer::Candidates(items)) => items,
            Ok(_) => return Ok(()),
            Err(failure) => return self.fail(&failure),
        };
        self.ask_for("plain-candidates")?;
        let words = self.words();
        let texts: Vec<SafeText> = items
            .iter()
            .map(|it| it.municipality_name.clone().with(": ").with(highlight_draw::moved(&it.figure, words)))
            .collect();
        let Some(at) = self.choose(&texts)? else { return Ok(()) };
        if !self.shared.allows(Command::Propose) {
            return self.ask_for("failed-not_allowed");
        }
        let mut over = Vec::new();
        self.shared.now = now();
        highlight::propose(&self.shared, &mut over, &items[at]);
        self.through(over, None).await?;
        self.tell()
    }

    /// One card, read out with each of its channels, and what is to be done.
    async fn highlight(&mut self, id: Uuid) -> io::Result<()> {
        // What was read out: an approval is of nothing else.
        let mut read_out = None;
        loop {
            let whole = match self.about_cards(CardAsk::One(id)).await {
                Ok(CardAnswer::One(whole)) => whole,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let head = highlight_draw::second_line(&whole, &self.shared);
            let lines = highlight_draw::whole(&whole, 0, &self.shared);
            let new = read_out.as_ref() != Some(&whole.hash);
            self.read_whole(head, lines, &whole.previews, new)?;
            read_out = Some(whole.hash.clone());
            let Some(deed) = self.deed(DEEDS)? else { return Ok(()) };
            let mut over = Vec::new();
            self.shared.now = now();
            highlight::decide(&mut self.shared, &mut over, &whole, deed);
            self.through(over, None).await?;
            self.tell()?;
        }
    }

    /// What begins with an act is named; it is in its list.
    pub(super) fn card_begun(&mut self, decided: Decided, answer: &CardAnswer) {
        if let CardAnswer::Done(_, version) | CardAnswer::Drafted(_, version) = *answer {
            acts::decided(&mut self.shared, decided.name, None, None, Ok(version));
        }
    }

    /// Whom a card is for.
    pub(super) fn audience_came(&mut self, answer: Result<Answer, Failure>) -> io::Result<()> {
        self.shared.status = None;
        match answer {
            Ok(Answer::Highlights(it)) => match *it {
                CardAnswer::Audience(it) => say(&highlight_draw::audience(&it, self.words()).one_line()),
                _ => Ok(()),
            },
            Ok(_) => Ok(()),
            Err(failure) => self.fail(&failure),
        }
    }
}
