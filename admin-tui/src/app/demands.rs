//! What comes back about demands: decisions, and what was looked for to decide.

use uuid::Uuid;

use super::App;
use crate::acts;
use crate::api::demands::{Act, Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::{Answer, Ask, Failure};
use crate::demand_acts::{self, Decided, Seek};
use crate::event::{Effect, Redraw};
use crate::filled;
use crate::overlays::{Choice, Overlay, changed, form, picker};
use crate::safe::{Code, SafeText};
use crate::screens::{Screen, demand};
use crate::shared::Owner;

/// What came back about demands.
fn about(answer: Result<Answer, Failure>) -> Result<DemandAnswer, Failure> {
    match answer? {
        Answer::Demands(it) => Ok(*it),
        _ => Err(Failure::new("not_understood")),
    }
}

impl App {
    /// What was decided about a demand is done, or was not: where somebody else was first both sides are shown.
    pub(super) fn demand_decided(&mut self, mut decided: Decided, answer: Result<Answer, Failure>) {
        let answer = match answer {
            Ok(Answer::Highlights(it)) => return self.card_begun(decided, &it),
            Ok(Answer::Broadcasts(it)) => return self.broadcast_begun(decided, &it),
            other => other,
        };
        if let (Err(failure), Some(filled)) = (&answer, decided.filled.take())
            && let Some(back) = filled::bring_back(&mut self.shared, filled, failure)
        {
            self.refused.push_back(form::State::again(back));
        }
        let answer = demand_acts::outcome(&mut decided, answer);
        if answer.is_err() {
            // What was not done is read before the console goes.
            self.quit_at = None;
        }
        match answer {
            Err(Failure { code, demand: Some(theirs), .. })
                if code == "version_conflict" && decided.before.is_some() =>
            {
                if let Some(text) = &decided.text {
                    self.shared.note(text.clone());
                }
                self.changed.push_back(changed::State::new(Box::new(decided), theirs));
            }
            answer => acts::decided(&mut self.shared, decided.name, decided.back, decided.text, answer),
        }
        self.reread_demands();
    }

    /// The screens that show demands read them again.
    pub(super) fn reread_demands(&mut self) {
        for screen in &mut self.screens {
            if let Screen::Desk(_) | Screen::Demand(_) | Screen::Highlight(_) | Screen::Broadcast(_) = screen
            {
                screen.fetch(&mut self.shared);
            }
        }
    }

    pub(super) fn demand_sought(&mut self, seek: Seek, answer: Result<Answer, Failure>) {
        match about(answer) {
            Ok(DemandAnswer::List(page)) => {
                let Some(decided) = seek.found(&mut self.shared, &page.items, page.next) else { return };
                if !self.overlays.is_empty() || self.screen().typing() {
                    // Whoever asked does something else by now.
                    self.shared.note(decided.text.unwrap_or_default());
                    let said = self.shared.words.say("merge-late");
                    return self.shared.tell(said);
                }
                let (_, shared, overlays) = self.front();
                demand::sure(shared, overlays, decided);
                self.shared.changed_at = self.shared.now;
            }
            Ok(_) => {}
            Err(failure) => {
                self.shared.note(seek.reason);
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    /// Asks for the demands that collect where a case is.
    pub(super) fn ask_demands_of_case(&mut self) {
        let Some(row) = self.screen().target().and_then(|it| self.shared.rows.get(&it)) else {
            let said = self.shared.words.say("no-case");
            return self.shared.say(said);
        };
        let (case, municipality) = (row.id, Some(row.municipality.clone()));
        let ask = DemandAsk::List { queue: Code::new("collecting"), municipality, after: None };
        self.shared.ask(Owner::LinkTo(case), Ask::Demands(Box::new(ask)));
        let said = self.shared.words.say("loading");
        self.shared.say(said);
    }

    pub(super) fn demands_of_case(&mut self, case: Uuid, answer: Result<Answer, Failure>) {
        let words = self.shared.words;
        let page = match about(answer) {
            Ok(DemandAnswer::List(page)) => page,
            Ok(_) => return,
            Err(failure) => {
                let said = self.shared.explain(&failure);
                return self.shared.complain(said);
            }
        };
        // Whoever asked does something else by now.
        if self.screen().target() != Some(case) || !self.overlays.is_empty() || self.screen().typing() {
            return;
        }
        if page.items.is_empty() {
            let said = words.say("link-none");
            return self.shared.say(said);
        }
        let folio = self.shared.rows.get(&case).map(|it| it.folio.clone()).unwrap_or_default();
        let items: Vec<(SafeText, Choice, bool)> = page
            .items
            .iter()
            .map(|it| {
                let act = Act::LinkCases(vec![case], false);
                let mut decided = Decided::of(&self.shared, it, "link", act).back(Act::UnlinkCase(case));
                let args = [("code", it.code.clone()), ("folio", folio.clone())];
                decided.name = words.fill("demand-act-link", &args);
                (it.code.clone().with("  ").with(&it.text), Choice::Demand(Box::new(decided)), false)
            })
            .collect();
        self.shared.status = None;
        self.overlays.push(Overlay::Picker(picker::State::new(words.say("pick-demand"), items)));
        self.shared.changed_at = self.shared.now;
        self.shared.redraw(Redraw::Now);
    }

    /// The demand of a promise came: what is to become of its steps?
    pub(super) fn steps_of(&mut self, demand: Uuid, answer: Result<Answer, Failure>) {
        match about(answer) {
            Ok(DemandAnswer::One(whole)) => {
                let there = matches!(self.screen(), Screen::Desk(it) if it.demand() == Some(demand));
                // Whoever asked does something else by now.
                if !there || !self.overlays.is_empty() {
                    return;
                }
                self.shared.status = None;
                let (_, shared, overlays) = self.front();
                demand::steps(shared, overlays, &whole);
                self.shared.changed_at = self.shared.now;
                self.shared.redraw(Redraw::Now);
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    pub(super) fn picture_came(&mut self, code: &SafeText, picture: Uuid, answer: Result<Answer, Failure>) {
        match about(answer) {
            Ok(DemandAnswer::Picture(it)) => {
                let name = demand_acts::picture_name(code, picture);
                self.shared.want(Effect::KeepPicture { name, picture: it });
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    pub(super) fn chart_came(&mut self, name: String, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Chart(picture)) => self.shared.want(Effect::KeepChart { name, picture }),
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    pub(super) fn number_shown(&mut self, answer: Result<Answer, Failure>) {
        match about(answer) {
            Ok(DemandAnswer::Number(number, in_hour)) => {
                let args = [("number", number), ("count", SafeText::number(in_hour))];
                let said = self.shared.words.fill("number-shown", &args);
                self.shared.status = Some(crate::shared::Status {
                    text: said,
                    role: crate::theme::Role::Soon,
                    until: None,
                    undo_until: None,
                });
                self.shared.redraw(Redraw::Now);
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }
}
