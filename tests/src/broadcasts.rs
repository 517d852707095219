//! What tests of broadcasts share: people who asked for news, and broadcasts that were let go.

use std::collections::{BTreeMap, BTreeSet};

use cabildo_bot::domain::broadcast::audience::Audience;
use cabildo_bot::domain::broadcast::{Draft, HOLD};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::staff::Scope;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::ids;
use cabildo_bot::store::Store;
use cabildo_bot::store::broadcasts::{Act, Acting, NewBroadcast};
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::inbox::{self, NewInbound, Outcome};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::demands::TLAPA;
use crate::staff::hire;
use crate::stores::inbound;

/// The first chat of a crowd.
pub const CHAT: i64 = 730_000_000;
/// The words of most broadcasts.
pub const WORDS: &str = "El viernes hay junta de agua en el auditorio.";

/// What a message of an address on a channel changes; gives the contact.
pub async fn changes(
    store: &Store,
    (channel, kind): (&str, ChannelKind),
    address: &str,
    change: Change,
    now: UnixMillis,
) -> Uuid {
    let found = store.find_contact(channel, address).await.expect("a store");
    let version = match found {
        Some(contact) => store.find_conversation(contact).await.expect("a conversation").version,
        None => 0,
    };
    let outcome = Outcome {
        state: serde_json::to_string(&Conversation::default()).expect("JSON"),
        version,
        changes: vec![inbox::Change::Demand(Box::new(change))],
        replies: Vec::new(),
        counters: None,
        folded_into: None,
        at: now,
    };
    let fresh = || ids::new_id(now);
    let (id, contact) = (fresh(), found.unwrap_or_else(fresh));
    let message = NewInbound {
        channel_id: channel.to_owned(),
        kind,
        received_at: now,
        ..inbound(address, &id.to_string(), "x")
    };
    store.answer_inbound(message, id, contact, outcome).await.expect("written");
    contact
}

/// Somebody asks for news of the water of a place.
pub async fn asks(
    store: &Store,
    on: (&str, ChannelKind),
    address: &str,
    place: &str,
    now: UnixMillis,
) -> Uuid {
    let change = Change::Subscribed {
        kind: SubscriptionKind::Topic,
        topic: "agua".to_owned(),
        municipality: place.to_owned(),
        consent: 1,
    };
    changes(store, on, address, change, now).await
}

/// So many chats of the channel `tg`, from [`CHAT`] on, ask for news of Tlapa.
pub async fn crowd(store: &Store, chats: i64, now: UnixMillis) {
    let mut writing = JoinSet::new();
    for chat in 0..chats {
        let store = store.clone();
        writing.spawn(async move {
            let address = (CHAT + chat).to_string();
            asks(&store, ("tg", ChannelKind::Telegram), &address, TLAPA, now).await
        });
        if writing.len() >= 16 {
            writing.join_next().await.expect("one").expect("written");
        }
    }
    writing.join_all().await;
}

/// A broadcast to who asked for news of the water of Tlapa.
pub fn draft(channels: &[&str]) -> (Draft, Vec<Scope>) {
    let areas = vec![Scope::Municipality(TLAPA.to_owned())];
    let draft = Draft {
        title: "Junta".to_owned(),
        texts: BTreeMap::from([("es-MX".to_owned(), WORDS.to_owned())]),
        audience: Audience { places: areas.clone(), topic: Some("agua".to_owned()), ..Audience::default() },
        channels: channels.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>(),
        send_at: None,
        tags: BTreeSet::new(),
        highlight_id: None,
        highlight_version: None,
        correction_of: None,
    };
    (draft, areas)
}

/// Does an act on a broadcast.
pub async fn act(
    store: &Store,
    id: Uuid,
    staff_id: Uuid,
    act: Act,
    at: UnixMillis,
) -> Result<cabildo_bot::store::broadcasts::Acted, cabildo_bot::store::Error> {
    store.act_on_broadcast(Acting { broadcast_id: id, version: None, staff_id, act, at }, None).await
}

/// A broadcast to `people` that two approvers let go a minute before `now`, so that it begins at once.
pub async fn let_go(store: &Store, draft: Draft, areas: Vec<Scope>, people: u64, now: UnixMillis) -> Uuid {
    let at = now.plus(-HOLD);
    let id = ids::new_id(at);
    let author = hire(store, &[("editor", "country")], &[], at).await.id;
    let new = NewBroadcast { id, draft, areas, people, staff_id: author, at };
    store.open_broadcast(new, None).await.expect("opened");
    let acted = act(store, id, author, Act::Submit { people }, at).await.expect("submitted");
    let mut valid = Vec::new();
    for _ in 0..2 {
        let approver = hire(store, &[("approver", "country")], &[], at).await.id;
        let approve = Act::Approve { hash: acted.hash.clone(), people, valid: valid.clone() };
        // One may be enough.
        if act(store, id, approver, approve, at).await.is_ok() {
            valid.push(approver);
        }
    }
    id
}

/// The state of a broadcast, and how many of its people are in each state.
pub type Sums = Option<(String, BTreeMap<String, i64>)>;

const STATE: &str = "SELECT state FROM broadcasts WHERE id = $1";
const SUMS: &str = "SELECT state, COUNT(*) FROM broadcast_recipients WHERE broadcast_id = $1 GROUP BY state";

/// The same of a `SQLite` file that a service writes; `None` where it can't be read now.
pub async fn states_on_sqlite(path: &std::path::Path, id: Uuid) -> Sums {
    let mut beside = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.ok()?;
    let (state,) = sqlx::query_as(STATE).bind(id).fetch_one(&mut beside).await.ok()?;
    let sums: Vec<(String, i64)> = sqlx::query_as(SUMS).bind(id).fetch_all(&mut beside).await.ok()?;
    beside.close().await.ok()?;
    Some((state, sums.into_iter().collect()))
}

/// The same of a database on a server.
pub async fn states_on_postgres(url: &str, id: Uuid) -> Sums {
    let mut beside = PgConnection::connect(url).await.ok()?;
    let (state,) = sqlx::query_as(STATE).bind(id).fetch_one(&mut beside).await.ok()?;
    let sums: Vec<(String, i64)> = sqlx::query_as(SUMS).bind(id).fetch_all(&mut beside).await.ok()?;
    beside.close().await.ok()?;
    Some((state, sums.into_iter().collect()))
}
