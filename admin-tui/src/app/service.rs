//! What comes from the service: the feed, the state of the line, answers.

use uuid::Uuid;

use super::App;
use crate::acts::{self, After, Kind as RunKind};
use crate::api::{Act, Answer, Failure, Link};
use crate::data::FeedEvent;
use crate::event::Effect;
use crate::overlays::{Overlay, conflict, sign_in};
use crate::safe::{Code, SafeText};
use crate::screens::{Screen, queue};
use crate::session::Place;
use crate::shared::Owner;
use crate::triage;

impl App {
    pub(super) fn feed(&mut self, events: &[FeedEvent]) {
        for screen in &mut self.screens {
            screen.feed(&mut self.shared, events);
        }
    }

    pub(super) fn link(&mut self, link: Link) {
        let was = self.shared.link;
        self.shared.link = link;
        match link {
            Link::Down { retry } => {
                self.shared.down_since.get_or_insert(self.shared.now);
                self.shared.retry_at = self.shared.now + retry.as_millis() as i64;
            }
            Link::Live => {
                self.shared.down_since = None;
                // What happened meanwhile: the feed tells the rest from its cursor on.
                if was != Link::Live && self.shared.me.is_some() && was != Link::Starting {
                    for screen in &mut self.screens {
                        screen.fetch(&mut self.shared);
                    }
                    let said = self.shared.words.say("link-back");
                    self.shared.say(said);
                }
            }
            Link::Starting | Link::Closed => {}
        }
    }

    pub(super) fn signed_out(&mut self) {
        if !self.veiled() {
            self.veil("sign-in-ended");
        }
        self.followed = false;
    }

    /// Covers the screen until somebody signs in; what is under it stays as it is.
    pub(super) fn veil(&mut self, why: &str) {
        self.shared.keep_drafts(true);
        let name = match &self.shared.me {
            Some(me) => me.name.clone(),
            None => SafeText::line(&self.kept.name),
        };
        self.overlays.retain(|it| !matches!(it, Overlay::SignIn(_)));
        let form = sign_in::State::new(self.shared.words.say(why), &name);
        self.overlays.push(Overlay::SignIn(Box::new(form)));
        self.shared.changed_at = self.shared.now;
    }

    pub(super) fn signed_in(&mut self, me: crate::data::Me) {
        let other = self.shared.me.as_ref().is_some_and(|it| it.person.id != me.person.id);
        if other {
            // Somebody else sits here now: nothing of the one before is shown or undone.
            self.shared.acts = acts::Acts::default();
            self.shared.drafts.clear();
            self.shared.cases.clear();
            self.screens = vec![Screen::Queue(Box::new(queue::State::new(false, &Place::default())))];
            self.overlays.clear();
        }
        me.name.as_str().clone_into(&mut self.kept.name);
        self.shared.me = Some(me);
        self.key_at = self.shared.now;
        self.overlays.retain(|it| !matches!(it, Overlay::SignIn(_)));
        self.shared.want(Effect::KeepToken);
        self.shared.want(Effect::KeepPlace(Box::new(self.kept.clone())));
        if !self.followed {
            self.followed = true;
            self.shared.want(Effect::Follow);
        }
        self.shared.want(Effect::Title(SafeText::own("Cabildo")));
        for screen in &mut self.screens {
            screen.fetch(&mut self.shared);
        }
    }

    pub(super) fn answer(&mut self, number: u64, answer: Result<Answer, Failure>) {
        let Some(owner) = self.shared.owner(number) else { return };
        if let Err(failure) = &answer
            && failure.code == "not_signed_in"
            && owner != Owner::SignIn
        {
            self.signed_out();
        }
        match owner {
            Owner::Nobody => {}
            Owner::SignIn => self.sign_in_answer(answer),
            Owner::Desk(municipality) => self.desk_answer(&municipality, answer),
            Owner::Act(case) => {
                let acted = answer.and_then(|it| match it {
                    Answer::Acted(acted) => Ok(*acted),
                    _ => Err(Failure::new("not_understood")),
                });
                let after = acts::answered(&mut self.shared, case, acted);
                self.after(after);
            }
            Owner::Deed(name, back) => {
                let answer = answer.and_then(|it| match it {
                    Answer::Deed(version) => Ok(version),
                    _ => Err(Failure::new("not_understood")),
                });
                acts::decided(&mut self.shared, name, back.map(|it| *it), answer);
                for screen in &mut self.screens {
                    if let Screen::Desk(it) = screen {
                        it.fetch(&mut self.shared);
                    }
                }
            }
            Owner::Original(case) => self.original(case, answer),
            Owner::Screen => {
                let shared = &mut self.shared;
                if self.overlays.iter_mut().any(|it| it.answer(shared, number, &answer)) {
                    return;
                }
                for screen in &mut self.screens {
                    if screen.answer(&mut self.shared, number, &answer) {
                        return;
                    }
                }
            }
        }
    }

