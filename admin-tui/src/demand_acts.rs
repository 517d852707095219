//! What staff decide about demands, leaders and groups of like cases: what is typed for it, what comes of that, and
//! what is asked before where it can't be taken back.

use cabildo_staff_api::commitment::{Promise, PromiseStep};
use cabildo_staff_api::demand_act::{DemandAnswerDraft, DemandOpening};
use uuid::Uuid;

use crate::api::demands::{Act, Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::{Answer, Ask, Deed, Failure};
use crate::broadcast_acts;
use crate::demand_data::{Cluster, DemandRow, Leader};
use crate::filled::Filled;
use crate::highlight_acts;
use crate::ids;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared};
use crate::triage::read_date;
use crate::typed::Wrong;
use crate::words::Words;

/// The most characters of what a demand asks for.
const LONGEST_TEXT: usize = 80;
/// The fewest.
const SHORTEST_TEXT: usize = 10;
/// The most characters of a reason that a citizen reads.
const REASON: usize = 110;
/// The most of the answer's.
const ANSWER: usize = 180;
/// The most of a step of a promise.
const STEP: usize = 60;
/// The most heads on a list.
const HEADS: u32 = 100_000;
/// The most cases of an opening.
const CASES: usize = 100;
/// The queues of the demands that may go on in another one.
const OPEN: [&str; 3] = ["collecting", "reached", "with_authority"];

/// Something that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What it is called.
    pub name: SafeText,
    /// What.
    pub deed: Deed,
    /// The version that was seen.
    pub version: i64,
    /// What takes it back.
    pub back: Option<Deed>,
    /// The demand as it was seen.
    pub before: Option<Box<DemandRow>>,
    /// What is asked before, where it can't be taken back.
    pub sure: Option<SafeText>,
    /// What was typed for it.
    pub text: Option<SafeText>,
    /// The form that it comes of, where that comes back when it is refused.
    pub filled: Option<Box<Filled>>,
}

impl Decided {
    /// Something that is decided, under a name and on a version.
    pub const fn new(name: SafeText, deed: Deed, version: i64) -> Self {
        Self { name, deed, version, back: None, before: None, sure: None, text: None, filled: None }
    }

    /// An act on a demand as it is seen; `key` names it in the catalogue.
    pub fn of(shared: &Shared, row: &DemandRow, key: &str, act: Act) -> Self {
        let name = shared.words.fill(&format!("demand-act-{key}"), &[("code", row.code.clone())]);
        let deed = Deed::Demand { id: row.id, act: Box::new(act) };
        Self { before: Some(Box::new(row.clone())), ..Self::new(name, deed, row.version) }
    }

    /// The same, taken back by another act.
    #[must_use]
    pub fn back(self, act: Act) -> Self {
        let Deed::Demand { id, .. } = self.deed else { return self };
        Self { back: Some(Deed::Demand { id, act: Box::new(act) }), ..self }
    }

    /// The same, after a question.
    #[must_use]
    pub fn sure(self, question: SafeText) -> Self {
        Self { sure: Some(question), ..self }
    }

    /// The same, with what was typed for it.
    #[must_use]
    pub fn typed(self, text: &SafeText) -> Self {
        Self { text: Some(text.clone()), ..self }
    }
}

/// The file that a photo of a list is kept in.
pub fn picture_name(code: &SafeText, picture: Uuid) -> String {
    let digits: String = code.as_str().chars().filter(char::is_ascii_digit).take(4).collect();
    format!("acta-{digits}-{:.8}.jpg", picture.simple().to_string())
}

/// What came of something that was decided: its version now. What the author of a demand is asked first is taken
/// back by nothing.
///
/// # Errors
/// It was refused, or did not arrive.
pub fn outcome(decided: &mut Decided, answer: Result<Answer, Failure>) -> Result<i64, Failure> {
    answer.and_then(|it| match it {
        Answer::Deed(version) => Ok(version),
        Answer::Demands(it) => {
            let DemandAnswer::Done(done) = *it else { return Err(Failure::new("not_understood")) };
            if done.state != "merged" {
                decided.back = None;
            }
            Ok(done.version)
        }
        _ => Err(Failure::new("not_understood")),
    })
}

