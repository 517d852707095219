//! `DEMANDAS`, `MIS DEMANDAS`, `COMPROMISO`, `CUMPLE`: what there is, and what came of it.

use super::{DemandEffect, DemandQuestion, DemandReply, Listed, code_in, vote_of};
use crate::domain::demand::rules::missing;
use crate::domain::demand::{Code, Commitment, Demand, DemandState, Named, Vote};
use crate::domain::place::Decision;
use crate::engine::cases::Words;
use crate::engine::conversation::Then;
use crate::engine::reply::Reply;
use crate::engine::{Turn, topics};

/// Demands on a page, so that one fits a segment.
const PAGE: usize = 4;
/// Of her own, which show their state, too.
const PAGE_MINE: usize = 2;
/// Demands that are listed at most.
const MOST: usize = 40;

/// The promise that supporters judge: while it is followed.
fn followed(named: &Named) -> Option<&Commitment> {
    let state = named.root.as_ref().unwrap_or(&named.demand).state;
    named.commitment.as_ref().filter(|_| state == DemandState::Followed)
}

fn listed(it: &Demand) -> Listed {
    Listed { code: it.code, topic: it.topic.clone(), total: it.told.total(), state: it.state }
}

impl Turn<'_> {
    /// `DEMANDAS`, of a place and a topic where they are named.
    pub(super) fn list_demands(&mut self, rest: &[String]) {
        if let Some(code) = code_in(rest) {
            return self.show_demand(code);
        }
        let (parts, topic) = crate::engine::interpret::split_places(rest, self.facts, self.context());
        let topic = topic.or_else(|| topics::alone(self.facts, rest));
        if let Some(text) = parts.first().filter(|it| !it.is_empty()) {
            let decision = self.facts.places.find(text, self.context());
            if decision != Decision::None {
                return self.place(decision, Then::Demands { topic });
            }
        }
        match self.next.place(self.at()).map(str::to_owned) {
            Some(place) => self.show_demands(&place, topic.as_deref()),
            None => self.ask_place(Then::Demands { topic }),
        }
    }

    /// Those of a municipality, then those near it.
    pub(super) fn show_demands(&mut self, place: &str, topic: Option<&str>) {
        let open = &self.inbound.demands.open;
        let fits = |it: &&Demand| topic.is_none_or(|topic| it.topic == topic);
        let here: Vec<Listed> = open.of(place).into_iter().filter(fits).take(MOST).map(listed).collect();
        let state = place.get(..2).unwrap_or(place);
        let near = open.near(state).into_iter().filter(fits).filter(|it| it.municipality != place);
        let near: Vec<Listed> = near.take(MOST).map(listed).collect();
        let mut pages = Vec::new();
        for (items, of) in [(&here, Some(place.to_owned())), (&near, None)] {
            let chunks: Vec<&[Listed]> = items.chunks(PAGE).collect();
            let count = chunks.len();
            for (index, items) in chunks.into_iter().enumerate() {
                // After the last one here come those near.
                let more = index + 1 < count || of.is_some() && !near.is_empty();
                let reply = DemandReply::List { place: of.clone(), items: items.to_vec(), more };
                pages.push(Reply::Demand(Box::new(reply)));
            }
        }
        if here.is_empty() {
            pages.insert(0, Reply::Demand(Box::new(DemandReply::NoneHere { place: place.to_owned() })));
        }
        self.pages(pages);
    }

    /// `MIS DEMANDAS`: those that she wrote; what she signed is listed nowhere.
    pub(super) fn my_demands(&mut self) {
        let Some(facts) = self.demand_facts() else { return };
        let items: Vec<Listed> = facts.mine.demands.iter().map(listed).collect();
        if items.is_empty() {
            return self.demand_reply(DemandReply::NoneMine);
        }
        let chunks: Vec<&[Listed]> = items.chunks(PAGE_MINE).collect();
        let count = chunks.len();
        let pages = chunks.into_iter().enumerate().map(|(index, items)| {
            let reply = DemandReply::Mine { items: items.to_vec(), more: index + 1 < count };
            Reply::Demand(Box::new(reply))
        });
        let pages = pages.collect();
        self.pages(pages);
    }

    /// One that is public, or hers.
    pub(super) fn show_demand(&mut self, code: Code) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        let demand = named.root.as_ref().unwrap_or(&named.demand);
        if !demand.state.public() && !named.own {
            return self.demand_reply(DemandReply::Unknown { code });
        }
        let reply = DemandReply::Show {
            code: demand.code,
            place: demand.municipality.clone(),
            text: Words(demand.text.clone()),
            total: demand.told.total(),
            missing: missing(demand.threshold, &demand.told),
            state: demand.state,
        };
        let mut pages = vec![Reply::Demand(Box::new(reply))];
        pages.extend(Self::answer_page(named));
        pages.extend(Self::commitment_pages(named));
        self.pages(pages);
    }

    /// The answer, as a page.
    fn answer_page(named: &Named) -> Option<Reply> {
        let code = named.root.as_ref().unwrap_or(&named.demand).code;
        let answer = named.answer.as_ref()?;
        Some(Reply::Demand(Box::new(DemandReply::Answer {
            code,
            verdict: answer.verdict,
            reason: Words(answer.reason.clone()),
            cost: answer.cost,
            due: answer.due_on.clone(),
        })))
    }

    /// The promise and its steps, as pages.
    fn commitment_pages(named: &Named) -> Vec<Reply> {
        let code = named.root.as_ref().unwrap_or(&named.demand).code;
        let Some(it) = &named.commitment else { return Vec::new() };
        let first = DemandReply::Commitment {
            code,
            title: it.promise.title.clone(),
            owner: it.promise.owner.clone(),
            due: it.promise.due_on.clone(),
            state: it.promise.state,
            percent: it.promise.percent,
        };
        let steps = it.promise.milestones.iter().enumerate().map(|(index, step)| DemandReply::Milestone {
            number: index + 1,
            title: step.title.clone(),
            due: step.due_on.clone(),
            state: step.state,
        });
        std::iter::once(first).chain(steps).map(|it| Reply::Demand(Box::new(it))).collect()
    }

    /// `COMPROMISO 123`.
    pub(super) fn commitment(&mut self, rest: &[String]) {
        let Some(code) = code_in(rest) else { return self.demand_reply(DemandReply::NeedsCode) };
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        let demand = named.root.as_ref().unwrap_or(&named.demand);
        if !demand.state.public() && !named.own {
            return self.demand_reply(DemandReply::Unknown { code });
        }
        let mut pages = Self::commitment_pages(named);
        pages.extend(Self::answer_page(named));
        if !pages.is_empty() {
            return self.pages(pages);
        }
        let (code, office) = (demand.code, demand.office_name.clone().unwrap_or_default());
        let reply = match (demand.state, demand.answer_due, demand.silent_at) {
            (DemandState::WithAuthority, Some(due), None) => {
                DemandReply::Waiting { code, office, day: self.demand_day(due) }
            }
            (DemandState::WithAuthority | DemandState::Archived, _, Some(_)) => {
                DemandReply::Silent { code, office }
            }
            (state, ..) if state.signable() => {
                DemandReply::Collecting { code, missing: missing(demand.threshold, &demand.told) }
            }
            (DemandState::Confirming, ..) => DemandReply::Own { code },
            (DemandState::Moderation, ..) => DemandReply::Moderated { code },
            _ => DemandReply::Over { code },
        };
        self.demand_reply(reply);
    }

    /// `CUMPLE 123`, with the vote or without.
    pub(super) fn kept(&mut self, rest: &[String]) {
        let Some(code) = code_in(rest) else { return self.demand_reply(DemandReply::NeedsCode) };
        let title = self.named(code).and_then(followed).map(|it| it.promise.title.clone());
        let Some(title) = title else { return self.commitment(rest) };
        let said: Vec<String> = rest.iter().filter(|it| it.parse::<Code>().is_err()).cloned().collect();
        let digit = match &said[..] {
            [one] => one.parse().ok(),
            _ => None,
        };
        if let Some(vote) = vote_of(&said, digit) {
            return self.voted(code, vote);
        }
        self.demand_reply(DemandReply::AskVote { code, title });
        self.ask_demand(DemandQuestion::Vote { code });
    }

    /// A vote: it counts where she signed, and what is said is the same where she did not.
    pub(super) fn voted(&mut self, code: Code, vote: Vote) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        // It may have been archived since it was asked.
        let Some(promise) = followed(named) else { return self.commitment(&[code.to_string()]) };
        // None of the three is told while one of them is of a few people.
        let told = [promise.told.yes, promise.told.no, promise.told.half];
        let votes = told.iter().all(|it| *it > 0).then_some(told);
        let code = named.root.as_ref().unwrap_or(&named.demand).code;
        self.demand_reply(DemandReply::Voted { code, vote, votes });
        self.demand_effect(DemandEffect::Voted { demand_id: named.demand.id, vote });
    }
}
