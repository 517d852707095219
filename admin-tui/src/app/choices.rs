//! What somebody chose in an overlay.

use super::App;
use crate::acts;
use crate::api::Ask;
use crate::api::demands::Ask as DemandAsk;
use crate::overlays::{Choice, Overlay, Wanted, form, prompt};
use crate::safe::{Code, SafeText};
use crate::screens::queue::Source;
use crate::screens::{Screen, charts, demand, desk};
use crate::shared::Owner;
use crate::triage;

impl App {
    pub(super) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Run(command) => self.run(command),
            Choice::Acts(case, name, acts) => self.act(case, name, acts),
            Choice::Anyway(case, name, acts) => self.act_anyway(case, name, acts),
            Choice::Ask(wanted) => {
                self.overlays.push(Overlay::Prompt(prompt::State::new(wanted, &SafeText::default())));
            }
            Choice::Written(Wanted::Filter, text) => {
                if let (Screen::Queue(it), shared, _) = self.front() {
                    it.set_filter(shared, text);
                }
            }
            Choice::Written(Wanted::Municipality, text) => {
                let municipality = Code::new(text.as_str().trim());
                match self.front() {
                    (Screen::Charts(it), shared, _) => it.set_municipality(shared, municipality),
                    (Screen::Desk(it), shared, _) => it.set_municipality(shared, municipality),
                    _ => {}
                }
            }
            // What comes of it tells the citizen, and comes when who typed it does something else.
            Choice::Written(Wanted::Original(case), text) => {
                if !self.asks_first(case, || Choice::Original(case, text.clone())) {
                    self.choose(Choice::Original(case, text));
                }
            }
            Choice::Original(case, text) => {
                let query = cabildo_staff_api::case::CaseQuery {
                    search: Some(text.as_str().trim().to_owned()),
                    limit: Some(2),
                    ..Default::default()
                };
                self.shared.ask(Owner::Original(case), Ask::Cases(Box::new(query)));
            }
            Choice::Written(
                wanted @ (Wanted::Question(..) | Wanted::Answer(..) | Wanted::Category(..)),
                text,
            ) => {
                if let Some((name, deed, version, back)) = desk::written(&self.shared, &wanted, text) {
                    acts::decide(&mut self.shared, name, deed, version, back);
                }
            }
            Choice::Written(wanted, text) => {
                if let Some((case, name, acts)) = triage::written(&mut self.shared, &wanted, &text) {
                    if self.shared.offline() {
                        // It is refused: what was typed can be read in the log.
                        self.shared.note(text);
                    }
                    self.act(case, name, acts);
                }
            }
            Choice::NotOurs(case, code) => {
                let known =
                    self.shared.desk_of(case).and_then(|it| it.offices.iter().find(|it| it.code == code));
                let Some(office) = known.cloned() else { return };
                match office.phone.clone() {
                    Some(phone) => {
                        let (name, act) = triage::refer(&self.shared, &office, phone);
                        self.act(case, name, vec![act]);
                    }
                    None => self.choose(Choice::Ask(Wanted::Referral(case, code))),
                }
            }
            Choice::Queue(code) => self.list(Source::Queue(code)),
            Choice::View(id, name) => self.list(Source::View(id, name)),
            Choice::Language(tag) => {
                if let (Screen::Case(it), shared, _) = self.front()
                    && let Some(composer) = &mut it.composer
                {
                    composer.choose_language(shared, tag);
                }
            }
            Choice::SendAnyway => {
                if let (Screen::Case(it), shared, _) = self.front() {
                    let case = it.case;
                    it.send(shared);
                    if it.composer.is_none() {
                        self.advance(case);
                    }
                }
            }
            Choice::Insert(text) => {
                let Some(case) = self.screen().target() else { return };
                let open = matches!(self.screen(), Screen::Case(it) if it.composer.is_some());
                if !open {
                    self.compose(case, false);
                }
                if let (Screen::Case(it), shared, _) = self.front() {
                    it.paste(shared, &text);
                }
            }
            Choice::Macro(case, number) => {
                if let Some(row) = self.shared.rows.get(&case).cloned() {
                    let means = triage::macro_of(&mut self.shared, &row, number);
                    self.mean(case, means);
                }
            }
            Choice::Mine(run) => {
                self.looked = None;
                // Both sides were seen: there is nothing left to ask.
                self.act_anyway(run.case, run.name.clone(), run.acts.clone());
            }
            Choice::Note(case) => self.compose(case, true),
            Choice::SignIn(with) => {
                self.shared.ask(Owner::SignIn, Ask::SignIn(*with));
            }
            Choice::SetUp(new) => {
                self.shared.ask(Owner::SignIn, Ask::SetUp(*new));
            }
            Choice::Demand(decided) => {
                let (_, shared, overlays) = self.front();
                demand::sure(shared, overlays, *decided);
            }
            Choice::Form(purpose, known) => {
                self.overlays.push(Overlay::Form(Box::new(form::State::new(*purpose, &known))));
            }
            Choice::Picture(demand, code, picture) => {
                let ask = Ask::Demands(Box::new(DemandAsk::Picture(demand, picture)));
                self.shared.ask(Owner::Picture(code, picture), ask);
            }
            Choice::Chart(chart) => charts::save(&mut self.shared, chart),
            Choice::Step(demand, at) => {
                let (_, shared, overlays) = self.front();
                demand::step(shared, overlays, &demand, at);
            }
            Choice::Seek(seek) => {
                if self.shared.offline() {
                    self.shared.note(seek.reason);
                    let said = self.shared.words.say("failed-unreachable");
                    return self.shared.complain(said);
                }
                seek.begin(&mut self.shared);
            }
            Choice::Reveal(leader, why) => {
                let ask = DemandAsk::Reveal(leader, why);
                self.shared.ask(Owner::Number, Ask::Demands(Box::new(ask)));
            }
            Choice::OpenCase(case) => self.open(case, Some(vec![case]), false),
            Choice::Deed(name, deed, version, back) => {
                acts::decide(&mut self.shared, name, *deed, version, back.map(|it| *it));
            }
        }
    }

    pub(super) fn list(&mut self, source: Source) {
        if let (Screen::Queue(it), shared, _) = self.front() {
            it.set_source(shared, source);
        }
    }
}
