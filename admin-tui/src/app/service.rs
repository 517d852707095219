//! What comes from the service: the feed, the state of the line, answers.

use uuid::Uuid;

use super::App;
use crate::acts::{self, After, Kind as RunKind};
use crate::api::{Act, Answer, Failure, Link};
use crate::data::{Case, FeedEvent, Row};
use crate::event::{Effect, Redraw};
use crate::filled;
use crate::overlays::{Overlay, conflict, form, sign_in};
use crate::safe::{Code, SafeText};
use crate::screens::{Screen, queue};
use crate::session::Place;
use crate::shared::Owner;
use crate::triage;

impl App {
    pub(super) fn feed(&mut self, events: &[FeedEvent]) {
        for case in events.iter().filter(|it| it.kind == "case_confidentiality").filter_map(|it| it.case) {
            // Until its row is here it counts as closed: nothing reads by itself what may be sealed by now.
            if let Some(row) = self.shared.rows.get_mut(&case).filter(|it| !it.sealed()) {
                row.confidentiality = Code::new("confidential");
                (row.place, row.preview) = (None, None);
                self.shared.redraw(Redraw::Soon);
            }
        }
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
                        screen.catch_up(&mut self.shared);
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

    /// Covers the screen of who went away; whoever starts the console anew signs in as well.
    pub(super) fn cover(&mut self, why: &str) {
        self.veil(why);
        self.shared.want(Effect::ForgetToken);
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
        self.shared.redraw(Redraw::Now);
    }

    pub(super) fn signed_in(&mut self, me: crate::data::Me) {
        let before = self.shared.me.as_ref().map(|it| it.person.id);
        let other = match before {
            Some(before) => before != me.person.id,
            // Where the console stood was kept for whoever sat here last.
            None => !self.kept.name.is_empty() && self.kept.name != me.name.as_str(),
        };
        if other {
            // Somebody else sits here now: nothing of the one before is shown or undone.
            self.shared.forget();
            self.conflicts.clear();
            self.changed.clear();
            self.refused.clear();
            (self.place, self.kept) = (Place::default(), Place::default());
            (self.keep_at, self.quit_at, self.looked) = (None, None, None);
            self.screens = vec![Screen::Queue(Box::new(queue::State::new(false, &Place::default())))];
            self.overlays.clear();
        }
        me.name.as_str().clone_into(&mut self.kept.name);
        if other || before.is_none() {
            self.shared.want(Effect::ReadDrafts(me.person.id));
        }
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
            if let Screen::Case(it) = screen {
                it.cover();
            }
            screen.catch_up(&mut self.shared);
        }
    }

    pub(super) fn answer(&mut self, number: u64, answer: Result<Answer, Failure>) {
        let Some(owner) = self.shared.owner(number) else { return };
        let own = matches!(owner, Owner::Act(_));
        // What a screen or nobody asked for shows where it says so.
        if !matches!(owner, Owner::Screen | Owner::Nobody) {
            self.shared.redraw(Redraw::Now);
        }
        let (seen, known) = (self.seen(), self.known());
        self.answered(number, owner, answer);
        if self.known() != known {
            self.shared.redraw(Redraw::Soon);
        }
        // The case in front became another by itself: a key that was on its way was meant for what was shown.
        if !own && seen.is_some() && self.seen() != seen {
            self.shared.changed_at = self.shared.now;
        }
    }

    /// The case in front, as it is shown.
    pub(super) fn seen(&self) -> Option<(Uuid, i64)> {
        let case = self.screen().target()?;
        self.shared.rows.get(&case).map(|it| (case, it.version))
    }

    /// All that is known of the case in front.
    fn known(&self) -> Option<(Option<Row>, Option<Case>)> {
        let case = self.screen().target()?;
        Some((self.shared.rows.get(&case).cloned(), self.shared.cases.get(&case).cloned()))
    }

