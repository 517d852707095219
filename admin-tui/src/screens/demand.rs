//! One demand: what it has, and what is decided about it. The list of demands decides the same with the same keys.

use ratatui::layout::Rect;
use uuid::Uuid;

use super::demand_draw::{self, Piece};
use super::detail::{Detail, moved, not_yet, room};
use crate::api::demands::{Act, Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::{Answer, Ask, Failure};
use crate::data::FeedEvent;
use crate::demand_acts::{self, Decided, Purpose, What};
use crate::demand_data::{Demand, DemandRow};
use crate::event::Redraw;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, form, picker};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;

/// What an answer says.
const VERDICTS: [&str; 3] = ["accepted", "partly", "rejected"];
/// How a promise is.
const STATES: [&str; 5] = ["not_started", "in_progress", "stuck", "finished", "incomplete"];

/// The screen.
#[derive(Debug)]
pub struct State {
    /// Which one.
    pub demand: Uuid,
    detail: Detail<Demand>,
}

impl State {
    /// Opens one.
    pub fn new(shared: &mut Shared, demand: Uuid) -> Self {
        let mut state = Self { demand, detail: Detail::default() };
        state.fetch(shared);
        state
    }

    /// What a list shows of it.
    pub fn row(&self) -> Option<&DemandRow> {
        self.detail.whole.as_ref().map(|it| &it.row)
    }

    /// Fetches it.
    pub fn fetch(&mut self, shared: &mut Shared) {
        self.detail.fetch(shared, Ask::Demands(Box::new(DemandAsk::One(self.demand))));
    }

    /// Its code.
    pub fn title(&self, shared: &Shared) -> SafeText {
        let code = self.row().map(|it| it.code.clone()).unwrap_or_default();
        shared.words.fill("screen-demand", &[("code", code)])
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
        let Some(row) = self.row() else { return (Vec::new(), SafeText::default()) };
        let (left, role) = demand_draw::left(row, shared);
        let state = SafeText::own(" ").with(shared.words.code("demand", &row.state)).with("  ");
        let parts = vec![(state, Role::Title), (row.municipality_name.clone().with("  "), Role::Plain)];
        let topic = shared.category(&row.municipality, &row.topic).with("  ");
        let parts = parts.into_iter().chain([(topic, Role::Quiet), (left, role)]);
        (parts.collect(), demand_draw::goal(row, shared))
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        let of = |it: &Answer| match it {
            Answer::Demands(it) => match &**it {
                DemandAnswer::One(it) => Some(it.clone()),
                _ => None,
            },
            _ => None,
        };
        if self.detail.waits_for(number)
            && let Some(demand) = answer.as_ref().ok().and_then(of)
        {
            shared.learn(demand.cases);
        }
        let redraw = self.detail.answer(shared, number, answer, of, |it| it.row.version)?;
        self.detail.top = self.detail.top.min(self.last(shared));
        Some(redraw)
    }

    /// Events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        if events.iter().any(|it| touches(&it.kind)) {
            self.detail.touch(shared);
        }
    }

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        if self.detail.is_due(shared, false) {
            self.fetch(shared);
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        if let Some(top) = moved(command, self.detail.top, shared) {
            self.detail.top = top.min(self.last(shared));
            return true;
        }
        match &self.detail.whole {
            Some(whole) => decide_one(shared, overlays, whole, command),
            None => not_yet(command.about_demand(), shared),
        }
    }

    /// The last line that may be the first on the screen.
    fn last(&self, shared: &Shared) -> usize {
        let Some(whole) = &self.detail.whole else { return 0 };
        let width = usize::from(shared.size.0.saturating_sub(2));
        let lines: usize = demand_draw::whole(whole, shared).iter().map(|it| it.height(width)).sum();
        lines.saturating_sub(room(shared))
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let width = shared.size.0.saturating_sub(2);
        let height = room(shared) as u16;
        let Some(whole) = &self.detail.whole else {
            let text = self.detail.nothing(shared);
            paint.block(Rect::new(1, 3, width, 3), &text, Role::Plain);
            return;
        };
        let (mut skip, mut y) = (self.detail.top, 2);
        for piece in demand_draw::whole(whole, shared) {
            if y >= 2 + height {
                return;
            }
            let lines = piece.height(usize::from(width));
            if skip >= lines {
                skip -= lines;
                continue;
            }
            match &piece {
                Piece::Text(text, role) => {
                    for part in text.wrap(usize::from(width)).into_iter().skip(skip) {
                        if y < 2 + height {
                            paint.part(1, y, width, text, part, *role);
                            y += 1;
                        }
                    }
                }
                Piece::Bars(figures) => {
                    let left = (lines - skip).min(usize::from(2 + height - y)) as u16;
                    paint.sparkline(Rect::new(1, y, width, left), figures, Role::Plain);
                    y += left;
                }
            }
            skip = 0;
        }
    }
}

