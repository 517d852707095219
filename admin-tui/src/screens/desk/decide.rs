//! What a key decides about the entry under the cursor of a list.

use super::asks::about;
use super::{Body, State};
use crate::api::Deed;
use crate::api::demands::Ask as DemandAsk;
use crate::demand_acts::{Decided, Purpose};
use crate::demand_data::Leader;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, Wanted, form, picker, prompt};
use crate::safe::{Code, SafeText};
use crate::screens::{broadcast, demand, highlight};
use crate::shared::{Owner, Shared};
use uuid::Uuid;

/// Why feedback is hidden.
const REASONS: [&str; 5] = ["insult", "names_people", "advertising", "not_about_here", "other"];

/// The most notices that one call says were seen.
const SEEN: usize = 200;

impl State {
    /// What a key decides about the entry under the cursor.
    pub(super) fn decide(
        &mut self,
        shared: &mut Shared,
        overlays: &mut Vec<Overlay>,
        command: Command,
    ) -> bool {
        let words = shared.words;
        match &self.body {
            Body::Feedback(table) => {
                let Some(it) = table.here() else { return false };
                let same = command == Command::ShowSame;
                match command {
                    Command::Show | Command::ShowSame => {
                        let name = words.say(if same { "deed-show-same" } else { "deed-show" });
                        let deed = feedback(it.id, "shown", None, same);
                        // Those that went with it are taken back one by one.
                        let back = (!same).then(|| feedback(it.id, "waiting", None, false));
                        crate::acts::decide(shared, name, deed, it.version, back);
                    }
                    Command::Hide => {
                        let items = REASONS.iter().map(|reason| {
                            let code = Code::new(reason);
                            let text = words.code("reason", &code);
                            let name = words.fill("deed-hide", &[("reason", text.clone())]);
                            let deed = Box::new(feedback(it.id, "hidden", Some(code), false));
                            let back = Box::new(feedback(it.id, "waiting", None, false));
                            (text, Choice::Deed(name, deed, it.version, Some(back)), false)
                        });
                        overlays.push(Overlay::Picker(picker::State::new(words.say("pick-reason"), items)));
                    }
                    Command::AskAuthor => ask(overlays, Wanted::Question(it.id, it.version)),
                    _ => return false,
                }
            }
            Body::Unknown(table) => {
                let Some(it) = table.here() else { return false };
                match command {
                    Command::AnswerText => ask(overlays, Wanted::Answer(it.id, it.version)),
                    Command::OpenCase => ask(overlays, Wanted::Category(it.id, it.version)),
                    Command::Dismiss => {
                        let (deed, back) = (unknown(it.id, "dismiss"), unknown(it.id, "wait"));
                        crate::acts::decide(shared, words.say("deed-dismiss"), deed, it.version, Some(back));
                    }
                    _ => return false,
                }
            }
            Body::Notices(table) => {
                let Some(it) = table.here() else { return false };
                let ids = match command {
                    Command::Seen => vec![it.id],
                    Command::SeenAll => table.items.iter().take(SEEN).map(|it| it.id).collect(),
                    _ => return false,
                };
                crate::acts::decide(shared, words.say("deed-seen"), Deed::Seen(ids), 0, None);
            }
            Body::Outbox(table) => {
                let Some(it) = table.here() else { return false };
                let (name, deed) = match command {
                    Command::Retry => ("deed-retry", Deed::Retry(it.id)),
                    Command::Arrived => ("deed-arrived", Deed::Settle(it.id, true)),
                    Command::GiveUp => ("deed-give-up", Deed::Settle(it.id, false)),
                    _ => return false,
                };
                crate::acts::decide(shared, words.say(name), deed, 0, None);
            }
            Body::Demands(table) => {
                let Some(it) = table.here() else { return false };
                return demand::decide(shared, overlays, it, command);
            }
            Body::Leaders(table) => {
                let Some(it) = table.here() else { return false };
                return decide_leader(shared, overlays, it, command);
            }
            Body::Promises(table) => {
                let Some(it) = table.here().filter(|_| command == Command::Steps) else { return false };
                // The row has no version of its demand: it is read first.
                shared.ask(Owner::Steps(it.demand), about(DemandAsk::One(it.demand)));
                shared.say(words.say("loading"));
            }
            Body::Clusters(table) => {
                let Some(it) = table.here() else { return false };
                if command != Command::OpenDemand {
                    return false;
                }
                // What its oldest case says is a start.
                let text = it.cases.first().and_then(|it| it.preview.clone()).unwrap_or_default();
                let known = [SafeText::typed(text.one_line().cut(80).as_str()), it.topic.text()];
                let purpose = Purpose::Open(Box::new(it.clone()));
                overlays.push(Overlay::Form(Box::new(form::State::new(purpose, &known))));
            }
            Body::Candidates(table) => {
                let Some(it) = table.here() else { return false };
                if !matches!(command, Command::Propose | Command::Open) || !shared.allows(Command::Propose) {
                    return false;
                }
                highlight::propose(shared, overlays, it);
            }
            Body::Broadcasts(_) if command == Command::NewBroadcast => {
                broadcast::compose(shared, overlays, None);
            }
            Body::Broadcasts(table) => {
                let Some(it) = table.here() else { return false };
                return broadcast::decide_row(shared, overlays, it, command);
            }
            _ => return false,
        }
        true
    }
}