    fn answered(&mut self, number: u64, owner: Owner, answer: Result<Answer, Failure>) {
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
            Owner::Deed(name, back, text) => {
                let answer = answer.and_then(|it| match it {
                    Answer::Deed(version) => Ok(version),
                    _ => Err(Failure::new("not_understood")),
                });
                if answer.is_err() {
                    self.quit_at = None;
                }
                acts::decided(&mut self.shared, name, back.map(|it| *it), text, answer);
                for screen in &mut self.screens {
                    match screen {
                        Screen::Desk(it) => it.fetch(&mut self.shared),
                        Screen::Highlight(it) => it.fetch(&mut self.shared),
                        Screen::Broadcast(it) => it.fetch(&mut self.shared),
                        _ => {}
                    }
                }
            }
            Owner::Original(case) => self.original(case, answer),
            Owner::Demand(decided) => self.demand_decided(*decided, answer),
            Owner::Seek(seek) => self.demand_sought(*seek, answer),
            Owner::LinkTo(case) => self.demands_of_case(case, answer),
            Owner::Steps(demand) => self.steps_of(demand, answer),
            Owner::Picture(code, picture) => self.picture_came(&code, picture, answer),
            Owner::Chart(name) => self.chart_came(name, answer),
            Owner::Number => self.number_shown(answer),
            Owner::Audience(code) => self.audience_came(&code, answer),
            Owner::Refused(filled) => {
                let changed = self.shared.words.say("form-changed");
                let back = filled::brought_back(&self.shared, *filled, answer, changed);
                self.refused.push_back(form::State::again(back));
            }
            Owner::Screen => {
                let shared = &mut self.shared;
                if self.overlays.iter_mut().any(|it| it.answer(shared, number, &answer)) {
                    self.hand_in();
                    return self.shared.redraw(Redraw::Now);
                }
                let front = self.screens.len() - 1;
                for (at, screen) in self.screens.iter_mut().enumerate() {
                    if let Some(redraw) = screen.answer(&mut self.shared, number, &answer) {
                        if at == front {
                            self.shared.redraw(redraw);
                        }
                        return;
                    }
                }
            }
        }
    }

    /// Hands in what the form on top waited to have looked at.
    fn hand_in(&mut self) {
        let Some(Overlay::Form(form)) = self.overlays.last_mut() else { return };
        if let Some(choice) = form.ready() {
            self.overlays.pop();
            self.choose(choice);
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
            Ok(Answer::Categories(items)) => desk.categories = items,
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
                // Whoever typed the number does something else by now: nothing moves.
                acts::start(&mut self.shared, case, name, vec![act]);
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    pub(super) fn after(&mut self, after: After) {
        if matches!(after, After::Conflict(..) | After::Failed(..)) {
            // What was not done is read before the console goes.
            self.quit_at = None;
        }
        match after {
            After::Nothing => {}
            After::Done(case, kind, acts) => {
                for act in &acts {
                    match act {
                        Act::Reply { text, .. } => self.shared.drop_draft(case, false, text),
                        Act::Note(text) => self.shared.drop_draft(case, true, text),
                        _ => {}
                    }
                }
                if kind != RunKind::Fresh && !self.busy() {
                    self.find(case);
                    // What was taken back is what somebody looks at next.
                    if matches!(self.screen(), Screen::Case(it) if it.case != case) {
                        self.open(case, None, false);
                        self.shared.changed_at = self.shared.now;
                    }
                }
                self.reread(case);
            }
            After::Failed(case, acts) => {
                self.keep_texts(case, &acts);
                self.reread(case);
            }
            After::Conflict(run, theirs) => {
                self.keep_texts(run.case, &run.acts);
                if self.busy() {
                    let args = [("folio", theirs.folio.clone())];
                    let said = self.shared.words.fill("conflict-waits", &args);
                    self.shared.tell(said);
                }
                self.conflicts.push_back(conflict::State::new(run, theirs));
            }
            After::TakenBack(case, text) => {
                let free = self.keep_text(case, false, text);
                if self.busy() || !free {
                    let said = self.shared.words.say(if free { "taken-back-draft" } else { "text-beside" });
                    return self.shared.tell(said);
                }
                self.find(case);
                self.compose(case, false);
                self.shared.changed_at = self.shared.now;
            }
        }
    }

    /// Whether somebody writes or chooses something, which no answer may take away.
    fn busy(&self) -> bool {
        !self.overlays.is_empty() || self.screens.iter().any(Screen::typing)
    }

    /// Shows the conflict or the refused form that waits, once nobody types.
    pub(super) fn show_conflict(&mut self) {
        if self.busy() {
            return;
        }
        let conflict = self.conflicts.pop_front().map(Overlay::Conflict);
        let next = conflict
            .or_else(|| self.changed.pop_front().map(Overlay::Changed))
            .or_else(|| self.refused.pop_front().map(|it| Overlay::Form(Box::new(it))));
        if let Some(next) = next {
            self.overlays.push(next);
            self.shared.redraw(Redraw::Now);
            self.shared.changed_at = self.shared.now;
        }
    }

    /// Keeps a text that came back as the draft of its case; gives whether it is that draft now. Where another text
    /// is being written there it is kept in the log, and behind a draft that rests it is added to that.
    fn keep_text(&mut self, case: Uuid, note: bool, text: SafeText) -> bool {
        let other = self.shared.drafts.get(&(case, note)).map(|it| it.text.clone());
        let Some(other) = other.filter(|it| !it.is_empty() && *it != text) else {
            self.shared.write_draft(case, note, text);
            return true;
        };
        let open = |it: &Screen| matches!(it, Screen::Case(it) if it.composer.as_ref().is_some_and(|it| it.case == case && it.note == note));
        if self.screens.iter().any(open) {
            self.shared.note(text);
        } else if !other.as_str().contains(text.as_str()) {
            self.shared.write_draft(case, note, other.with("\n\n").with(text));
        }
        false
    }

    /// Keeps the texts of acts that did not happen.
    fn keep_texts(&mut self, case: Uuid, acts: &[Act]) {
        let mut free = true;
        for act in acts {
            free &= match act {
                Act::Reply { text, .. } => self.keep_text(case, false, text.clone()),
                Act::Note(text) => self.keep_text(case, true, text.clone()),
                // What has no draft can be read, and typed again, from the log.
                _ => {
                    act.typed().into_iter().for_each(|text| self.shared.note(text.clone()));
                    true
                }
            };
        }
        if !free {
            let said = self.shared.words.say("text-beside");
            self.shared.note(said);
        }
    }

    /// Puts the cursor of the lists on a case.
    pub(super) fn find(&mut self, case: Uuid) {
        for screen in &mut self.screens {
            if let Screen::Queue(it) = screen {
                let before = it.target();
                it.find_case(&mut self.shared, case);
                if it.target() != before {
                    self.shared.changed_at = self.shared.now;
                }
            }
        }
    }

    /// The screens that show a case read it again.
    pub(super) fn reread(&mut self, case: Uuid) {
        let event = FeedEvent { seq: 0, kind: Code::new("case_changed"), case: Some(case) };
        self.feed(&[event]);
    }
}
