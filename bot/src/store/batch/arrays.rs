//! A batch as arrays of columns, the parameters of `sql::POSTGRES` in their order.
//!
//! `PostgreSQL` reads a binary array for less than the same values as JSON. No array that the statement
//! takes single values from holds a NULL: finding a place in such a one would walk through it.

use std::borrow::Cow;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use uuid::Uuid;

use super::encode::{Wishes, choices, event_kinds, kind};
use super::{NotDone, Op, sql};
use crate::store::inbox::{NewRow, Outcome};

/// A text that `PostgreSQL` can keep: it has no NUL in one.
fn text(value: &str) -> Cow<'_, str> {
    if value.contains('\0') { Cow::Owned(value.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(value) }
}

/// A batch by columns; each array of a group is as long as the others.
#[derive(Default)]
pub(super) struct Arrays<'a> {
    item: Vec<i64>,
    op: Vec<i64>,
    id: Vec<Uuid>,
    contact_id: Vec<Uuid>,
    known: Vec<bool>,
    channel_id: Vec<Option<Cow<'a, str>>>,
    address_key: Vec<Option<&'a [u8]>>,
    address_value: Vec<Option<&'a [u8]>>,
    key_version: Vec<Option<i64>>,
    channel_kind: Vec<Option<&'a str>>,
    external_id: Vec<Option<Cow<'a, str>>>,
    origin: Vec<Option<&'a str>>,
    text: Vec<Option<Cow<'a, str>>>,
    latitude: Vec<Option<f64>>,
    longitude: Vec<Option<f64>>,
    payload: Vec<Option<Cow<'a, str>>>,
    pressed: Vec<Option<Cow<'a, str>>>,
    provider_at: Vec<Option<i64>>,
    received_at: Vec<Option<i64>>,
    fence: Vec<Option<i64>>,
    state: Vec<Option<Cow<'a, str>>>,
    version: Vec<Option<i64>>,
    at: Vec<i64>,
    wish: Vec<Option<i64>>,
    noticed: Vec<Option<i64>>,
    unknown: Vec<bool>,
    answers_hour: Vec<Option<i64>>,
    answers_in_hour: Vec<Option<i64>>,
    answers_day: Vec<Option<i64>>,
    answers_in_day: Vec<Option<i64>>,
    folded_into: Vec<Option<Uuid>>,
    refusal_key: Vec<Option<&'a [u8]>>,
    replies: Replies<'a>,
    event_place: Vec<i64>,
    event_kind: Vec<&'static str>,
    written_id: Vec<Uuid>,
    written: Vec<bool>,
    written_at: Vec<i64>,
    charge_place: Vec<i64>,
    charge_day: Vec<i64>,
    charge_amount: Vec<i64>,
}

#[derive(Default)]
struct Replies<'a> {
    place: Vec<i64>,
    id: Vec<Uuid>,
    ordinal: Vec<i64>,
    kind: Vec<&'static str>,
    body: Vec<Cow<'a, str>>,
    choices: Vec<Cow<'a, str>>,
    municipality: Vec<Option<Cow<'a, str>>>,
    edit: Vec<bool>,
    segments: Vec<i64>,
}

/// Arranges operations; their place in `operations` is their number.
pub(super) fn arrange<'a>(operations: impl Iterator<Item = &'a Op>) -> Arrays<'a> {
    let mut all = Arrays::default();
    for (item, operation) in (0_i64..).zip(operations) {
        match operation {
            Op::Accept(new) => {
                all.begin(item, 0, new.id, new.contact_id);
                all.message(new);
                all.fence.push(None);
                all.no_consequence();
            }
            Op::Answer(new, outcome) => {
                all.begin(item, 1, new.id, new.contact_id);
                all.message(new);
                all.fence.push(None);
                all.consequence(outcome);
                if let Some(charge) = new.charge {
                    all.charge_place.push(all.place());
                    all.charge_day.push(charge.day);
                    all.charge_amount.push(charge.amount);
                }
            }
            Op::Handle { id, contact_id, fence, outcome } => {
                all.begin(item, 2, *id, *contact_id);
                all.no_message();
                all.fence.push(*fence);
                all.consequence(outcome);
            }
            Op::Written { ids, written, at } => {
                for (place, id) in ids.iter().enumerate() {
                    all.written_id.push(*id);
                    all.written.push(place < *written);
                    all.written_at.push(at.0);
                }
            }
        }
    }
    all
}

impl<'a> Arrays<'a> {
    fn begin(&mut self, item: i64, op: i64, id: Uuid, contact_id: Uuid) {
        self.item.push(item);
        self.op.push(op);
        self.id.push(id);
        self.contact_id.push(contact_id);
    }