/// Whether an event of the feed may change a demand.
pub fn touches(kind: &Code) -> bool {
    let kind = kind.as_str();
    ["demand", "commitment", "author_message", "leader", "contact_verified"]
        .iter()
        .any(|it| kind.contains(it))
}

fn ask(overlays: &mut Vec<Overlay>, row: &DemandRow, what: What, known: &[SafeText]) {
    let purpose = Purpose::Demand(Box::new(row.clone()), what);
    overlays.push(Overlay::Form(Box::new(form::State::new(purpose, known))));
}

/// What a key decides about a demand that was read; gives whether it was one that does.
pub fn decide_one(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Demand, command: Command) -> bool {
    if command == Command::EnterActa && !it.pictures.is_empty() && open(&it.row) {
        pictures(shared, overlays, it);
        return true;
    }
    decide(shared, overlays, &it.row, command) || decide_whole(shared, overlays, it, command)
}

/// Whether it may be supported.
fn open(row: &DemandRow) -> bool {
    matches!(row.state.as_str(), "collecting" | "reached" | "with_authority")
}

/// From which photo a list is entered, or from none.
fn pictures(shared: &Shared, overlays: &mut Vec<Overlay>, it: &Demand) {
    let words = shared.words;
    let form = |picture: Option<Uuid>| {
        Choice::Form(Box::new(Purpose::Demand(Box::new(it.row.clone()), What::Acta(picture))), Vec::new())
    };
    let sent = it
        .pictures
        .iter()
        .map(|(id, at)| (words.fill("acta-from-photo", &[("day", words.day(*at))]), form(Some(*id)), false));
    let kept = it.pictures.iter().map(|(id, at)| {
        let choice = Choice::Picture(it.row.id, it.row.code.clone(), *id);
        (words.fill("picture-keep", &[("day", words.day(*at))]), choice, false)
    });
    let items: Vec<_> = sent.chain([(words.say("acta-from-paper"), form(None), false)]).chain(kept).collect();
    overlays.push(Overlay::Picker(picker::State::new(words.say("pick-picture"), items)));
}

/// What a key decides about a demand of which the row is known; gives whether it was one that does.
pub fn decide(shared: &mut Shared, overlays: &mut Vec<Overlay>, row: &DemandRow, command: Command) -> bool {
    let words = shared.words;
    let code = || [("code", row.code.clone())];
    let state = row.state.as_str();
    let open = open(row);
    let fits = match command {
        Command::PublishDemand | Command::RejectDemand => state == "moderation",
        Command::HandDemandOver => state == "reached",
        Command::AnswerDemand => state == "with_authority",
        Command::MergeDemand | Command::EnterActa | Command::ClearFlags => open,
        Command::PartDemand => row.merged_into.is_some(),
        _ => return false,
    };
    if !fits {
        let args = [("state", words.code("demand", &row.state))];
        let said = words.fill("demand-not-now", &args);
        shared.say(said);
        return true;
    }
    match command {
        Command::PublishDemand => {
            let office = Some(row.office.clone()).filter(|it| !it.as_str().is_empty());
            let decided = Decided::of(shared, row, "publish", Act::Publish(office));
            sure(shared, overlays, decided.sure(words.fill("sure-publish", &code())));
        }
        Command::RejectDemand => ask(overlays, row, What::Reject, &[]),
        Command::HandDemandOver => hand_over(shared, overlays, row),
        Command::AnswerDemand => {
            let items = VERDICTS.iter().map(|verdict| {
                let verdict = Code::new(verdict);
                let purpose = Purpose::Demand(Box::new(row.clone()), What::Answer(verdict.clone()));
                (words.code("demand-verdict", &verdict), Choice::Form(Box::new(purpose), Vec::new()), false)
            });
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-verdict"), items)));
        }
        Command::MergeDemand => ask(overlays, row, What::Merge, &[]),
        Command::PartDemand => ask(overlays, row, What::Unmerge, &[]),
        Command::EnterActa => ask(overlays, row, What::Acta(None), &[]),
        Command::ClearFlags if row.support.flagged == 0 => {
            let said = words.say("demand-no-flags");
            shared.say(said);
        }
        Command::ClearFlags => {
            let rules: Vec<Code> =
                ["velocity", "range", "new_senders"].iter().map(|it| Code::new(it)).collect();
            let one = rules.iter().map(|it| (words.code("demand-flag", it), vec![it.clone()]));
            let all = (words.say("demand-flags-all"), rules.clone());
            let items = one.chain([all]).map(|(text, flags)| {
                let purpose = Purpose::Demand(Box::new(row.clone()), What::ClearFlags(flags));
                (text, Choice::Form(Box::new(purpose), Vec::new()), false)
            });
            overlays.push(Overlay::Picker(picker::State::new(words.say("pick-flags"), items)));
        }
        _ => return false,
    }
    true
}

