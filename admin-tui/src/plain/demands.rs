//! Demands in the line mode: the acts, forms and questions of the screens, one sentence after the other.

use std::io;

use uuid::Uuid;

use super::{Lines, read, say};
use crate::acts;
use crate::api::demands::{Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::highlights::Answer as CardAnswer;
use crate::api::{Answer, Ask, Failure};
use crate::demand_acts::{self, Decided, Meant, Seek};
use crate::demand_data::{AnswerPreview, AuthorMessage, Commitment, Demand, DemandRow, Leader};
use crate::filled;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, form};
use crate::run::now;
use crate::safe::{Code, SafeText};
use crate::screens::demand_draw::{self, Piece};
use crate::screens::{broadcast, demand, desk, highlight_draw};
use crate::shared::Shared;
use crate::widgets;

/// What can be done with a demand, in the order of its numbers.
const DEEDS: &[Command] = &[
    Command::PublishDemand,
    Command::RejectDemand,
    Command::HandDemandOver,
    Command::AnswerDemand,
    Command::Promise,
    Command::Steps,
    Command::MergeDemand,
    Command::PartDemand,
    Command::EnterActa,
    Command::CallActa,
    Command::VoidActa,
    Command::ClearFlags,
    Command::DecideMessage,
    Command::Endorse,
    Command::UnlinkCase,
    Command::LinkedCases,
    Command::WriteSupporters,
];
/// What can be done about who asked to be known as a leader.
const LEADER: &[Command] = &[Command::VerifyLeader, Command::RefuseLeader, Command::ShowNumber];

/// A demand on one line.
fn line(it: &DemandRow, shared: &Shared) -> SafeText {
    let words = shared.words;
    let (left, _) = demand_draw::left(it, shared);
    let args = [
        ("code", it.code.clone()),
        ("state", words.code("demand", &it.state)),
        ("place", it.municipality_name.clone()),
        ("goal", demand_draw::goal(it, shared)),
        ("paper", SafeText::number(it.support.paper)),
        ("flagged", SafeText::number(it.support.flagged)),
        ("left", left),
        ("text", it.text.clone()),
    ];
    words.fill("plain-demand-row", &args)
}

/// A line of a form after something was typed for it: Enter alone keeps what is there, nothing but blanks empties it.
fn line_after(was: &SafeText, typed: SafeText) -> SafeText {
    match typed {
        it if it.as_str().is_empty() => was.clone(),
        it if it.is_empty() => SafeText::default(),
        it => it,
    }
}

impl Lines {
    async fn about(&self, ask: DemandAsk) -> Result<DemandAnswer, Failure> {
        match self.api.ask(Ask::Demands(Box::new(ask))).await? {
            Answer::Demands(it) => Ok(*it),
            _ => Err(Failure::new("not_understood")),
        }
    }

