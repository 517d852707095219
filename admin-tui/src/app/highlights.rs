//! What comes back about cards and broadcasts that is more than a new version.

use uuid::Uuid;

use super::App;
use crate::acts;
use crate::api::broadcasts::Answer as BroadcastAnswer;
use crate::api::highlights::Answer as CardAnswer;
use crate::api::{Answer, Failure};
use crate::demand_acts::Decided;
use crate::event::Redraw;
use crate::overlays::{Overlay, pager};
use crate::safe::SafeText;
use crate::screens::{Kind, Screen, broadcast, highlight, highlight_draw};

impl App {
    /// Shows a card.
    pub(super) fn open_highlight(&mut self, id: Uuid) {
        let state = highlight::State::new(&mut self.shared, id);
        self.open_instead(Screen::Highlight(Box::new(state)));
    }

    /// Shows a broadcast.
    pub(super) fn open_broadcast(&mut self, id: Uuid) {
        let state = broadcast::State::new(&mut self.shared, id);
        self.open_instead(Screen::Broadcast(Box::new(state)));
    }

    fn open_instead(&mut self, screen: Screen) {
        self.screens.retain(|it| !matches!(it.kind(), Kind::Highlight | Kind::Broadcast));
        self.screens.push(screen);
        self.shared.redraw(Redraw::Now);
    }

    /// A broadcast to the supporters of the demand in front.
    pub(super) fn write_supporters(&mut self) {
        let (screen, shared, overlays) = self.front();
        if let Screen::Demand(it) = screen {
            broadcast::compose(shared, overlays, Some(it.demand));
        }
    }

    /// A card was begun, or a broadcast of one, which is looked at next.
    pub(super) fn card_begun(&mut self, decided: Decided, answer: &CardAnswer) {
        match *answer {
            CardAnswer::Done(id, version) => self.begun(decided, version, |app| app.open_highlight(id)),
            CardAnswer::Drafted(id, version) => self.begun(decided, version, |app| app.open_broadcast(id)),
            _ => {}
        }
    }

    /// A broadcast was begun, which is looked at next; or a test went out.
    pub(super) fn broadcast_begun(&mut self, decided: Decided, answer: &BroadcastAnswer) {
        match *answer {
            BroadcastAnswer::Done(id, version) => self.begun(decided, version, |app| app.open_broadcast(id)),
            BroadcastAnswer::Tested(queued, passed) => {
                let said = acts::tested(&self.shared, queued, passed);
                self.shared.note(said.clone());
                self.shared.say(said);
            }
            _ => {}
        }
    }

    fn begun(&mut self, decided: Decided, version: i64, open: impl FnOnce(&mut Self)) {
        acts::decided(&mut self.shared, decided.name, None, None, Ok(version));
        // Whoever began it may do something else by now.
        if self.overlays.is_empty() && !self.screen().typing() {
            open(self);
            self.shared.changed_at = self.shared.now;
        }
        self.reread_demands();
    }

    /// Whom a card is for.
    pub(super) fn audience_came(&mut self, code: &SafeText, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Highlights(it)) => {
                let CardAnswer::Audience(audience) = *it else { return };
                // Whoever asked does something else by now.
                if !self.overlays.is_empty() || !matches!(self.screen(), Screen::Highlight(_)) {
                    return;
                }
                let words = self.shared.words;
                self.shared.status = None;
                let title = words.fill("card-audience-of", &[("code", code.clone())]);
                let page = highlight_draw::audience(&audience, words);
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