/// Decides it; a console without a line does not.
pub fn start(shared: &mut Shared, decided: Decided) {
    if shared.offline() {
        if let Some(text) = decided.text {
            shared.note(text);
        }
        let said = shared.words.fill("refused-offline", &[("act", decided.name)]);
        return shared.complain(said);
    }
    let (deed, version) = (decided.deed.clone(), decided.version);
    let key = decided.filled.as_ref().map_or_else(ids::key, |it| it.key);
    shared.ask(Owner::Demand(Box::new(decided)), Ask::Deed { deed, version, key });
}

/// A demand that is sought by its code, to merge another one into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seek {
    /// The one that goes on in it.
    pub child: Box<DemandRow>,
    /// Its code.
    pub code: SafeText,
    /// Why.
    pub reason: SafeText,
    /// The queue that is looked through, among those of [`OPEN`].
    queue: usize,
}

impl Seek {
    /// Looks through the first queue.
    pub fn begin(self, shared: &mut Shared) {
        self.page(shared, None);
    }

    fn page(self, shared: &mut Shared, after: Option<Uuid>) {
        let queue = Code::new(OPEN[self.queue.min(OPEN.len() - 1)]);
        let municipality = Some(self.child.municipality.clone());
        let ask = DemandAsk::List { queue, municipality, after };
        shared.ask(Owner::Seek(Box::new(self)), Ask::Demands(Box::new(ask)));
    }

    /// Takes a page: it is there, or it is looked for further on. Gives what is decided where it is found.
    pub fn found(mut self, shared: &mut Shared, items: &[DemandRow], next: Option<Uuid>) -> Option<Decided> {
        if let Some(into) = items.iter().find(|it| it.code == self.code && it.id != self.child.id) {
            let args = [("code", self.child.code.clone()), ("into", into.code.clone())];
            let act = Act::Merge(into.id, self.reason.clone());
            let mut decided = Decided::of(shared, &self.child, "merge", act).typed(&self.reason);
            decided.name = shared.words.fill("demand-act-merge", &args);
            decided.sure = Some(shared.words.fill("sure-merge", &args));
            return Some(decided.back(Act::Unmerge(shared.words.say("demand-merge-mistake"))));
        }
        if next.is_some() {
            self.page(shared, next);
        } else if self.queue + 1 < OPEN.len() {
            self.queue += 1;
            self.page(shared, None);
        } else {
            shared.note(self.reason);
            let said = shared.words.fill("demand-merge-none", &[("code", self.code)]);
            shared.complain(said);
        }
        None
    }
}

/// What is typed, and for which act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Something about a demand.
    Demand(Box<DemandRow>, What),
    /// A leader is refused.
    Refuse(Box<Leader>),
    /// The whole number of a leader is shown.
    Reveal(Box<Leader>),
    /// A group of cases becomes a demand.
    Open(Box<Cluster>),
    /// Something about cards.
    Highlight(highlight_acts::Purpose),
    /// Something about broadcasts.
    Broadcast(broadcast_acts::Purpose),
}

/// What is typed about a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Why it is refused.
    Reject,
    /// Why it is parted again.
    Unmerge,
    /// Why support that was flagged by these rules counts.
    ClearFlags(Vec<Code>),
    /// The other demand, and why.
    Merge,
    /// A list of an assembly, and the photo of it that was sent.
    Acta(Option<Uuid>),
    /// Why that was a mistake.
    VoidActa(Uuid),
    /// Who of it was called back.
    CallActa(Uuid),
    /// The authority's answer, after its verdict.
    Answer(Code),
    /// The promise: its version where there is one, and its steps.
    Promise(Option<i64>, Code, Vec<PromiseStep>),
    /// A step of the promise: the promise's version, the promise as it is, and which step; `None`: a new one.
    Step(i64, Promise, Option<usize>),
    /// Why a message of the author does not go; its version.
    RefuseMessage(Uuid, i64),
    /// An organisation that signs in public.
    Endorse,
}