    fn message(&mut self, new: &'a NewRow) {
        let inbound = &new.inbound;
        let sealed = new.sealed.as_ref();
        self.known.push(sealed.is_none());
        self.channel_id.push(Some(text(&inbound.channel_id)));
        self.address_key.push(sealed.map(|it| it.key.as_slice()));
        self.address_value.push(sealed.map(|it| it.value.as_slice()));
        self.key_version.push(sealed.map(|it| it.version));
        self.refusal_key.push(sealed.map(|it| it.refusal_key.as_slice()));
        self.channel_kind.push(Some(inbound.kind.code()));
        self.external_id.push(Some(text(&new.external_id)));
        self.origin.push(Some(new.origin));
        self.text.push(Some(text(&inbound.text)));
        self.latitude.push(inbound.location.map(|it| it.0).filter(|it| it.is_finite()));
        self.longitude.push(inbound.location.map(|it| it.1).filter(|it| it.is_finite()));
        self.payload.push(inbound.payload.as_deref().map(text));
        self.pressed.push(inbound.pressed.as_deref().map(text));
        self.provider_at.push(inbound.provider_at.map(|it| it.0));
        self.received_at.push(Some(inbound.received_at.0));
    }

    fn no_message(&mut self) {
        self.known.push(true);
        self.channel_id.push(None);
        self.address_key.push(None);
        self.address_value.push(None);
        self.key_version.push(None);
        self.refusal_key.push(None);
        self.channel_kind.push(None);
        self.external_id.push(None);
        self.origin.push(None);
        self.text.push(None);
        self.latitude.push(None);
        self.longitude.push(None);
        self.payload.push(None);
        self.pressed.push(None);
        self.provider_at.push(None);
        self.received_at.push(None);
    }

    fn consequence(&mut self, outcome: &'a Outcome) {
        let Wishes { wish, noticed, unknown } = Wishes::of(outcome);
        self.state.push(outcome.folded_into.is_none().then(|| text(&outcome.state)));
        self.version.push(Some(outcome.version));
        self.at.push(outcome.at.0);
        self.wish.push(wish);
        self.noticed.push(noticed);
        self.unknown.push(unknown);
        let counters = outcome.counters;
        self.answers_hour.push(counters.map(|it| it.answers_hour));
        self.answers_in_hour.push(counters.map(|it| it.answers_in_hour));
        self.answers_day.push(counters.map(|it| it.answers_day));
        self.answers_in_day.push(counters.map(|it| it.answers_in_day));
        self.folded_into.push(outcome.folded_into);
        let place = self.place();
        for (ordinal, reply) in (0_i64..).zip(&outcome.replies) {
            let rendered = &reply.rendered;
            let replies = &mut self.replies;
            replies.place.push(place);
            replies.id.push(reply.id);
            replies.ordinal.push(ordinal);
            replies.kind.push(kind(rendered.kind));
            replies.body.push(text(&rendered.text));
            replies.choices.push(choices(rendered));
            replies.municipality.push(rendered.municipality.as_deref().map(text));
            replies.edit.push(rendered.edit);
            replies.segments.push(i64::from(rendered.segments));
        }
        for kind in event_kinds(outcome) {
            self.event_place.push(place);
            self.event_kind.push(kind);
        }
    }

    fn no_consequence(&mut self) {
        self.state.push(None);
        self.version.push(None);
        self.at.push(0);
        self.wish.push(None);
        self.noticed.push(None);
        self.unknown.push(false);
        self.answers_hour.push(None);
        self.answers_in_hour.push(None);
        self.answers_day.push(None);
        self.answers_in_day.push(None);
        self.folded_into.push(None);
    }

    /// The place of the last operation, from 1.
    fn place(&self) -> i64 {
        i64::try_from(self.item.len()).unwrap_or(i64::MAX)
    }

    /// The statement with these parameters.
    pub(super) fn query(&self) -> QueryAs<'_, Postgres, NotDone, PgArguments> {
        sqlx::query_as(sql::POSTGRES)
            .bind(&self.item)
            .bind(&self.op)
            .bind(&self.id)
            .bind(&self.contact_id)
            .bind(&self.known)
            .bind(&self.channel_id)
            .bind(&self.address_key)
            .bind(&self.address_value)
            .bind(&self.key_version)
            .bind(&self.channel_kind)
            .bind(&self.external_id)
            .bind(&self.origin)
            .bind(&self.text)
            .bind(&self.latitude)
            .bind(&self.longitude)
            .bind(&self.payload)
            .bind(&self.pressed)
            .bind(&self.provider_at)
            .bind(&self.received_at)
            .bind(&self.fence)
            .bind(&self.state)
            .bind(&self.version)
            .bind(&self.at)
            .bind(&self.wish)
            .bind(&self.noticed)
            .bind(&self.unknown)
            .bind(&self.answers_hour)
            .bind(&self.answers_in_hour)
            .bind(&self.answers_day)
            .bind(&self.answers_in_day)
            .bind(&self.folded_into)
            .bind(&self.replies.place)
            .bind(&self.replies.id)
            .bind(&self.replies.ordinal)
            .bind(&self.replies.kind)
            .bind(&self.replies.body)
            .bind(&self.replies.choices)
            .bind(&self.replies.municipality)
            .bind(&self.replies.edit)
            .bind(&self.replies.segments)
            .bind(&self.event_place)
            .bind(&self.event_kind)
            .bind(&self.written_id)
            .bind(&self.written)
            .bind(&self.written_at)
            .bind(&self.charge_place)
            .bind(&self.charge_day)
            .bind(&self.charge_amount)
            .bind(&self.refusal_key)
    }
}
