//! The lines that an act needs together: an acta, a merge, a card, the authority's answer. What goes to many people is read
//! as each channel gets it before a second key sends it, and so is personal data that was found in a card.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use super::reading::Reading;
use super::{Choice, Outcome, middle};
use crate::api::demands::{Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::highlights::Answer as CardAnswer;
use crate::api::{Answer, Ask, Failure};
use crate::demand_acts::{Decided, Meant, Purpose};
use crate::demand_data::AnswerPreview;
use crate::filled::{Back, Filled};
use crate::highlight_data::Finding;
use crate::input::Line;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::screens::highlight_draw;
use crate::shared::{Owner, Shared};
use crate::theme::Role;
use crate::widgets;
use crate::words::Words;

/// Cells of the window at most.
const WIDEST: u16 = 76;

/// What somebody has to look at before it is handed in.
#[derive(Debug)]
enum Look {
    /// The answer as each channel gets it.
    Answer(AnswerPreview),
    /// Personal data.
    Findings(Vec<Finding>),
}

impl Look {
    /// What stands in its window.
    fn texts(&self, words: Words) -> Vec<(SafeText, Role)> {
        match self {
            Self::Answer(preview) => {
                let lines = preview.channels.iter().flat_map(|it| {
                    [(widgets::channel_cost(words, it), Role::Quiet), (it.text.clone(), Role::Plain)]
                });
                let price = widgets::money(preview.price);
                let args = [("people", SafeText::number(preview.people)), ("price", price)];
                lines.chain([(words.fill("answer-goes-to", &args), Role::Soon)]).collect()
            }
            Self::Findings(found) => {
                let lines = found.iter().map(|it| (highlight_draw::finding(it, words), Role::Breach));
                lines.chain([(words.say("check-means"), Role::Plain)]).collect()
            }
        }
    }

    /// Its title, and its keys.
    fn around(&self, words: Words) -> (SafeText, SafeText) {
        match self {
            Self::Answer(_) => (words.say("answer-preview"), words.say("answer-preview-foot")),
            Self::Findings(_) => (words.say("check-found"), words.say("check-foot")),
        }
    }
}

/// What is looked at, how far it was read, and what is handed in after that.
#[derive(Debug)]
struct Looked {
    look: Look,
    reading: Reading,
    decided: Box<Decided>,
}

/// The lines.
#[derive(Debug)]
pub struct State {
    purpose: Purpose,
    fields: Vec<Line>,
    at: usize,
    wrong: Option<SafeText>,
    asked: Option<(u64, Box<Decided>)>,
    look: Option<Looked>,
    /// Nobody has to look at it any more.
    ready: Option<Box<Decided>>,
    /// As it was handed in, where it came up by itself since that was refused or may not have arrived.
    before: Option<Filled>,
    /// What is there now for each line that says something else, where somebody else was first.
    there: Vec<Option<SafeText>>,
    /// The last line that was come to.
    met: usize,
    /// Its lines as it came up.
    known: Vec<SafeText>,
    /// How far the question was read whether what was typed goes.
    leaving: Option<Reading>,
}

/// What it is for, and what is in it.
#[derive(Debug)]
pub struct Parts {
    /// What it is for.
    pub purpose: Purpose,
    /// Its lines as they are.
    pub lines: Vec<SafeText>,
    /// As it was handed in before.
    pub before: Option<Filled>,
    /// What is there now for each line that says something else.
    pub there: Vec<Option<SafeText>>,
}

impl State {
    /// Asks for what an act needs, with what is known already.
    pub fn new(purpose: Purpose, known: &[SafeText]) -> Self {
        let known = |at: usize| known.get(at).cloned().unwrap_or_default();
        let fields: Vec<Line> = (0..purpose.fields().len()).map(|at| Line::with(&known(at))).collect();
        let known = fields.iter().map(Line::text).collect();
        Self {
            purpose,
            fields,
            at: 0,
            wrong: None,
            asked: None,
            look: None,
            ready: None,
            before: None,
            there: Vec::new(),
            met: 0,
            known,
            leaving: None,
        }
    }

    /// One that comes back with its lines as they were, and why.
    pub fn again(back: Back) -> Self {
        let Back { filled, why, there } = back;
        let new = Self::new(filled.purpose.clone(), &filled.lines);
        Self { wrong: Some(why), before: Some(filled), there, ..new }
    }

    /// What is wrong with it.
    pub const fn wrong(&self) -> Option<&SafeText> {
        self.wrong.as_ref()
    }

    /// What it is for, and what is in it.
    pub fn parts(self) -> Parts {
        let lines = self.fields.iter().map(Line::text).collect();
        Parts { purpose: self.purpose, lines, before: self.before, there: self.there }
    }

    /// Whether something would be lost with it: one that came back holds what was typed before.
    fn holds_more(&self) -> bool {
        self.before.is_some() || self.fields.iter().zip(&self.known).any(|it| it.0.text() != *it.1)
    }

    /// Takes a key while it is asked whether what was typed goes.
    fn leave_key(&mut self, code: KeyCode, shared: &mut Shared) -> Outcome {
        let texts = lost(shared.words);
        let Some(reading) = &mut self.leaving else { return Outcome::Stay };
        let read = reading.is_read(&texts, shared.size);
        match code {
            KeyCode::Char('y' | 's') if !read => super::unused(shared, "confirm-read-on"),
            KeyCode::Char('y' | 's') => Outcome::Close,
            KeyCode::Esc | KeyCode::Char('n') => {
                self.leaving = None;
                Outcome::Stay
            }
            code if reading.key(code, &texts, shared.size) => Outcome::Stay,
            _ => super::unused(shared, "key-not-here"),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        if self.leaving.is_some() {
            return self.leave_key(key.code, shared);
        }
        if let Some(Looked { look, reading, decided }) = &mut self.look {
            let texts = look.texts(shared.words);
            let read = reading.is_read(&texts, shared.size);
            return match key.code {
                KeyCode::Char('y' | 's') if shared.too_soon() => super::unused(shared, "key-too-soon"),
                KeyCode::Char('y' | 's') if !read => super::unused(shared, "confirm-read-on"),
                KeyCode::Char('y' | 's') => {
                    Outcome::Then(Choice::Demand(Box::new(Decided { sure: None, ..(**decided).clone() })))
                }
                KeyCode::Esc | KeyCode::Char('n') => {
                    self.look = None;
                    Outcome::Stay
                }
                code if reading.key(code, &texts, shared.size) => Outcome::Stay,
                _ => super::unused(shared, "key-not-here"),
            };
        }
        let last = self.fields.len() - 1;
        match key.code {
            KeyCode::Esc if self.holds_more() => {
                // What was asked for it meanwhile hands nothing in under the question.
                (self.asked, self.ready) = (None, None);
                self.leaving = Some(Reading::new(WIDEST));
            }
            KeyCode::Esc => return Outcome::Close,
            KeyCode::Down | KeyCode::Tab => self.at = (self.at + 1).min(last),
            KeyCode::Up | KeyCode::BackTab => self.at = self.at.saturating_sub(1),
            KeyCode::Enter if self.asked.is_some() => {}
            KeyCode::Enter if self.before.is_some() && shared.too_soon() => {
                return super::unused(shared, "key-too-soon");
            }
            KeyCode::Enter => match self.onward() {
                Some(at) => self.at = at,
                None => return self.take(shared),
            },
            _ => {
                self.typed();
                self.fields[self.at].key(key);
            }
        }
        self.met = self.met.max(self.at);
        Outcome::Stay
    }

    /// Where Enter goes before it hands in: over lines that are empty, and to those where something else is there now and
    /// that nobody came to yet.
    fn onward(&self) -> Option<usize> {
        if self.fields[self.at + 1..].iter().any(Line::is_empty) {
            return Some(self.at + 1);
        }
        let mut unseen = self.there.iter().enumerate().skip(self.met + 1);
        unseen.find(|it| it.1.is_some()).map(|it| it.0)
    }

    /// What is read over is what is typed: an answer about other lines is about nothing.
    fn typed(&mut self) {
        self.asked = None;
        self.wrong = None;
        self.ready = None;
    }

    fn take(&mut self, shared: &mut Shared) -> Outcome {
        self.ready = None;
        let texts: Vec<SafeText> = self.fields.iter().map(Line::text).collect();
        match self.purpose.read(shared, &texts).map(|it| it.after(self.before.as_ref())) {
            Err(wrong) => {
                self.wrong = Some(self.purpose.tell(shared.words, &wrong));
                self.at = wrong.at.unwrap_or(self.at).min(self.fields.len() - 1);
                Outcome::Stay
            }
            Ok(Meant::Preview(demand, draft, decided)) => {
                self.ask(shared, Ask::Demands(Box::new(DemandAsk::Preview(demand, draft))), decided)
            }
            Ok(Meant::Check(ask, decided)) => self.ask(shared, *ask, decided),
            Ok(Meant::Decide(decided)) if decided.filled.is_some() && shared.offline() => {
                self.wrong = Some(shared.words.fill("refused-offline", &[("act", decided.name)]));
                Outcome::Stay
            }
            Ok(Meant::Decide(decided)) => Outcome::Then(Choice::Demand(decided)),
            Ok(Meant::Seek(seek)) => Outcome::Then(Choice::Seek(seek)),
            Ok(Meant::Reveal(leader, why)) => Outcome::Then(Choice::Reveal(leader, why)),
        }
    }

    fn ask(&mut self, shared: &mut Shared, ask: Ask, decided: Box<Decided>) -> Outcome {
        if shared.offline() {
            self.wrong = Some(shared.words.fill("refused-offline", &[("act", decided.name)]));
        } else {
            self.asked = Some((shared.ask(Owner::Screen, ask), decided));
        }
        Outcome::Stay
    }

    /// What is handed in now that nothing was found that somebody has to look at.
    pub fn ready(&mut self) -> Option<Choice> {
        self.ready.take().map(Choice::Demand)
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &SafeText) {
        if self.look.is_none() && self.leaving.is_none() {
            self.typed();
            self.fields[self.at].paste(text);
        }
    }

    /// Takes an answer that may be its own.
    pub fn answer(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> bool {
        if self.asked.as_ref().is_none_or(|it| it.0 != number) {
            return false;
        }
        let Some((_, decided)) = self.asked.take() else { return false };
        match answer {
            Ok(Answer::Demands(it)) => {
                if let DemandAnswer::Preview(preview) = &**it {
                    self.read_first(shared, Look::Answer(preview.clone()), decided);
                }
            }
            Ok(Answer::Highlights(it)) => match &**it {
                CardAnswer::Found(found) if found.is_empty() => self.ready = Some(decided),
                CardAnswer::Found(found) => {
                    self.read_first(shared, Look::Findings(found.clone()), decided);
                }
                _ => {}
            },
            Ok(_) => {}
            Err(failure) => self.wrong = Some(shared.explain(failure)),
        }
        true
    }

    fn read_first(&mut self, shared: &mut Shared, look: Look, decided: Box<Decided>) {
        self.look = Some(Looked { look, reading: Reading::new(WIDEST), decided });
        shared.changed_at = shared.now;
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        if let Some(reading) = &self.leaving {
            let (title, foot) = (words.say("confirm-title"), words.say("confirm-foot"));
            return reading.draw(paint, shared, &title, &lost(words), &foot);
        }
        if let Some(Looked { look, reading, .. }) = &self.look {
            let (title, foot) = look.around(words);
            return reading.draw(paint, shared, &title, &look.texts(words), &foot);
        }
        let width = paint.area().width.min(WIDEST);
        let wrong = self.wrong.as_ref().map_or(0, |it| it.wrap(usize::from(width - 4)).len() as u16);
        // Each field, and under it what is there now.
        let there: Vec<Option<SafeText>> =
            self.there.iter().map(|it| it.as_ref().map(|it| there_now(it, words))).collect();
        let there = |at: usize| there.get(at).and_then(Option::as_ref);
        let tall = |at: usize| 2 + there(at).map_or(0, |it| it.wrap(usize::from(width - 4)).len() as u16);
        let height: u16 = (0..self.fields.len()).map(tall).sum();
        let area = middle(paint, width, height + 4 + wrong);
        let title = words.fill(self.purpose.title(), &[("code", self.purpose.code())]);
        let inner = paint.frame(area, &title, Role::Title);
        let mut y = inner.y;
        // In a small window those around the one that is written stand there.
        let room = inner.height.saturating_sub(1 + wrong);
        let (mut first, mut taken) = (self.at, tall(self.at));
        while first > 0 && taken + tall(first - 1) <= room {
            first -= 1;
            taken += tall(first);
        }
        let end = inner.y + room;
        let fields = self.purpose.fields().iter().zip(&self.fields).enumerate();
        for (at, (key, field)) in fields.skip(first) {
            if at > first && y + 2 > end {
                break;
            }
            paint.text(inner.x, y, inner.width, &words.say(key), Role::Quiet);
            field.draw(paint, inner.x, y + 1, inner.width, at == self.at);
            y += 2;
            if let Some(it) = there(at) {
                y += draw_there(paint, Rect::new(inner.x, y, inner.width, end.saturating_sub(y)), it);
            }
        }
        if let Some(wrong) = &self.wrong {
            let left = inner.bottom().saturating_sub(y);
            let space = Rect::new(inner.x, y, inner.width, left);
            y += paint.block(space, wrong, Role::Breach);
        }
        let foot = words.say(match &self.asked {
            Some(_) => "loading",
            None if self.onward().is_some() => "form-foot-onward",
            None => "form-foot",
        });
        paint.text(inner.x, (y + 1).min(inner.bottom().saturating_sub(1)), inner.width, &foot, Role::Quiet);
    }
}

/// What is asked before what was typed goes.
fn lost(words: Words) -> [(SafeText, Role); 1] {
    [(words.say("form-lost"), Role::Plain)]
}

/// What is there now for a line.
fn there_now(it: &SafeText, words: Words) -> SafeText {
    if it.is_empty() {
        return words.say("form-there-empty");
    }
    words.fill("form-there", &[("text", it.clone())])
}

/// The same under its line; gives the lines that it took. What does not fit is cut where that is seen.
fn draw_there(paint: &mut Paint<'_>, area: Rect, text: &SafeText) -> u16 {
    let lines = text.wrap(usize::from(area.width));
    let shown = lines.len().min(usize::from(area.height));
    for (at, part) in lines.iter().take(shown).enumerate() {
        let cut = at + 1 == shown && shown < lines.len();
        let end = if cut { text.as_str().len() } else { part.end };
        paint.part(area.x, area.y + at as u16, area.width, text, part.start..end, Role::Soon);
    }
    shown as u16
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;
    use crate::api::Deed;
    use crate::broadcast_acts;
    use crate::safe::Code;

    fn form() -> State {
        State::new(Purpose::Broadcast(broadcast_acts::Purpose::Compose(None)), &[])
    }

    fn decided() -> Box<Decided> {
        Box::new(Decided::new(SafeText::own("nada"), Deed::Seen(Vec::new()), 0))
    }

    fn press(form: &mut State, code: KeyCode, shared: &mut Shared) -> Outcome {
        shared.now += 1_000;
        form.key(KeyEvent::new(code, KeyModifiers::NONE), shared)
    }

    #[test]
    fn what_was_ready_is_not_once_something_is_typed() {
        let mut shared = crate::tests::shared();
        for change in ["a key", "a paste", "Enter"] {
            let mut form = form();
            form.ready = Some(decided());
            match change {
                "a key" => drop(press(&mut form, KeyCode::Char('x'), &mut shared)),
                "a paste" => form.paste(&SafeText::own("x")),
                _ => {
                    form.at = form.fields.len() - 1;
                    drop(press(&mut form, KeyCode::Enter, &mut shared));
                }
            }
            assert!(form.ready().is_none(), "{change}");
        }
    }

    #[test]
    fn what_was_typed_goes_with_a_second_key_only() {
        let mut shared = crate::tests::shared();
        let closes =
            |form: &mut State, code, shared: &mut Shared| matches!(press(form, code, shared), Outcome::Close);
        assert!(closes(&mut form(), KeyCode::Esc, &mut shared), "nothing was typed");
        let mut form = form();
        drop(press(&mut form, KeyCode::Char('x'), &mut shared));
        assert!(!closes(&mut form, KeyCode::Esc, &mut shared));
        assert!(!closes(&mut form, KeyCode::Enter, &mut shared), "Enter is no yes");
        assert!(!closes(&mut form, KeyCode::Esc, &mut shared), "back to the lines");
        assert_eq!(form.fields[0].text().as_str(), "x");
        assert!(!closes(&mut form, KeyCode::Esc, &mut shared));
        assert!(closes(&mut form, KeyCode::Char('y'), &mut shared));
    }

    #[test]
    fn what_is_wrong_names_its_line_and_the_cursor_goes_there() {
        let mut shared = crate::tests::shared();
        let mut form = form();
        form.at = form.fields.len() - 1;
        for letter in ["e", "n"] {
            form.fields[form.at].paste(&SafeText::own(letter));
        }
        drop(press(&mut form, KeyCode::Enter, &mut shared));
        let wrong = form.wrong().cloned().unwrap_or_default();
        let title = shared.words.say(form.purpose.fields()[form.at]);
        assert!(form.at < form.fields.len() - 1, "{wrong:?}");
        assert!(wrong.as_str().contains(title.as_str()), "{wrong:?}");
    }

    #[test]
    fn what_does_not_fit_is_agreed_to_at_its_end() {
        let mut shared = crate::tests::shared();
        shared.size = (80, 24);
        let mut form = form();
        let found = (Code::new("done"), Code::new("phone"), SafeText::own("757 100 0041"));
        form.read_first(&mut shared, Look::Findings(vec![found; 20]), decided());
        let mut presses = |code| matches!(press(&mut form, code, &mut shared), Outcome::Then(_));
        assert!(!presses(KeyCode::Char('y')), "16 of 21 lines");
        assert!(!presses(KeyCode::Char(' ')));
        assert!(presses(KeyCode::Char('y')), "all of it was there");
    }
}