/// What came of what was typed.
#[derive(Clone, Debug)]
pub enum Meant {
    /// It is decided.
    Decide(Box<Decided>),
    /// A card, in which personal data is looked for first.
    Check(Box<Ask>, Box<Decided>),
    /// An answer, which is read as it goes out first.
    Preview(Uuid, DemandAnswerDraft, Box<Decided>),
    /// Another demand is looked for.
    Seek(Box<Seek>),
    /// A number is asked for.
    Reveal(Uuid, SafeText),
}

impl Purpose {
    /// Its title in the catalogue.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Demand(_, what) => match what {
                What::Reject => "form-reject",
                What::Unmerge => "form-unmerge",
                What::ClearFlags(_) => "form-clear-flags",
                What::Merge => "form-merge",
                What::Acta(_) => "form-acta",
                What::VoidActa(_) => "form-void-acta",
                What::CallActa(_) => "form-call-acta",
                What::Answer(_) => "form-answer",
                What::Promise(..) => "form-promise",
                What::Step(..) => "form-step",
                What::RefuseMessage(..) => "form-refuse-message",
                What::Endorse => "form-endorse",
            },
            Self::Refuse(_) => "form-refuse-leader",
            Self::Reveal(_) => "form-reveal",
            Self::Open(_) => "form-open-demand",
            Self::Highlight(it) => it.title(),
            Self::Broadcast(it) => it.title(),
        }
    }

    /// The fields in the catalogue, in order.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Demand(_, what) => match what {
                What::Merge => &["want-code", "want-why"],
                What::Acta(_) => &["want-acta-folio", "want-acta-heads", "want-acta-day", "want-acta-place"],
                What::CallActa(_) => &["want-called", "want-confirmed"],
                What::Answer(_) => &["want-why-citizens", "want-cost", "want-by-when"],
                What::Promise(..) => &["want-promise", "want-owner", "want-by-when", "want-percent"],
                What::Step(..) => &["want-step", "want-by-when"],
                What::Endorse => &["want-organisation"],
                What::Reject | What::RefuseMessage(..) => &["want-why-citizens"],
                _ => &["want-why"],
            },
            Self::Refuse(_) => &["want-why-citizens"],
            Self::Reveal(_) => &["want-why"],
            Self::Open(_) => &["want-demand", "want-topic"],
            Self::Highlight(it) => it.fields(),
            Self::Broadcast(it) => it.fields(),
        }
    }

    /// What its title names.
    pub fn code(&self) -> SafeText {
        match self {
            Self::Demand(row, _) => row.code.clone(),
            Self::Highlight(it) => it.code(),
            Self::Broadcast(it) => it.code(),
            _ => SafeText::default(),
        }
    }

    /// What is wrong, with the title of its line where there are several.
    pub fn tell(&self, words: Words, wrong: &Wrong) -> SafeText {
        let fields = self.fields();
        match wrong.at.and_then(|it| fields.get(it)).filter(|_| fields.len() > 1) {
            Some(field) => {
                words.fill("form-wrong-at", &[("wrong", wrong.text.clone()), ("field", words.say(field))])
            }
            None => wrong.text.clone(),
        }
    }

    /// The same with the form that it comes of, where that comes back when it is refused; and what looks at it before.
    fn kept(
        &self,
        meant: Meant,
        writes: bool,
        lines: &[SafeText],
        check: impl FnOnce(&Decided) -> Option<Ask>,
    ) -> Meant {
        match meant {
            Meant::Decide(decided) if writes => {
                let filled = Some(Box::new(Filled::new(self.clone(), lines.to_vec())));
                let decided = Box::new(Decided { filled, ..*decided });
                match check(&decided) {
                    Some(ask) => Meant::Check(Box::new(ask), decided),
                    None => Meant::Decide(decided),
                }
            }
            other => other,
        }
    }

    /// What was typed, as it is meant.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(&self, shared: &Shared, texts: &[SafeText]) -> Result<Meant, Wrong> {
        let words = shared.words;
        let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
        let needed = |at: usize, most: usize| {
            let it = text(at);
            match it.as_str().chars().count() {
                _ if it.is_empty() => Err(Wrong::on(at, words.say("form-empty"))),
                count if count > most => {
                    let said = words.fill("form-long", &[("most", SafeText::number(most as u64))]);
                    Err(Wrong::on(at, said))
                }
                _ => Ok(it),
            }
        };
        let date = |at: usize| match text(at) {
            it if it.is_empty() => Ok(None),
            it => {
                let date = read_date(&it, shared.now).map(Some);
                date.ok_or_else(|| Wrong::on(at, words.say("date-wrong")))
            }
        };
        let count = |at: usize| {
            let number = text(at).as_str().trim().parse::<u32>();
            number.ok().filter(|it| *it <= HEADS).ok_or_else(|| Wrong::on(at, words.say("form-number")))
        };
        let decide = |it: Decided| Ok(Meant::Decide(Box::new(it)));
        match self {
            Self::Demand(row, what) => {
                let of = |key: &str, act: Act| Decided::of(shared, row, key, act);
                let code = || [("code", row.code.clone())];
                match what {
                    What::Reject => {
                        let why = needed(0, REASON)?;
                        let question = words.fill("sure-reject", &code());
                        decide(of("reject", Act::Reject(why.clone())).typed(&why).sure(question))
                    }
                    What::Unmerge => {
                        let why = needed(0, REASON)?;
                        decide(of("unmerge", Act::Unmerge(why.clone())).typed(&why))
                    }
                    What::ClearFlags(flags) => {
                        let why = needed(0, REASON)?;
                        let act = Act::ClearFlags(flags.clone(), why.clone());
                        decide(
                            of("clear-flags", act).typed(&why).sure(words.fill("sure-clear-flags", &code())),
                        )
                    }
                    What::Merge => {
                        let (code, reason) = (needed(0, 4)?, needed(1, REASON)?);
                        let code = SafeText::line(code.as_str().trim());
                        Ok(Meant::Seek(Box::new(Seek { child: row.clone(), code, reason, queue: 0 })))
                    }
                    What::Acta(picture) => {
                        let heads = count(1)?;
                        let held_on = date(2)?.ok_or_else(|| Wrong::on(2, words.say("date-wrong")))?;
                        if heads == 0 {
                            return Err(Wrong::on(1, words.say("form-number")));
                        }
                        let folio = needed(0, 40)?;
                        let place = Some(text(3)).filter(|it| !it.is_empty());
                        let picture = *picture;
                        let act = Act::AddActa { folio: folio.clone(), heads, held_on, place, picture };
                        decide(of("acta", act).typed(&folio))
                    }
                    What::VoidActa(acta) => {
                        let why = needed(0, REASON)?;
                        decide(of("void-acta", Act::VoidActa(*acta, why.clone())).typed(&why))
                    }
                    What::CallActa(acta) => {
                        let (called, confirmed) = (count(0)?, count(1)?);
                        if confirmed > called {
                            return Err(Wrong::on(1, words.say("form-number")));
                        }
                        decide(of("call-acta", Act::CallActa(*acta, called, confirmed)))
                    }
                    What::Answer(verdict) => {
                        let reason = needed(0, ANSWER)?;
                        let cost = match text(1) {
                            it if it.is_empty() => None,
                            it => Some(money(&it).ok_or_else(|| Wrong::on(1, words.say("form-number")))?),
                        };
                        let draft = DemandAnswerDraft {
                            verdict: verdict.as_str().to_owned(),
                            reason: reason.as_str().to_owned(),
                            cost,
                            due_on: date(2)?.map(|it| it.as_str().to_owned()),
                        };
                        let decided = of("answer", Act::Answer(draft.clone())).typed(&reason);
                        Ok(Meant::Preview(row.id, draft, Box::new(decided)))
                    }
                    What::Promise(version, state, milestones) => {
                        let percent = u8::try_from(count(3)?).ok().filter(|it| *it <= 100);
                        let promise = Promise {
                            title: needed(0, ANSWER)?.as_str().to_owned(),
                            owner: needed(1, ANSWER)?.as_str().to_owned(),
                            due_on: date(2)?.map(|it| it.as_str().to_owned()),
                            state: state.as_str().to_owned(),
                            percent: percent.ok_or_else(|| Wrong::on(3, words.say("form-number")))?,
                            milestones: milestones.clone(),
                        };
                        let act = match version {
                            Some(version) => Act::UpdatePromise(*version, promise),
                            None => Act::Promise(promise),
                        };
                        decide(of("promise", act).typed(&text(0)).sure(words.fill("sure-promise", &code())))
                    }
                    What::Step(version, was, at) => {
                        let title = needed(0, STEP)?;
                        let due_on = date(1)?.map(|it| it.as_str().to_owned());
                        let mut promise = was.clone();
                        match at.and_then(|at| promise.milestones.get_mut(at)) {
                            Some(step) => {
                                title.as_str().trim().clone_into(&mut step.title);
                                step.due_on = due_on;
                            }
                            None => promise.milestones.push(PromiseStep {
                                title: title.as_str().trim().to_owned(),
                                due_on,
                                state: "not_started".to_owned(),
                            }),
                        }
                        let back = Act::UpdatePromise(version + 1, was.clone());
                        let mut decided = of("step", Act::UpdatePromise(*version, promise)).typed(&title);
                        let key =
                            if at.is_some() { "demand-act-step-changed" } else { "demand-act-step-added" };
                        decided.name = words.fill(key, &[("title", title.clone())]);
                        decide(decided.back(back))
                    }
                    What::RefuseMessage(message, version) => {
                        let why = needed(0, REASON)?;
                        let act = Act::DecideMessage {
                            message: *message,
                            version: *version,
                            refused: Some(why.clone()),
                        };
                        decide(of("refuse-message", act).typed(&why).sure(words.say("sure-refuse-message")))
                    }
                    What::Endorse => {
                        let who = needed(0, REASON)?;
                        let of = of("endorse", Act::Endorse(who.clone()));
                        decide(of.typed(&who).back(Act::Unendorse(who.clone())))
                    }
                }
            }
            Self::Refuse(leader) => {
                let why = needed(0, REASON)?;
                let deed = Deed::Leader { id: leader.id, refused: Some(why.clone()) };
                let decided = Decided::new(words.say("leader-act-refuse"), deed, leader.version);
                decide(decided.typed(&why).sure(words.say("sure-refuse-leader")))
            }
            Self::Reveal(leader) => Ok(Meant::Reveal(leader.id, needed(0, REASON)?)),
            Self::Highlight(it) => {
                let check = |decided: &Decided| it.check(&decided.deed);
                Ok(self.kept(it.read(shared, texts)?, it.writes(), texts, check))
            }
            Self::Broadcast(it) => Ok(self.kept(it.read(shared, texts)?, it.writes(), texts, |_| None)),
            Self::Open(cluster) => {
                let wanted = needed(0, LONGEST_TEXT)?;
                if wanted.as_str().trim().chars().count() < SHORTEST_TEXT {
                    let least = [("least", SafeText::number(SHORTEST_TEXT as u64))];
                    return Err(Wrong::on(0, words.fill("form-short", &least)));
                }
                let cases: Vec<Uuid> = cluster.cases.iter().take(CASES).map(|it| it.id).collect();
                let people = [("cases", SafeText::number(cases.len() as u64))];
                let new = DemandOpening {
                    municipality: cluster.municipality.as_str().to_owned(),
                    topic: needed(1, 40)?.as_str().trim().to_owned(),
                    office: None,
                    text: wanted.as_str().trim().to_owned(),
                    cases,
                };
                let deed = Deed::OpenDemand(Box::new(new));
                let decided = Decided::new(words.say("demand-act-open"), deed, 0).typed(&wanted);
                decide(decided.sure(words.fill("sure-open", &people)))
            }
        }
    }
}

/// An amount as it is written (`$12,000.50`), in thousandths.
fn money(text: &SafeText) -> Option<u64> {
    let text: String = text.as_str().chars().filter(|it| !matches!(it, '$' | ',' | ' ')).collect();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    if rest.len() > 3 || !rest.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let rest: u64 = format!("{rest:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_it_is_written() {
        for (text, read) in [
            ("12000", Some(12_000_000)),
            ("$12,000.5", Some(12_000_500)),
            ("0.125", Some(125)),
            ("-1", None),
            ("1.2345", None),
            ("mil", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(money(&SafeText::line(text)), read, "{text}");
        }
    }
}
