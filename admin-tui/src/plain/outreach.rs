//! Cards, broadcasts and charts in the line mode: the acts, forms and questions of the screens, one sentence after
//! the other.

use std::io;

use super::{Lines, read, say};
use crate::acts;
use crate::api::outreach::{Answer as OutreachAnswer, Ask as OutreachAsk};
use crate::api::{Answer, Ask, Failure};
use crate::demand_acts::Decided;
use crate::keymap::Command;
use crate::outreach_data::{BroadcastRow, HighlightRow};
use crate::run::now;
use crate::safe::{Code, SafeText};
use crate::screens::charts::{self, GROUPS, RANGES};
use crate::screens::desk::{CARDS, CASTS};
use crate::screens::outreach::{self, Subject, Whole};
use crate::screens::outreach_draw;

/// What can be done with a card, in the order of its numbers.
const CARD: &[Command] = &[
    Command::SubmitCard,
    Command::ApproveCard,
    Command::RejectCard,
    Command::ClearFindings,
    Command::EditCard,
    Command::SpreadCard,
    Command::CardAudience,
    Command::ReportAdoption,
    Command::WithdrawCard,
];
/// What can be done with a broadcast.
const CAST: &[Command] = &[
    Command::StopCast,
    Command::HoldCast,
    Command::ReleaseCast,
    Command::SubmitCast,
    Command::ApproveCast,
    Command::EditCast,
    Command::CastAudience,
    Command::TestCast,
    Command::CorrectCast,
    Command::WithdrawCast,
];

impl Lines {
    pub(super) async fn reach(&self, ask: OutreachAsk) -> Result<OutreachAnswer, Failure> {
        match self.api.ask(Ask::Outreach(Box::new(ask))).await? {
            Answer::Outreach(it) => Ok(*it),
            _ => Err(Failure::new("not_understood")),
        }
    }

    /// One of the states of a list.
    fn state_of(&self, group: &str, states: &[&str], was: usize) -> io::Result<usize> {
        let names: Vec<SafeText> = states.iter().map(|it| self.words().code(group, &Code::new(it))).collect();
        Ok(self.choose(&names)?.unwrap_or(was))
    }