fn ask(overlays: &mut Vec<Overlay>, wanted: Wanted) {
    overlays.push(Overlay::Prompt(prompt::State::new(wanted, &SafeText::default())));
}

fn feedback(id: Uuid, decision: &str, reason: Option<Code>, same: bool) -> Deed {
    Deed::Feedback { id, decision: Code::new(decision), reason, question: None, same }
}

fn unknown(id: Uuid, act: &str) -> Deed {
    Deed::Unknown { id, act: Code::new(act), text: None, category: None }
}

/// What was written for a decision: its name, what, on which version, and what takes it back.
pub fn written(
    shared: &Shared,
    wanted: &Wanted,
    text: SafeText,
) -> Option<(SafeText, Deed, i64, Option<Deed>)> {
    let words = shared.words;
    match wanted {
        Wanted::Question(id, version) => {
            let back = feedback(*id, "waiting", None, false);
            let deed = Deed::Feedback {
                id: *id,
                decision: Code::new("asked"),
                reason: None,
                question: Some(text),
                same: false,
            };
            Some((words.say("deed-ask"), deed, *version, Some(back)))
        }
        Wanted::Answer(id, version) => {
            let deed = Deed::Unknown { id: *id, act: Code::new("answer"), text: Some(text), category: None };
            Some((words.say("deed-answer"), deed, *version, Some(unknown(*id, "wait"))))
        }
        Wanted::Category(id, version) => {
            let category = Some(Code::new(text.as_str().trim()));
            let deed = Deed::Unknown { id: *id, act: Code::new("open_case"), text: None, category };
            Some((words.say("deed-open-case"), deed, *version, None))
        }
        _ => None,
    }
}

/// What a key decides about somebody who asked to be known as a leader; gives whether it was one that does.
pub fn decide_leader(
    shared: &mut Shared,
    overlays: &mut Vec<Overlay>,
    it: &Leader,
    command: Command,
) -> bool {
    let words = shared.words;
    let form = |purpose| Overlay::Form(Box::new(form::State::new(purpose, &[])));
    match command {
        Command::VerifyLeader => {
            let deed = Deed::Leader { id: it.id, refused: None };
            let question = words.fill("sure-verify-leader", &[("who", it.words.clone())]);
            let decided = Decided::new(words.say("leader-act-verify"), deed, it.version);
            demand::sure(shared, overlays, decided.sure(question));
        }
        Command::RefuseLeader => overlays.push(form(Purpose::Refuse(Box::new(it.clone())))),
        Command::ShowNumber => overlays.push(form(Purpose::Reveal(Box::new(it.clone())))),
        _ => return false,
    }
    true
}
