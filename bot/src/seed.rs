//! Cases of people who are not there: what `cabildo demo` shows, and volumes for tests.
//!
//! Each is a message of the channel [`CHANNEL`] with its contact, dialogue and case, as if somebody had
//! written it, and carries the label [`LABEL`]. The same number and seed give the same cases. Nothing is
//! ever sent to the numbers: they are no telephone numbers at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::json;
use uuid::Uuid;

use crate::domain::case::{Anonymity, CaseKind, CaseState, Confidentiality, Folio, Pin, Priority};
use crate::domain::channel::ChannelKind;
use crate::domain::desk::Desk;
use crate::domain::facts::Facts;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use crate::engine::NOTICE_VERSION;
use crate::engine::conversation::Conversation;
use crate::ids;
use crate::store::cases::{self, Act, Acting, Closing, NewCase, Snooze};
use crate::store::desk::entries::{Kind, Write};
use crate::store::inbox::{Answered, Change, NewInbound, Outcome};
use crate::store::{Error, Store};

/// Channel of the people who are not there. It is none of the demo's webhook, whose senders get all in the answer.
pub const CHANNEL: &str = "town";
/// The label of their cases.
pub const LABEL: &str = "demo";
/// Cases at work at once: they share commits.
const AT_ONCE: usize = 64;
/// How many draws of a folio are tried.
const DRAWS: u64 = 16;

/// What the people of the demo's town write, by category.
const TEXTS: &[u8] = include_bytes!("../../data/mx/desk/demo.csv");

/// What staff of the demo's town answer with a key: letter, title, and the text in each language.
const REPLIES: &[u8] = include_bytes!("../../data/mx/desk/demo_replies.csv");

/// One of the replies.
#[derive(Clone, serde::Deserialize)]
struct Reply {
    letter: String,
    title: String,
    #[serde(flatten)]
    texts: BTreeMap<String, String>,
}

fn replies() -> Result<Vec<Reply>, Error> {
    let read = csv::Reader::from_reader(REPLIES).deserialize().collect::<Result<_, _>>();
    read.map_err(|problem| Error::Other(format!("the demo's replies can't be read: {problem}")))
}

/// Writes the canned replies of the demo's town, but none in the place of one that is there; gives how many.
///
/// # Errors
/// The database refuses one.
pub async fn write_replies(store: &Store, place: &str, by: Uuid, at: UnixMillis) -> Result<usize, Error> {
    let there = store.list_entries_of(Kind::Canned, place).await?;
    let mut count = 0;
    for reply in replies()?.into_iter().filter(|it| there.iter().all(|own| own.code != it.letter)) {
        let write = Write {
            id: ids::new_id(at),
            kind: Kind::Canned,
            municipality: place.to_owned(),
            owner_id: Uuid::nil(),
            code: reply.letter,
            body: json!({ "title": reply.title, "texts": reply.texts }).to_string(),
            by,
            version: 0,
            at,
        };
        store.put_entry(write).await?;
        count += 1;
    }
    Ok(count)
}

/// One of their messages.
#[derive(Clone, serde::Deserialize)]
struct Text {
    category: String,
    kind: CaseKind,
    text: String,
    place: String,
    anonymity: u8,
}

/// What is made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Official keys of the municipalities; cases go to them in turn.
    pub municipalities: Vec<String>,
    /// How many cases.
    pub cases: u64,
    /// The first case's number: the same numbers give the same cases.
    pub first: u64,
    /// Officers who have some of them.
    pub officers: Vec<Uuid>,
    /// The oldest was opened so many days ago.
    pub days: u32,
    /// The present.
    pub now: UnixMillis,
}

/// Makes cases; gives how many.
///
/// # Errors
/// The database refuses one, or a place of the plan is not in the pack ([`Error::NotFound`]).
pub async fn make(store: &Store, facts: &Arc<Facts>, desk: &Arc<Desk>, plan: &Plan) -> Result<u64, Error> {
    let texts: Vec<Text> = csv::Reader::from_reader(TEXTS)
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|problem| Error::Other(format!("the demo's texts can't be read: {problem}")))?;
    if texts.is_empty() || plan.municipalities.is_empty() {
        return Ok(0);
    }
    let numbers = stream::iter(plan.first..plan.first + plan.cases).map(Ok::<u64, Error>);
    let texts = &texts;
    numbers
        .try_for_each_concurrent(AT_ONCE, |number| async move {
            let seeded = Seeded { store, facts, desk, plan, number };
            seeded.make(&texts[(mix(number) % texts.len() as u64) as usize]).await
        })
        .await?;
    Ok(plan.cases)
}

/// Cases that are not of the label [`LABEL`]: where there are some, people use this database.
pub async fn count_others(store: &Store) -> Result<i64, Error> {
    let everything = cases::Scope { places: None, restricted: true };
    let all = store.count_cases(&everything, &cases::Filter::default()).await?.cases;
    let labelled = cases::Filter { labels: vec![LABEL.to_owned()], ..cases::Filter::default() };
    Ok(all - store.count_cases(&everything, &labelled).await?.cases)
}