    /// Cards about what worked, state by state.
    pub(super) async fn highlights(&mut self) -> io::Result<()> {
        let (mut state, mut after) = (0, None);
        loop {
            let page = match self.reach(OutreachAsk::Highlights(Code::new(CARDS[state]), after)).await {
                Ok(OutreachAnswer::Highlights(page)) => page,
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
                    Some(it) => self.one(Subject::Card(it.id)).await?,
                    None => self.ask_for("plain-unknown")?,
                },
            }
        }
    }

    /// Whom a story could be asked of; one of them becomes a card.
    async fn candidates(&mut self) -> io::Result<()> {
        let items = match self.reach(OutreachAsk::Candidates).await {
            Ok(OutreachAnswer::Candidates(items)) => items,
            Ok(_) => return Ok(()),
            Err(failure) => return self.fail(&failure),
        };
        self.ask_for("plain-candidates")?;
        let words = self.words();
        let texts: Vec<SafeText> = items
            .iter()
            .map(|it| it.municipality_name.clone().with(": ").with(outreach_draw::moved(&it.figure, words)))
            .collect();
        let Some(at) = self.choose(&texts)? else { return Ok(()) };
        if !self.shared.allows(Command::Propose) {
            return self.ask_for("failed-not_allowed");
        }
        let mut over = Vec::new();
        self.shared.now = now();
        outreach::propose(&self.shared, &mut over, &items[at]);
        self.through(over, None).await?;
        self.tell()
    }

    /// Broadcasts, state by state.
    pub(super) async fn broadcasts(&mut self) -> io::Result<()> {
        let (mut state, mut after) = (0, None);
        loop {
            let page = match self.reach(OutreachAsk::Broadcasts(Code::new(CASTS[state]), after)).await {
                Ok(OutreachAnswer::Broadcasts(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let words = self.words();
            let name = words.code("cast-state", &Code::new(CASTS[state]));
            say(&words.fill("plain-broadcasts", &[("state", name)]))?;
            let row = |it: &BroadcastRow| {
                let args = [
                    ("title", it.title.clone()),
                    ("people", outreach_draw::people(it.people, words)),
                    ("given", SafeText::number(it.approvals.0)),
                    ("needed", SafeText::number(it.approvals.1)),
                ];
                words.fill("plain-broadcast-row", &args)
            };
            Self::numbered(page.items.iter().map(row))?;
            self.ask_for("plain-broadcast-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            after = None;
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "n" => after = page.next,
                "" => {}
                "v" => state = self.state_of("cast-state", CASTS, state)?,
                "w" if self.shared.allows(Command::NewCast) => {
                    let mut over = Vec::new();
                    outreach::compose(&self.shared, &mut over, None);
                    self.through(over, None).await?;
                    self.tell()?;
                }
                number => match nth(number, &page.items) {
                    Some(it) => self.one(Subject::Cast(it.id)).await?,
                    None => self.ask_for("plain-unknown")?,
                },
            }
        }
    }

    /// One card or broadcast, read out with each of its channels, and what is to be done.
    pub(super) async fn one(&mut self, subject: Subject) -> io::Result<()> {
        // What was read out: an approval is of nothing else.
        let mut read_out = None;
        loop {
            let ask = match subject {
                Subject::Card(id) => OutreachAsk::Highlight(id),
                Subject::Cast(id) => OutreachAsk::Broadcast(id),
            };
            let whole = match self.reach(ask).await {
                Ok(OutreachAnswer::Highlight(it)) => Whole::Card(it),
                Ok(OutreachAnswer::Broadcast(it)) => Whole::Cast(it),
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let seen = match &whole {
                Whole::Card(it) => it.hash.clone(),
                Whole::Cast(it) => it.hash.clone(),
            };
            self.read_whole(&whole, read_out.as_ref() != Some(&seen))?;
            read_out = Some(seen);
            let deeds = if matches!(whole, Whole::Card(_)) { CARD } else { CAST };
            let deeds: Vec<Command> = deeds.iter().copied().filter(|it| self.shared.allows(*it)).collect();
            let names: Vec<SafeText> =
                deeds.iter().map(|it| self.words().say(&format!("do-{}", it.name()))).collect();
            let Some(at) = self.choose(&names)? else { return Ok(()) };
            let mut over = Vec::new();
            self.shared.now = now();
            outreach::decide(&mut self.shared, &mut over, &whole, deeds[at]);
            self.through(over, None).await?;
            self.tell()?;
        }
    }

    /// All of it where it is new, else the line that an act changes.
    fn read_whole(&self, whole: &Whole, new: bool) -> io::Result<()> {
        let (head, lines, previews) = match whole {
            Whole::Card(it) => (
                outreach_draw::card_line(it, &self.shared),
                outreach_draw::card(it, 0, &self.shared),
                &it.previews,
            ),
            Whole::Cast(it) => (
                outreach_draw::cast_line(it, &self.shared),
                outreach_draw::cast(it, 0, &self.shared),
                &it.previews,
            ),
        };
        let parts: Vec<SafeText> = head.0.into_iter().map(|it| it.0).collect();
        say(&SafeText::join(&parts, "").with(head.1))?;
        if !new {
            return Ok(());
        }
        for (text, _) in lines {
            say(&text.one_line())?;
        }
        for it in previews.iter().skip(1) {
            say(&outreach_draw::preview_line(self.words(), it).with(": ").with(it.text.clone().one_line()))?;
        }
        Ok(())
    }

    /// What begins with an act is read out next; a test is told.
    pub(super) fn outreach_begun(&mut self, decided: Decided, answer: &OutreachAnswer) {
        match *answer {
            OutreachAnswer::Tested(queued, passed) => {
                let said = acts::tested(&self.shared, queued, passed);
                self.shared.say(said);
            }
            OutreachAnswer::Card(_, version) | OutreachAnswer::Cast(_, version) => {
                acts::decided(&mut self.shared, decided.name, None, None, Ok(version));
            }
            _ => {}
        }
    }

    /// Whom a card is for.
    pub(super) fn audience_came(&mut self, answer: Result<Answer, Failure>) -> io::Result<()> {
        self.shared.status = None;
        match answer {
            Ok(Answer::Outreach(it)) => match *it {
                OutreachAnswer::Audience(it) => say(&outreach_draw::audience(&it, self.words()).one_line()),
                _ => Ok(()),
            },
            Ok(_) => Ok(()),
            Err(failure) => self.fail(&failure),
        }
    }

    /// Charts as the lines of their tables.
    pub(super) async fn charts(&mut self) -> io::Result<()> {
        let (mut group, mut range) = (0, 1);
        let known = self.shared.rows.values().map(|it| it.municipality.clone()).min();
        let mut municipality = match known {
            Some(it) => it,
            None => match self.municipality()? {
                Some(it) => it,
                None => return Ok(()),
            },
        };
        loop {
            self.shared.want_desk(&municipality);
            self.pump().await?;
            let ask = OutreachAsk::Series(municipality.clone(), Code::new(GROUPS[group]), RANGES[range]);
            match self.reach(ask).await {
                Ok(OutreachAnswer::Series(series)) => {
                    let words = self.words();
                    let args = [
                        ("place", series.name.clone()),
                        ("group", words.code("chart-by", &Code::new(GROUPS[group]))),
                        ("days", words.fill("chart-days", &[("days", SafeText::number(RANGES[range]))])),
                    ];
                    say(&words.fill("plain-charts", &args))?;
                    for ([name, people, kept, disputed], _) in charts::rows(&series, group, &self.shared) {
                        let args =
                            [("name", name), ("people", people), ("kept", kept), ("disputed", disputed)];
                        say(&words.fill("plain-chart-row", &args))?;
                    }
                }
                Ok(_) => return Ok(()),
                Err(failure) => self.fail(&failure)?,
            }
            self.ask_for("plain-chart-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "g" => group = (group + 1) % GROUPS.len(),
                "r" => range = (range + 1) % RANGES.len(),
                "m" => municipality = self.municipality()?.unwrap_or(municipality),
                "" => {}
                _ => self.ask_for("plain-unknown")?,
            }
        }
    }

    fn municipality(&self) -> io::Result<Option<Code>> {
        self.ask_for("want-municipality")?;
        let typed = read()?.map(|it| Code::new(it.as_str().trim()));
        Ok(typed.filter(|it| !it.as_str().is_empty()))
    }
}

/// The row of a number.
fn nth<'a, T>(number: &str, items: &'a [T]) -> Option<&'a T> {
    number.parse::<usize>().ok().and_then(|it| it.checked_sub(1)).and_then(|it| items.get(it))
}
