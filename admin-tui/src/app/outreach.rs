//! What comes back about cards and broadcasts that is more than a new version.

use super::App;
use crate::acts;
use crate::api::outreach::Answer as OutreachAnswer;
use crate::api::{Answer, Failure};
use crate::demand_acts::Decided;
use crate::event::Redraw;
use crate::overlays::{Overlay, pager};
use crate::safe::SafeText;
use crate::screens::outreach::{self, Subject};
use crate::screens::outreach_draw;
use crate::screens::{Kind, Screen};

impl App {
    /// Shows a card or a broadcast.
    pub(super) fn open_outreach(&mut self, subject: Subject) {
        self.screens.retain(|it| it.kind() != Kind::Outreach);
        let state = outreach::State::new(&mut self.shared, subject);
        self.screens.push(Screen::Outreach(Box::new(state)));
        self.shared.redraw(Redraw::Now);
    }

    /// A broadcast to the supporters of the demand in front.
    pub(super) fn write_supporters(&mut self) {
        let (screen, shared, overlays) = self.front();
        if let Screen::Demand(it) = screen {
            outreach::compose(shared, overlays, Some(it.demand));
        }
    }

    /// Something was begun, which is looked at next; or a test went out.
    pub(super) fn outreach_begun(&mut self, decided: Decided, answer: &OutreachAnswer) {
        let (version, subject) = match *answer {
            OutreachAnswer::Card(id, version) => (version, Subject::Card(id)),
            OutreachAnswer::Cast(id, version) => (version, Subject::Cast(id)),
            OutreachAnswer::Tested(queued, passed) => {
                let said = acts::tested(&self.shared, queued, passed);
                self.shared.note(said.clone());
                return self.shared.say(said);
            }
            _ => return,
        };
        acts::decided(&mut self.shared, decided.name, None, None, Ok(version));
        // Whoever began it may do something else by now.
        if self.overlays.is_empty() && !self.screen().typing() {
            self.open_outreach(subject);
            self.shared.changed_at = self.shared.now;
        }
        self.reread_demands();
    }

    /// Whom a card is for.
    pub(super) fn audience_came(&mut self, code: &SafeText, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Outreach(it)) => {
                let OutreachAnswer::Audience(audience) = *it else { return };
                // Whoever asked does something else by now.
                if !self.overlays.is_empty() || !matches!(self.screen(), Screen::Outreach(_)) {
                    return;
                }
                let words = self.shared.words;
                self.shared.status = None;
                let title = words.fill("card-audience-of", &[("code", code.clone())]);
                let page = outreach_draw::audience(&audience, words);
                self.overlays.push(Overlay::Pager(pager::State::new(title, vec![page])));
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
}