    /// The queues of demands, one after the other.
    pub(super) async fn demands(&mut self) -> io::Result<()> {
        let mut queue = Code::new("moderation");
        let mut after = None;
        loop {
            let ask = DemandAsk::List { queue: queue.clone(), municipality: None, after };
            let page = match self.about(ask).await {
                Ok(DemandAnswer::List(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            let args =
                [("queue", self.words().code("demand", &queue)), ("total", SafeText::number(page.total))];
            say(&self.words().fill("plain-demands", &args))?;
            Self::numbered(page.items.iter().map(|it| line(it, &self.shared)))?;
            self.ask_for("plain-demand-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "n" => after = page.next,
                "" => after = None,
                "u" => self.take_back().await?,
                "v" => {
                    let Ok(DemandAnswer::Counts(counts)) = self.about(DemandAsk::Counts).await else {
                        continue;
                    };
                    let name = |(code, count): &(Code, u64)| {
                        self.words().code("demand", code).with(" ").with(SafeText::number(*count))
                    };
                    let names: Vec<SafeText> = counts.iter().map(name).collect();
                    if let Some(at) = self.choose(&names)? {
                        queue = counts[at].0.clone();
                        after = None;
                    }
                }
                "l" => self.leaders().await?,
                "p" => self.promises().await?,
                "m" => self.messages().await?,
                number => {
                    let at = number.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
                    match at.and_then(|it| page.items.get(it)).map(|it| it.id) {
                        Some(id) => self.demand(id).await?,
                        None => self.ask_for("plain-unknown")?,
                    }
                }
            }
        }
    }

    pub(super) fn numbered(texts: impl Iterator<Item = SafeText>) -> io::Result<()> {
        for (at, text) in texts.enumerate() {
            say(&SafeText::number(at as u64 + 1).with(" ").with(text))?;
        }
        Ok(())
    }

    async fn take_back(&mut self) -> io::Result<()> {
        self.shared.now = now();
        acts::undo(&mut self.shared);
        self.pump().await?;
        self.tell()
    }

    /// One demand, read out, and what is to be done.
    async fn demand(&mut self, id: Uuid) -> io::Result<()> {
        let mut first = true;
        loop {
            let whole = match self.about(DemandAsk::One(id)).await {
                Ok(DemandAnswer::One(whole)) => *whole,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.shared.now = now();
            say(&line(&whole.row, &self.shared))?;
            if first {
                self.read_out(&whole)?;
                self.shared.want_desk(&whole.row.municipality);
                self.pump().await?;
                first = false;
            }
            let Some(deed) = self.deed(DEEDS)? else { return Ok(()) };
            let mut over = Vec::new();
            if deed == Command::WriteSupporters {
                broadcast::compose(&self.shared, &mut over, Some(id));
            } else {
                demand::decide_one(&mut self.shared, &mut over, &whole, deed);
            }
            self.through(over, Some(&whole)).await?;
            self.tell()?;
        }
    }

    /// All that is known of a demand; bars by day are told by their last figures.
    fn read_out(&self, whole: &Demand) -> io::Result<()> {
        for piece in demand_draw::whole(whole, &self.shared) {
            if let Piece::Text(text, _) = piece
                && !text.is_empty()
            {
                say(&text.one_line())?;
            }
        }
        Ok(())
    }

    /// Asks what has to be asked, and does what comes of it.
    pub(super) async fn through(&mut self, mut over: Vec<Overlay>, whole: Option<&Demand>) -> io::Result<()> {
        loop {
            self.pump().await?;
            over.append(&mut self.over);
            let Some(top) = over.pop() else { return Ok(()) };
            let choice = match top {
                Overlay::Picker(picker) => {
                    let (texts, choices) = picker.parts();
                    self.choose(&texts)?.map(|at| choices[at].clone())
                }
                Overlay::Confirm(confirm) => {
                    say(&confirm.question())?;
                    self.yes()?.then(|| confirm.yes())
                }
                Overlay::Form(form) => self.fill_in(*form).await?,
                _ => None,
            };
            match choice {
                Some(Choice::Demand(decided)) => demand::sure(&mut self.shared, &mut over, *decided),
                Some(Choice::Form(purpose, known)) => {
                    over.push(Overlay::Form(Box::new(form::State::new(*purpose, &known))));
                }
                Some(Choice::Step(whole, at)) => demand::step(&mut self.shared, &mut over, &whole, at),
                Some(Choice::Picture(demand, code, picture)) => self.picture(demand, &code, picture).await?,
                Some(Choice::Seek(seek)) => seek.begin(&mut self.shared),
                Some(Choice::Reveal(leader, why)) => self.reveal(leader, why).await?,
                Some(Choice::OpenCase(case)) => {
                    let sealed = whole.and_then(|it| it.cases.iter().find(|it| it.id == case));
                    if sealed.is_none_or(|it| !it.sealed()) || self.opens()? {
                        Box::pin(self.case(case)).await?;
                    }
                }
                _ => {}
            }
        }
    }

    /// The lines of a form, one after the other, until they are right; what is there already stays with Enter.
    async fn fill_in(&mut self, form: form::State) -> io::Result<Option<Choice>> {
        if let Some(wrong) = form.wrong() {
            say(wrong)?;
        }
        let form::Parts { purpose, lines: mut texts, before, there } = form.parts();
        self.ask_for("plain-form")?;
        loop {
            for (at, (field, text)) in purpose.fields().iter().zip(&mut texts).enumerate() {
                let asked = self.words().say(field);
                if let Some(Some(there)) = there.get(at) {
                    say(&self.there(there))?;
                }
                if text.is_empty() {
                    say(&asked)?;
                } else {
                    say(&self.words().fill("plain-field", &[("field", asked), ("text", text.clone())]))?;
                }
                match read()? {
                    None => return Ok(None),
                    Some(typed) if typed.as_str().trim() == ".." => {
                        self.ask_for("plain-dropped")?;
                        return Ok(None);
                    }
                    Some(typed) => *text = line_after(text, typed),
                }
            }
            self.shared.now = now();
            match purpose.read(&self.shared, &texts).map(|it| it.after(before.as_ref())) {
                Err(wrong) => say(&purpose.tell(self.words(), &wrong))?,
                Ok(Meant::Decide(decided)) => return Ok(Some(Choice::Demand(decided))),
                Ok(Meant::Seek(seek)) => return Ok(Some(Choice::Seek(seek))),
                Ok(Meant::Reveal(leader, why)) => return Ok(Some(Choice::Reveal(leader, why))),
                Ok(Meant::Check(ask, decided)) => match self.api.ask(*ask).await {
                    Ok(Answer::Highlights(it)) => {
                        let CardAnswer::Found(found) = *it else { return Ok(None) };
                        for it in &found {
                            say(&highlight_draw::finding(it, self.words()))?;
                        }
                        if !found.is_empty() {
                            self.ask_for("check-means")?;
                        }
                        if found.is_empty() || self.yes()? {
                            return Ok(Some(Choice::Demand(decided)));
                        }
                    }
                    Ok(_) => return Ok(None),
                    Err(failure) => self.fail(&failure)?,
                },
                Ok(Meant::Preview(demand, draft, decided)) => {
                    match self.about(DemandAsk::Preview(demand, draft)).await {
                        Ok(DemandAnswer::Preview(preview)) => {
                            self.preview(&preview)?;
                            let sent = Choice::Demand(Box::new(Decided { sure: None, ..*decided }));
                            if self.yes()? {
                                return Ok(Some(sent));
                            }
                        }
                        Ok(_) => return Ok(None),
                        Err(failure) => self.fail(&failure)?,
                    }
                }
            }
        }
    }

    /// What is there now for a line that is asked for.
    fn there(&self, it: &SafeText) -> SafeText {
        if it.is_empty() {
            return self.words().say("plain-there-empty");
        }
        self.words().fill("plain-there", &[("text", it.clone())])
    }

    /// The authority's answer as each channel gets it.
    fn preview(&self, preview: &AnswerPreview) -> io::Result<()> {
        let words = self.words();
        say(&words.say("answer-preview"))?;
        for it in &preview.channels {
            say(&widgets::channel_cost(words, it).with(": ").with(it.text.clone().one_line()))?;
        }
        let price = widgets::money(preview.price);
        say(&words.fill("answer-goes-to", &[("people", SafeText::number(preview.people)), ("price", price)]))
    }

    /// Something that was decided is done, or was not.
    pub(super) fn demand_decided(
        &mut self,
        mut decided: Decided,
        answer: Result<Answer, Failure>,
    ) -> io::Result<()> {
        let answer = match answer {
            Ok(Answer::Highlights(it)) => {
                self.card_begun(decided, &it);
                return Ok(());
            }
            Ok(Answer::Broadcasts(it)) => {
                self.broadcast_begun(decided, &it);
                return Ok(());
            }
            other => other,
        };
        if let (Err(failure), Some(filled)) = (&answer, decided.filled.take()) {
            // Its lines are asked for again, so that they need not be copied.
            if let Some(back) = filled::bring_back(&mut self.shared, filled, failure) {
                self.over.push(Overlay::Form(Box::new(form::State::again(back))));
            }
            return Ok(());
        }
        match demand_acts::outcome(&mut decided, answer) {
            Err(Failure { code, demand: Some(theirs), .. })
                if code == "version_conflict" && decided.before.is_some() =>
            {
                let args = [("act", decided.name), ("folio", theirs.code.clone())];
                say(&self.words().fill("plain-conflict", &args))?;
                // What was typed for it can be copied from here.
                decided.text.as_ref().map_or(Ok(()), say)?;
                say(&line(&theirs, &self.shared))
            }
            answer => {
                let typed = decided.text.clone().filter(|_| answer.is_err());
                acts::decided(&mut self.shared, decided.name, decided.back, decided.text, answer);
                typed.as_ref().map_or(Ok(()), say)
            }
        }
    }

    /// The demand to merge into was found, is looked for further on, or is not there.
    pub(super) fn demand_sought(&mut self, seek: Seek, answer: Result<Answer, Failure>) -> io::Result<()> {
        match answer {
            Ok(Answer::Demands(it)) => {
                let DemandAnswer::List(page) = *it else { return Ok(()) };
                if let Some(decided) = seek.found(&mut self.shared, &page.items, page.next) {
                    demand::sure(&mut self.shared, &mut self.over, decided);
                }
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(failure) => {
                say(&seek.reason)?;
                self.fail(&failure)
            }
        }
    }

    /// Keeps a photo of a list in a file, and says where.
    async fn picture(&mut self, demand: Uuid, code: &SafeText, picture: Uuid) -> io::Result<()> {
        match self.about(DemandAsk::Picture(demand, picture)).await {
            Ok(DemandAnswer::Picture(it)) => {
                let path = self.folder.keep_picture(&demand_acts::picture_name(code, picture), &it.0)?;
                let path = SafeText::line(&path.to_string_lossy());
                say(&self.words().fill("picture-kept", &[("path", path)]))
            }
            Ok(_) => Ok(()),
            Err(failure) => self.fail(&failure),
        }
    }

    async fn reveal(&mut self, leader: Uuid, why: SafeText) -> io::Result<()> {
        match self.about(DemandAsk::Reveal(leader, why)).await {
            Ok(DemandAnswer::Number(number, in_hour)) => {
                let args = [("number", number), ("count", SafeText::number(in_hour))];
                say(&self.words().fill("number-shown", &args))
            }
            Ok(_) => Ok(()),
            Err(failure) => self.fail(&failure),
        }
    }

    /// Those who asked to be known as leaders.
    async fn leaders(&mut self) -> io::Result<()> {
        let mut cursor = None;
        loop {
            let page = match self.about(DemandAsk::Leaders(Code::new("asked"), cursor)).await {
                Ok(DemandAnswer::Leaders(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.ask_for("plain-leaders")?;
            let text = |it: &Leader| it.words.clone().with(", ").with(&it.municipality_name);
            let Some((it, next)) = self.one_of(page.items, page.next, text)? else { return Ok(()) };
            cursor = next;
            let Some(it) = it else { continue };
            while let Some(deed) = self.deed(LEADER)? {
                let mut over = Vec::new();
                self.shared.now = now();
                desk::decide_leader(&mut self.shared, &mut over, &it, deed);
                self.through(over, None).await?;
                self.tell()?;
                if deed != Command::ShowNumber {
                    break;
                }
            }
            cursor = None;
        }
    }

    async fn promises(&mut self) -> io::Result<()> {
        let mut cursor = None;
        loop {
            let page = match self.about(DemandAsk::Commitments(cursor)).await {
                Ok(DemandAnswer::Commitments(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.ask_for("plain-promises")?;
            let words = self.words();
            let text = |it: &Commitment| {
                let state = words.code("promise", &it.state);
                it.title
                    .clone()
                    .with(", ")
                    .with(state)
                    .with(", ")
                    .with(SafeText::number(it.percent))
                    .with(" %")
            };
            let Some((it, next)) = self.one_of(page.items, page.next, text)? else { return Ok(()) };
            cursor = next;
            if let Some(it) = it {
                self.demand(it.demand).await?;
                cursor = None;
            }
        }
    }

    /// Messages of authors that wait.
    async fn messages(&mut self) -> io::Result<()> {
        let mut cursor = None;
        loop {
            let page = match self.about(DemandAsk::Messages(cursor)).await {
                Ok(DemandAnswer::Messages(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => return self.fail(&failure),
            };
            self.ask_for("plain-messages")?;
            let text = |it: &AuthorMessage| it.text.clone().one_line();
            let Some((it, next)) = self.one_of(page.items, page.next, text)? else { return Ok(()) };
            cursor = next;
            if let Some(it) = it {
                self.demand(it.demand).await?;
                cursor = None;
            }
        }
    }

    /// One of a page by its number; the next page where there is one and `n` is written; `None`: back.
    fn one_of<T>(
        &self,
        items: Vec<T>,
        next: Option<String>,
        text: impl Fn(&T) -> SafeText,
    ) -> io::Result<Option<(Option<T>, Option<String>)>> {
        Self::numbered(items.iter().map(text))?;
        self.ask_for(if next.is_some() { "plain-number-more" } else { "plain-number" })?;
        let Some(typed) = read()? else { return Ok(None) };
        let typed = typed.as_str().trim();
        if typed == "n" && next.is_some() {
            return Ok(Some((None, next)));
        }
        let at = typed.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
        Ok(at.and_then(|at| items.into_iter().nth(at)).map(|it| (Some(it), None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_keeps_a_line_and_a_blank_empties_it() {
        let was = SafeText::own("agua");
        for (typed, becomes) in [("", "agua"), (" ", ""), ("luz", "luz")] {
            assert_eq!(line_after(&was, SafeText::typed(typed)).as_str(), becomes, "{typed:?}");
        }
    }
}