/// To which office a demand goes: that of its topic is known, else one is picked.
fn hand_over(shared: &mut Shared, overlays: &mut Vec<Overlay>, row: &DemandRow) {
    let words = shared.words;
    shared.want_desk(&row.municipality);
    let known = shared.desks.get(&row.municipality).map(|it| it.offices.clone()).unwrap_or_default();
    let own = Some(row.office.clone()).filter(|it| !it.as_str().is_empty());
    let named = known.iter().map(|it| (it.code.clone(), it.named(words.tag())));
    let mut offices: Vec<(Code, SafeText)> = named.collect();
    if let Some(own) = own.clone().filter(|own| !offices.iter().any(|it| it.0 == *own)) {
        let name = row.office_name.clone().unwrap_or_else(|| own.text());
        offices.insert(0, (own, name));
    }
    if offices.is_empty() {
        let said = words.say("offices-none");
        return shared.say(said);
    }
    let items: Vec<_> = offices
        .into_iter()
        .map(|(office, name)| {
            let question =
                words.fill("sure-hand-over", &[("code", row.code.clone()), ("office", name.clone())]);
            let decided = Decided::of(shared, row, "hand-over", Act::HandOver(office.clone())).sure(question);
            (name, Choice::Demand(Box::new(decided)), own.as_ref() == Some(&office))
        })
        .collect();
    overlays.push(Overlay::Picker(picker::State::new(words.say("pick-office"), items)));
}

/// What a key decides that needs the whole demand.
fn decide_whole(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Demand, command: Command) -> bool {
    let words = shared.words;
    let row = &it.row;
    let form = |what: What, known: Vec<SafeText>| {
        Choice::Form(Box::new(Purpose::Demand(Box::new(row.clone()), what)), known)
    };
    let (title, items): (&str, Vec<(SafeText, Choice, bool)>) = match command {
        Command::VoidActa | Command::CallActa => {
            let items = it.actas.iter().filter(|it| !it.voided).map(|acta| {
                let what = if command == Command::VoidActa {
                    What::VoidActa(acta.id)
                } else {
                    What::CallActa(acta.id)
                };
                (demand_draw::acta(acta, shared), form(what, Vec::new()), false)
            });
            ("pick-acta", items.collect())
        }
        Command::Steps => {
            steps(shared, overlays, it);
            return true;
        }
        Command::Promise => {
            if it.answer.is_none() {
                let said = words.say("demand-no-answer");
                shared.say(said);
                return true;
            }
            let known = it.commitment.as_ref();
            let steps = known.map(|it| it.promise().milestones).unwrap_or_default();
            let answered = it.answer.as_ref().and_then(|it| it.due_on.clone());
            let lines = match known {
                Some(it) => vec![
                    it.title.clone(),
                    it.owner.clone(),
                    it.due_on.clone().unwrap_or_default(),
                    SafeText::number(it.percent),
                ],
                None => vec![
                    row.text.clone(),
                    row.office_name.clone().unwrap_or_default(),
                    answered.unwrap_or_default(),
                    SafeText::number(0),
                ],
            };
            let items = STATES.iter().map(|state| {
                let state = Code::new(state);
                let held = known.is_some_and(|it| it.state == state);
                let what = What::Promise(known.map(|it| it.version), state.clone(), steps.clone());
                (words.code("promise", &state), form(what, lines.clone()), held)
            });
            ("pick-promise", items.collect())
        }
        Command::DecideMessage => {
            let waiting = it.messages.iter().filter(|it| it.state == "waiting");
            let items = waiting.flat_map(|message| {
                let act = Act::DecideMessage { message: message.id, version: message.version, refused: None };
                let question = words.fill("sure-send-message", &[("text", message.text.clone())]);
                let send = Decided::of(shared, row, "send-message", act).sure(question);
                let text = message.text.clone().one_line();
                let what = What::RefuseMessage(message.id, message.version);
                [
                    (
                        words.fill("message-send", &[("text", text.clone())]),
                        Choice::Demand(Box::new(send)),
                        false,
                    ),
                    (words.fill("message-refuse", &[("text", text)]), form(what, Vec::new()), false),
                ]
            });
            ("pick-message", items.collect())
        }
        Command::Endorse => {
            let ends = it.endorsements.iter().map(|who| {
                let act = Act::Unendorse(who.clone());
                let decided = Decided::of(shared, row, "unendorse", act).back(Act::Endorse(who.clone()));
                (who.clone(), Choice::Demand(Box::new(decided)), true)
            });
            let new = (words.say("endorse-new"), form(What::Endorse, Vec::new()), false);
            ("pick-endorsement", [new].into_iter().chain(ends).collect())
        }
        Command::UnlinkCase => {
            let items = it.cases.iter().map(|case| {
                let act = Act::UnlinkCase(case.id);
                let decided =
                    Decided::of(shared, row, "unlink", act).back(Act::LinkCases(vec![case.id], false));
                (demand_draw::case(case, shared), Choice::Demand(Box::new(decided)), false)
            });
            ("pick-case", items.collect())
        }
        Command::LinkedCases => {
            let items = it.cases.iter();
            let items = items.map(|case| (demand_draw::case(case, shared), Choice::OpenCase(case.id), false));
            ("pick-case", items.collect())
        }
        _ => return false,
    };
    if items.is_empty() {
        let said = words.say("demand-none-here");
        shared.say(said);
    } else {
        overlays.push(Overlay::Picker(picker::State::new(words.say(title), items)));
    }
    true
}