    pub(super) fn sign_in_answer(&mut self, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Me(me)) => self.signed_in(*me),
            Ok(Answer::SetUp(made)) => {
                if let Some(Overlay::SignIn(form)) = self.overlays.last_mut() {
                    form.busy = false;
                    form.made = Some(made);
                }
            }
            Ok(_) => {}
            Err(failure) => {
                if !self.veiled() {
                    self.veil("sign-in-first");
                }
                // A token that was kept and is no good is no failure of who sits here.
                let asked = self.overlays.iter().any(|it| matches!(it, Overlay::SignIn(form) if form.busy));
                if asked || failure.code != "not_signed_in" {
                    let why = self.shared.explain(&failure);
                    if let Some(Overlay::SignIn(form)) = self.overlays.last_mut() {
                        form.failed(why);
                    }
                }
            }
        }
    }

    pub(super) fn desk_answer(&mut self, municipality: &Code, answer: Result<Answer, Failure>) {
        let desk = self.shared.desks.entry(municipality.clone()).or_default();
        match answer {
            Ok(Answer::Canned(items)) => desk.canned = items,
            Ok(Answer::Labels(items)) => desk.labels = items,
            Ok(Answer::Offices(items)) => desk.offices = items,
            Ok(Answer::Colleagues(items)) => desk.colleagues = items,
            Ok(_) => {}
            Err(failure) => {
                // It is asked again with the next case.
                if failure.unreachable() {
                    self.shared.desks.remove(municipality);
                }
            }
        }
    }

    pub(super) fn original(&mut self, case: Uuid, answer: Result<Answer, Failure>) {
        let words = self.shared.words;
        match answer {
            Ok(Answer::Cases(page)) => {
                let Some(found) = page.rows.iter().find(|it| it.id != case).filter(|_| page.rows.len() == 1)
                else {
                    let said = words.say("original-none");
                    return self.shared.complain(said);
                };
                let (name, act) = triage::duplicate(&self.shared, found);
                self.act(case, name, vec![act]);
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    pub(super) fn after(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Done(case, kind, acts) => {
                for act in &acts {
                    match act {
                        Act::Reply { .. } => self.shared.drop_draft(case, false),
                        Act::Note(_) => self.shared.drop_draft(case, true),
                        _ => {}
                    }
                }
                if kind != RunKind::Fresh {
                    self.find(case);
                    // What was taken back is what somebody looks at next.
                    if matches!(self.screen(), Screen::Case(it) if it.case != case && it.composer.is_none()) {
                        self.open(case, None);
                    }
                }
                self.reread(case);
            }
            After::Failed(case, acts) => {
                for act in acts {
                    match act {
                        Act::Reply { text, .. } => self.shared.write_draft(case, false, text),
                        Act::Note(text) => self.shared.write_draft(case, true, text),
                        _ => {}
                    }
                }
                self.reread(case);
            }
            After::Conflict(run, theirs) => {
                for act in &run.acts {
                    match act {
                        Act::Reply { text, .. } => self.shared.write_draft(run.case, false, text.clone()),
                        Act::Note(text) => self.shared.write_draft(run.case, true, text.clone()),
                        _ => {}
                    }
                }
                let at = self.overlays.iter().position(|it| matches!(it, Overlay::SignIn(_)));
                let view = Overlay::Conflict(conflict::State::new(run, theirs));
                self.overlays.insert(at.unwrap_or(self.overlays.len()), view);
            }
            After::TakenBack(case, text) => {
                self.shared.write_draft(case, false, text);
                self.find(case);
                self.compose(case, false);
            }
        }
    }

    /// Puts the cursor of the lists on a case.
    pub(super) fn find(&mut self, case: Uuid) {
        for screen in &mut self.screens {
            if let Screen::Queue(it) = screen {
                it.find_case(&mut self.shared, case);
            }
        }
    }

    /// The screens that show a case read it again.
    pub(super) fn reread(&mut self, case: Uuid) {
        let event = FeedEvent { seq: 0, kind: Code::new("case_changed"), case: Some(case) };
        self.feed(&[event]);
    }
}
