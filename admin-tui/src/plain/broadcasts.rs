//! Broadcasts in the line mode: the acts, forms and questions of the screens, one sentence after the other.

use std::io;

use uuid::Uuid;

use super::{Lines, nth, read, say};
use crate::acts;
use crate::api::broadcasts::{Answer as BroadcastAnswer, Ask as BroadcastAsk};
use crate::api::{Answer, Ask, Failure};
use crate::broadcast_data::{BroadcastRow, Preview};
use crate::demand_acts::Decided;
use crate::keymap::Command;
use crate::run::now;
use crate::safe::{Code, SafeText};
use crate::screens::desk::BROADCASTS;
use crate::screens::detail::Full;
use crate::screens::{broadcast, broadcast_draw};

/// What can be done with a broadcast.
const DEEDS: &[Command] = &[
    Command::StopBroadcast,
    Command::HoldBroadcast,
    Command::ReleaseBroadcast,
    Command::SubmitBroadcast,
    Command::ApproveBroadcast,
    Command::EditBroadcast,
    Command::BroadcastAudience,
    Command::TestBroadcast,
    Command::CorrectBroadcast,
    Command::WithdrawBroadcast,
];

impl Lines {
    async fn about_broadcasts(&self, ask: BroadcastAsk) -> Result<BroadcastAnswer, Failure> {
        match self.api.ask(Ask::Broadcasts(Box::new(ask))).await? {
            Answer::Broadcasts(it) => Ok(*it),
            _ => Err(Failure::new("not_understood")),
        }
    }

    /// Broadcasts, state by state.
    pub(super) async fn broadcasts(&mut self) -> io::Result<()> {
        let (mut state, mut after) = (0, None);
        loop {
            let page =
                match self.about_broadcasts(BroadcastAsk::List(Code::new(BROADCASTS[state]), after)).await {
                    Ok(BroadcastAnswer::List(page)) => page,
                    Ok(_) => return Ok(()),
                    Err(failure) => return self.fail(&failure),
                };
            self.shared.now = now();
            let words = self.words();
            let name = words.code("broadcast-state", &Code::new(BROADCASTS[state]));
            say(&words.fill("plain-broadcasts", &[("state", name)]))?;
            let row = |it: &BroadcastRow| {
                let args = [
                    ("title", it.title.clone()),
                    ("people", broadcast_draw::people(it.people, words)),
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
                "v" => state = self.state_of("broadcast-state", BROADCASTS, state)?,
                "w" if self.shared.allows(Command::NewBroadcast) => {
                    let mut over = Vec::new();
                    broadcast::compose(&self.shared, &mut over, None);
                    self.through(over, None).await?;
                    self.tell()?;
                }
                number => match nth(number, &page.items) {
                    Some(it) => self.broadcast(it.id).await?,
                    None => self.ask_for("plain-unknown")?,
                },
            }
        }
    }

    /// One broadcast, read out with each of its channels, and what is to be done.
    async fn broadcast(&mut self, id: Uuid) -> io::Result<()> {
        // What was read out: an approval is of nothing else.
        let mut read_out = None;
        loop {
            let whole = match self.about_broadcasts(BroadcastAsk::One(id)).await {
                Ok(BroadcastAnswer::One(whole)) => whole,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let head = broadcast_draw::second_line(&whole, &self.shared);
            let lines = broadcast_draw::whole(&whole, 0, &self.shared);
            let new = read_out.as_ref() != Some(&whole.hash);
            self.read_whole(head, lines, &whole.previews, new)?;
            read_out = Some(whole.hash.clone());
            let Some(deed) = self.deed(DEEDS)? else { return Ok(()) };
            let mut over = Vec::new();
            self.shared.now = now();
            broadcast::decide(&mut self.shared, &mut over, &whole, deed);
            self.through(over, None).await?;
            self.tell()?;
        }
    }

    /// All of a card or broadcast where it is new, else the line that an act changes.
    pub(super) fn read_whole(
        &self,
        head: (Full, SafeText),
        lines: Full,
        previews: &[Preview],
        new: bool,
    ) -> io::Result<()> {
        let parts: Vec<SafeText> = head.0.into_iter().map(|it| it.0).collect();
        say(&SafeText::join(&parts, "").with(head.1))?;
        if !new {
            return Ok(());
        }
        for (text, _) in lines {
            say(&text.one_line())?;
        }
        for it in previews.iter().skip(1) {
            say(&broadcast_draw::preview_line(self.words(), it).with(": ").with(it.text.clone().one_line()))?;
        }
        Ok(())
    }

    /// What begins with an act is named; a test is told.
    pub(super) fn broadcast_begun(&mut self, decided: Decided, answer: &BroadcastAnswer) {
        match *answer {
            BroadcastAnswer::Tested(queued, passed) => {
                let said = acts::tested(&self.shared, queued, passed);
                self.shared.say(said);
            }
            BroadcastAnswer::Done(_, version) => {
                acts::decided(&mut self.shared, decided.name, None, None, Ok(version));
            }
            _ => {}
        }
    }
}
