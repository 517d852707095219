//! What each list asks of the service, and what it takes of the answers.

use uuid::Uuid;

use super::{Body, State};
use crate::api::broadcasts::{Answer as BroadcastAnswer, Ask as BroadcastAsk};
use crate::api::demands::{Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::highlights::{Answer as CardAnswer, Ask as CardAsk};
use crate::api::{Answer, Ask, Failure};
use crate::event::Redraw;
use crate::safe::Code;
use crate::screens::table::Page;
use crate::shared::{Owner, Shared};

impl State {
    /// Fetches it.
    pub fn fetch(&mut self, shared: &mut Shared) {
        if shared.me.is_none() {
            return;
        }
        let which = self.which();
        match &mut self.body {
            Body::Feedback(it) => it.fetch(shared, Ask::Feedback(which, None)),
            Body::Unknown(it) => it.fetch(shared, Ask::Unknown(which, None)),
            Body::Notices(it) => it.fetch(shared, Ask::Notices(None)),
            Body::Outbox(it) => it.fetch(shared, Ask::Outbox(which, None)),
            Body::Health(it) => it.fetch(shared, Ask::Health),
            Body::Audit(it) => it.fetch(shared, Ask::Audit(None)),
            Body::Users(it) => it.fetch(shared, Ask::Users(None)),
            Body::Figures(it) => {
                // The body says where they are opened from.
                if self.municipality.as_str().is_empty() {
                    return;
                }
                it.fetch(shared, Ask::Figures(self.municipality.clone(), shared.words.tag()));
            }
            Body::Demands(it) => {
                self.counting = Some(shared.ask(Owner::Screen, about(DemandAsk::Counts)));
                it.fetch(shared, demands(which, None));
            }
            Body::Leaders(it) => it.fetch(shared, about(DemandAsk::Leaders(which, None))),
            Body::Clusters(it) => {
                if self.municipality.as_str().is_empty() {
                    let said = shared.words.say("clusters-nowhere");
                    return shared.say(said);
                }
                it.fetch(shared, about(DemandAsk::Clusters(self.municipality.clone())));
            }
            Body::Messages(it) => it.fetch(shared, about(DemandAsk::Messages(None))),
            Body::Promises(it) => it.fetch(shared, about(DemandAsk::Commitments(None))),
            Body::Highlights(it) => it.fetch(shared, cards(CardAsk::List(which, None))),
            Body::Candidates(it) => it.fetch(shared, cards(CardAsk::Candidates)),
            Body::Broadcasts(it) => it.fetch(shared, broadcasts(BroadcastAsk::List(which, None))),
        }
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        let before = (self.place.clone(), self.waiting);
        let redraw = self.take(shared, number, answer)?;
        let beside = before != (self.place.clone(), self.waiting);
        Some(if beside { Redraw::Now } else { redraw })
    }

    fn take(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> Option<Redraw> {
        if self.checking == Some(number) {
            self.checking = None;
            match answer {
                Ok(Answer::Chain(chain)) => self.chain = Some(chain.clone()),
                Ok(_) => {}
                Err(failure) => {
                    let said = shared.explain(failure);
                    shared.complain(said);
                }
            }
            return Some(Redraw::Now);
        }
        if self.counting == Some(number) {
            self.counting = None;
            if let Ok(Answer::Demands(it)) = answer
                && let DemandAnswer::Counts(counts) = &**it
                && self.counts != *counts
            {
                self.counts.clone_from(counts);
                return Some(Redraw::Now);
            }
            return Some(Redraw::Not);
        }
        if let Ok(Answer::Demands(it)) = answer
            && let DemandAnswer::Clusters(groups) = &**it
            && let Body::Clusters(_) = self.body
        {
            shared.learn(groups.iter().flat_map(|it| it.cases.iter().cloned()));
        }
        if let Ok(Answer::Figures(figures)) = answer
            && let Body::Figures(_) = self.body
        {
            self.place = figures.name.clone();
        }
        if let Ok(Answer::Notices(page, total)) = answer
            && let Body::Notices(_) = self.body
        {
            self.waiting = Some(*total);
            shared.learn(page.items.iter().map(|it| it.row.clone()));
        }
        macro_rules! page {
            ($table:expr, $variant:ident) => {
                $table.answer(shared, number, answer, |it| match it {
                    Answer::$variant(page) => Some(page.clone()),
                    _ => None,
                })
            };
        }
        match &mut self.body {
            Body::Feedback(it) => page!(it, Feedback),
            Body::Unknown(it) => page!(it, Unknown),
            Body::Notices(it) => it.answer(shared, number, answer, |it| match it {
                Answer::Notices(page, _) => Some(page.clone()),
                _ => None,
            }),
            Body::Outbox(it) => page!(it, Outbox),
            Body::Audit(it) => page!(it, Audit),
            Body::Users(it) => page!(it, Users),
            Body::Health(it) => it.answer(shared, number, answer, |it| match it {
                Answer::Health(parts) => Some(Page { items: parts.clone(), next: None }),
                _ => None,
            }),
            Body::Demands(it) => it.answer(shared, number, answer, |it| match about_demands(it)? {
                DemandAnswer::List(page) => {
                    Some(Page { items: page.items.clone(), next: page.next.map(|it| it.to_string()) })
                }
                _ => None,
            }),
            Body::Leaders(it) => it.answer(shared, number, answer, |it| match about_demands(it)? {
                DemandAnswer::Leaders(page) => Some(page.clone()),
                _ => None,
            }),
            Body::Clusters(it) => it.answer(shared, number, answer, |it| match about_demands(it)? {
                DemandAnswer::Clusters(items) => Some(Page { items: items.clone(), next: None }),
                _ => None,
            }),
            Body::Messages(it) => it.answer(shared, number, answer, |it| match about_demands(it)? {
                DemandAnswer::Messages(page) => Some(page.clone()),
                _ => None,
            }),
            Body::Promises(it) => it.answer(shared, number, answer, |it| match about_demands(it)? {
                DemandAnswer::Commitments(page) => Some(page.clone()),
                _ => None,
            }),
            Body::Highlights(it) => it.answer(shared, number, answer, |it| match about_cards(it)? {
                CardAnswer::List(page) => Some(page.clone()),
                _ => None,
            }),
            Body::Candidates(it) => it.answer(shared, number, answer, |it| match about_cards(it)? {
                CardAnswer::Candidates(items) => Some(Page { items: items.clone(), next: None }),
                _ => None,
            }),
            Body::Broadcasts(it) => it.answer(shared, number, answer, |it| match about_broadcasts(it)? {
                BroadcastAnswer::List(page) => Some(page.clone()),
                _ => None,
            }),
            Body::Figures(it) => {
                if let Err(failure) = answer
                    && failure.code == "not_found"
                    && it.waits_for(number)
                {
                    it.fail(shared.words.say("municipality-none"));
                    return Some(Redraw::Now);
                }
                let taken = it.answer(shared, number, answer, |it| match it {
                    Answer::Figures(figures) => Some(Page { items: figures.indicators.clone(), next: None }),
                    _ => None,
                });
                if taken.is_some()
                    && answer.is_ok()
                    && let Some(topic) = self.topic.take()
                    && !it.find(shared, |indicator| indicator.topic == topic)
                {
                    let said = shared.words.fill("benchmarks-no-topic", &[("topic", topic)]);
                    shared.say(said);
                }
                taken
            }
        }
    }

    /// Asks for more of it where the cursor comes near its end.
    pub(super) fn more(&mut self, shared: &mut Shared) {
        let which = self.which();
        match &mut self.body {
            Body::Feedback(it) => it.more(shared, |after| Ask::Feedback(which, Some(after))),
            Body::Unknown(it) => it.more(shared, |after| Ask::Unknown(which, Some(after))),
            Body::Notices(it) => it.more(shared, |after| Ask::Notices(Some(after))),
            Body::Outbox(it) => it.more(shared, |after| Ask::Outbox(which, Some(after))),
            Body::Audit(it) => it.more(shared, |after| Ask::Audit(Some(after))),
            Body::Users(it) => it.more(shared, |after| Ask::Users(Some(after))),
            Body::Demands(it) => it.more(shared, |after| demands(which, Uuid::try_parse(&after).ok())),
            Body::Leaders(it) => it.more(shared, |after| about(DemandAsk::Leaders(which, Some(after)))),
            Body::Messages(it) => it.more(shared, |after| about(DemandAsk::Messages(Some(after)))),
            Body::Promises(it) => it.more(shared, |after| about(DemandAsk::Commitments(Some(after)))),
            Body::Highlights(it) => {
                it.more(shared, |after| cards(CardAsk::List(which, Some(after))));
            }
            Body::Broadcasts(it) => {
                it.more(shared, |after| broadcasts(BroadcastAsk::List(which, Some(after))));
            }
            Body::Health(_) | Body::Figures(_) | Body::Clusters(_) | Body::Candidates(_) => {}
        }
    }
}

pub(super) fn about(ask: DemandAsk) -> Ask {
    Ask::Demands(Box::new(ask))
}

fn demands(queue: Code, after: Option<Uuid>) -> Ask {
    about(DemandAsk::List { queue, municipality: None, after })
}

fn cards(ask: CardAsk) -> Ask {
    Ask::Highlights(Box::new(ask))
}

fn broadcasts(ask: BroadcastAsk) -> Ask {
    Ask::Broadcasts(Box::new(ask))
}

fn about_cards(answer: &Answer) -> Option<&CardAnswer> {
    match answer {
        Answer::Highlights(it) => Some(it),
        _ => None,
    }
}

fn about_broadcasts(answer: &Answer) -> Option<&BroadcastAnswer> {
    match answer {
        Answer::Broadcasts(it) => Some(it),
        _ => None,
    }
}

fn about_demands(answer: &Answer) -> Option<&DemandAnswer> {
    match answer {
        Answer::Demands(it) => Some(it),
        _ => None,
    }
}
