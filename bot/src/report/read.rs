//! What the database holds about a municipality, page by page, and not more of it than is shown.

use super::{Practice, Subject, Work};
use crate::channels::render::{self, highlight_figure};
use crate::domain::channel::ChannelKind;
use crate::domain::demand::DemandState;
use crate::domain::highlight::card::stands;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::cases::Scope;
use crate::store::demands::{Order, Queue};
use crate::store::desk::{Page, Within};
use crate::store::{Error, Store};

/// How far back cases are looked at.
pub(super) const WINDOW: i64 = 365 * DAY;
/// Cases of a page of the database.
const PAGE: u32 = 1_000;
/// The most cases that are counted.
const MOST_CASES: u64 = 50_000;
/// Published cards of a page of the database.
const CARDS: u32 = 200;
/// Practices that are shown.
const MOST_PRACTICES: usize = 20;
/// Promises that are shown.
const MOST_PROMISES: u32 = 20;
/// Demands that are shown, those first that can still be supported, and how many of each state.
const SHOWN: [(DemandState, u32); 5] = [
    (DemandState::Collecting, 10),
    (DemandState::Reached, 10),
    (DemandState::WithAuthority, 10),
    (DemandState::Answered, 10),
    // As many as promises, which name them by their codes.
    (DemandState::Followed, MOST_PROMISES),
];

/// Reads what the page of a municipality shows.
pub async fn read(store: &Store, key: &str, now: UnixMillis) -> Result<Work, Error> {
    let mut work = Work::default();
    let (mut before, mut read) = (None, 0_u64);
    loop {
        let page = store.list_case_outcomes(key, now.plus(-WINDOW), before, PAGE).await?;
        for it in &page {
            let who = it.contact_id.unwrap_or(it.id);
            let clocks = (it.first_answer_at, it.first_answer_due);
            work.outcomes.add((it.state, &it.category, &it.office, who), it.opened_at, clocks, now);
        }
        read += page.len() as u64;
        before = page.last().map(|it| it.id);
        if page.len() < PAGE as usize {
            break;
        }
        if read >= MOST_CASES {
            work.outcomes.cut = true;
            break;
        }
    }
    let scope = Scope { places: Some(vec![key.to_owned()]), restricted: false };
    for (state, most) in SHOWN {
        work.demands
            .extend(store.list_demands(Queue::State(state), &scope, Order::Newest(None), most).await?);
    }
    let page = Page { after: None, limit: MOST_PROMISES };
    for promise in store.list_commitments(&Within::municipality(key), page).await? {
        let demand = work.demands.iter().find(|it| it.id == promise.demand_id);
        work.promises.push((demand.map(|it| it.code), promise));
    }
    Ok(work)
}

/// Reads the published practices of the municipalities like the subject, the newest first: those that are shown and
/// sent to its people, whichever family its figures are compared in.
pub async fn practices(store: &Store, it: Subject<'_>) -> Result<Vec<Practice>, Error> {
    let facts = it.facts;
    let setting = render::Setting { facts, locale: it.locale, channel: ChannelKind::Telegram, service: "" };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = store.list_published_highlights(before, CARDS).await?;
        let tellers = page.iter().filter_map(|card| facts.by_key(&card.municipality));
        let near = facts.peer_groups.similar(it.municipality, tellers);
        for card in &page {
            let place = facts.by_key(&card.municipality);
            let Some(place) = place.filter(|id| near.contains(id) && stands(facts, card)) else { continue };
            found.push(Practice {
                place: format!("{}, {}", facts.municipality(place).name, facts.state_of(place).name),
                title: card.text.title.clone(),
                moved: highlight_figure(card, setting),
            });
        }
        before = page.last().map(|it| it.id);
        if page.len() < CARDS as usize || found.len() >= MOST_PRACTICES {
            found.truncate(MOST_PRACTICES);
            return Ok(found);
        }
    }
}