/// The steps of a promise: which one is meant, or a new one.
pub fn steps(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Demand) {
    let words = shared.words;
    let Some(promise) = &it.commitment else {
        let said = words.say("demand-no-promise");
        return shared.say(said);
    };
    let known = promise.steps.iter().enumerate();
    let known = known
        .map(|(at, step)| (demand_draw::step(step, shared), Choice::Step(Box::new(it.clone()), at), false));
    let what = What::Step(promise.version, promise.promise(), None);
    let new = Choice::Form(Box::new(Purpose::Demand(Box::new(it.row.clone()), what)), Vec::new());
    let items: Vec<_> = known.chain([(words.say("step-new"), new, false)]).collect();
    overlays.push(Overlay::Picker(picker::State::new(words.say("pick-step"), items)));
}

/// What becomes of one step: it is marked, put in other words, or goes. Each is taken back with the promise as it was.
pub fn step(shared: &mut Shared, overlays: &mut Vec<Overlay>, it: &Demand, at: usize) {
    let words = shared.words;
    let Some((promise, step)) = it.commitment.as_ref().and_then(|it| Some((it, it.steps.get(at)?))) else {
        return;
    };
    let was = promise.promise();
    let becomes =
        |promise_now: cabildo_staff_api::commitment::Promise, key: &str, args: &[(&str, SafeText)]| {
            let act = Act::UpdatePromise(promise.version, promise_now);
            let mut decided = Decided::of(shared, &it.row, "step", act);
            decided.name = words.fill(key, args);
            let back = Act::UpdatePromise(promise.version + 1, was.clone());
            Choice::Demand(Box::new(decided.back(back)))
        };
    let title = || ("title", step.0.clone());
    let mut items: Vec<(SafeText, Choice, bool)> = STATES
        .iter()
        .map(|state| {
            let mut now = was.clone();
            (*state).clone_into(&mut now.milestones[at].state);
            let code = Code::new(state);
            let text = words.code("promise", &code);
            let choice = becomes(now, "demand-act-step-marked", &[title(), ("state", text.clone())]);
            (text, choice, step.2 == code)
        })
        .collect();
    let what = What::Step(promise.version, was.clone(), Some(at));
    let lines = vec![step.0.clone(), step.1.clone().unwrap_or_default()];
    let form = Choice::Form(Box::new(Purpose::Demand(Box::new(it.row.clone()), what)), lines);
    items.push((words.say("step-change"), form, false));
    let mut without = was.clone();
    without.milestones.remove(at);
    let removed = becomes(without, "demand-act-step-removed", &[title()]);
    items.push((words.say("step-remove"), removed, false));
    overlays.push(Overlay::Picker(picker::State::new(demand_draw::step(step, shared), items)));
}

/// Decides, or asks before where it can't be taken back.
pub fn sure(shared: &mut Shared, overlays: &mut Vec<Overlay>, mut decided: Decided) {
    match decided.sure.take() {
        Some(question) => {
            let yes = Choice::Demand(Box::new(decided));
            overlays.push(Overlay::Confirm(crate::overlays::confirm::State::new(question, yes)));
        }
        None => demand_acts::start(shared, decided),
    }
}