/// One case that is being made.
struct Seeded<'a> {
    store: &'a Store,
    facts: &'a Facts,
    desk: &'a Desk,
    plan: &'a Plan,
    number: u64,
}

impl Seeded<'_> {
    /// A number below `limit`, the same one for each case and `salt`.
    fn draw(&self, salt: u64, limit: u64) -> u64 {
        mix(self.number.wrapping_mul(64).wrapping_add(salt)) % limit.max(1)
    }

    async fn make(&self, text: &Text) -> Result<(), Error> {
        let places = &self.plan.municipalities;
        let place = &places[(self.number % places.len() as u64) as usize];
        let municipality = self.facts.by_key(place).ok_or(Error::NotFound)?;
        let zone = &self.facts.municipality(municipality).time_zone;
        let category = self.desk.category(place, &text.category).ok_or(Error::NotFound)?;
        let ago = self.draw(1, u64::from(self.plan.days).max(1) * DAY as u64) as i64;
        let opened_at = self.plan.now.plus(-ago);
        let contact_id = ids::new_id(opened_at);
        let inbound = NewInbound {
            channel_id: CHANNEL.to_owned(),
            kind: ChannelKind::Sms,
            external_id: Some(format!("seed-{}", self.number)),
            address: format!("+0000{:011}", self.number),
            text: text.text.clone(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: opened_at,
        };
        let conversation = Conversation {
            home: Some(place.clone()),
            notice: NOTICE_VERSION,
            has_cases: true,
            ..Conversation::default()
        };
        let state = serde_json::to_string(&conversation)
            .map_err(|problem| Error::Other(format!("a dialogue can't be written: {problem}")))?;
        for draw in 0..DRAWS {
            let folio = Folio::from_random(mix(self.number ^ (draw << 48) ^ 0x5eed).to_be_bytes());
            let pin = Pin::from_random(mix(self.number ^ 0x0914).to_be_bytes());
            let case_id = ids::new_id(opened_at);
            let case = NewCase {
                id: case_id,
                folio,
                pin_key: self.store.pin_key(folio, &pin)?,
                kind: text.kind,
                municipality: place.clone(),
                category: category.code.clone(),
                office: category.office.clone(),
                topic: category.topics.first().cloned(),
                text: text.text.clone(),
                place: Some(text.place.clone()),
                location: None,
                anonymity: match text.anonymity {
                    2 => Anonymity::HiddenFromAll,
                    3 => Anonymity::Named,
                    _ => Anonymity::HiddenFromPublic,
                },
                confidentiality: Confidentiality::Open.max(category.confidentiality),
                answers: Vec::new(),
                dues: self.desk.dues(place, category, zone, opened_at),
                linked_to: None,
                urgent: false,
                began_at: None,
            };
            let outcome = Outcome {
                state: state.clone(),
                version: 0,
                changes: vec![Change::Case(Box::new(cases::Change::Opened(Box::new(case))))],
                replies: Vec::new(),
                at: opened_at,
                counters: None,
                folded_into: None,
            };
            let inbox_id = ids::new_id(opened_at);
            match self.store.answer_inbound(inbound.clone(), inbox_id, contact_id, outcome).await {
                // It was made by an earlier run.
                Ok(Answered::Repeat(_)) => return Ok(()),
                Ok(Answered::Fresh) => return self.go_on(case_id, opened_at).await,
                // The folio is taken.
                Err(Error::Conflict) => {}
                Err(problem) => return Err(problem),
            }
        }
        Err(Error::Conflict)
    }

    /// What staff did with it since.
    async fn go_on(&self, case_id: Uuid, opened_at: UnixMillis) -> Result<(), Error> {
        let fate = self.draw(2, 100);
        let label = Act::Label { add: vec![LABEL.to_owned()], remove: Vec::new() };
        let mut acts = vec![label];
        if self.draw(3, 100) < 12 {
            acts.push(Act::Prioritise(Priority::High));
        }
        let officer = self.plan.officers.get(self.draw(4, self.plan.officers.len() as u64) as usize).copied();
        let state = |to, with| Act::SetState { to, with: Box::new(with) };
        // Without an officer nobody has done anything yet.
        let fate = if officer.is_some() { fate } else { 0 };
        if fate >= 40 {
            acts.push(Act::Assign { to: officer });
        }
        match fate {
            0..60 => {}
            60..70 => acts.push(state(CaseState::InProgress, Closing::default())),
            70..78 => acts.push(Act::Snooze(Snooze::UntilReply)),
            _ => acts.push(state(
                CaseState::Resolved,
                Closing { reason: Some("-".to_owned()), ..Closing::default() },
            )),
        }
        let mut version = 1;
        for (place, act) in acts.into_iter().enumerate() {
            let wait = (place as i64 + 1) * 10 * MINUTE + self.draw(5, 2) as i64 * HOUR;
            let at = opened_at.plus(wait).min(self.plan.now);
            let staff_id = officer.unwrap_or(Uuid::nil());
            let acting = Acting { case_id, version, staff_id, act, update_due: None, news: Vec::new(), at };
            version = self.store.act_on_case(acting).await?.version;
        }
        Ok(())
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): numbers that look random and are always the same.
fn mix(number: u64) -> u64 {
    let mut it = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}
