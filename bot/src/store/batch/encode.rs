//! A batch for `SQLite` as JSON arrays: one row an operation, one a reply, one an event, one a note of
//! writing, one a charge. Ids and byte strings travel as hexadecimal digits.

use std::borrow::Cow;
use std::fmt::Write as _;

use uuid::Uuid;

use super::Op;
use crate::channels::render::{Rendered, ReplyKind};
use crate::store::inbox::{Change, NewRow, Outcome};
use crate::store::outbox::NewReply;

/// The parameters of the batch statement, in their order.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) operations: String,
    pub(super) replies: String,
    pub(super) events: String,
    pub(super) written: String,
    pub(super) charges: String,
}

/// What the contact wished last in an outcome.
const STOP: i64 = 1;
const START: i64 = 2;

/// Writes one row of an array of arrays.
struct Row<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Row<'a> {
    fn new(out: &'a mut String) -> Self {
        out.push(if out.is_empty() { '[' } else { ',' });
        out.push('[');
        Self { out, first: true }
    }

    fn comma(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
    }

    fn int(&mut self, value: i64) -> &mut Self {
        self.comma();
        // Writing into a string can't fail.
        let _ = write!(self.out, "{value}");
        self
    }

    fn null(&mut self) -> &mut Self {
        self.comma();
        self.out.push_str("null");
        self
    }

    fn nulls(&mut self, count: usize) -> &mut Self {
        for _ in 0..count {
            self.null();
        }
        self
    }

    fn maybe_int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    fn real(&mut self, value: Option<f64>) -> &mut Self {
        match value {
            // JSON has no other numbers.
            Some(value) if value.is_finite() => {
                self.comma();
                let _ = write!(self.out, "{value:?}");
                self
            }
            _ => self.null(),
        }
    }

    /// A plain code of ours: letters and underscores.
    fn code(&mut self, value: &'static str) -> &mut Self {
        self.comma();
        self.out.push('"');
        self.out.push_str(value);
        self.out.push('"');
        self
    }

    fn text(&mut self, value: &str) -> &mut Self {
        self.comma();
        quote(self.out, value);
        self
    }

    fn maybe_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    fn hex(&mut self, value: &[u8]) -> &mut Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.comma();
        self.out.push('"');
        for byte in value {
            self.out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self.out.push('"');
        self
    }

    fn id(&mut self, value: Uuid) -> &mut Self {
        self.hex(value.as_bytes())
    }

    fn end(self) {
        self.out.push(']');
    }
}

/// A JSON string (RFC 8259, section 7).
fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..at]);
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            // PostgreSQL keeps no NUL in a text.
            0 => out.push('\u{fffd}'),
            other => {
                let _ = write!(out, "\\u{other:04x}");
            }
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

/// Encodes operations; their place in `operations` is their number.
pub(super) fn encode<'a>(operations: impl Iterator<Item = &'a Op>) -> Encoded {
    let mut all = Encoded::default();
    for (item, operation) in (0_i64..).zip(operations) {
        match operation {
            Op::Accept(new) => {
                let mut row = Row::new(&mut all.operations);
                row.int(item).int(0);
                message(&mut row, new);
                row.null();
                row.nulls(OUTCOME);
                refusal(&mut row, new);
                row.end();
            }
            Op::Answer(new, outcome) => {
                let mut row = Row::new(&mut all.operations);
                row.int(item).int(1);
                message(&mut row, new);
                row.null();
                consequence(&mut row, outcome);
                refusal(&mut row, new);
                row.end();
                follow(&mut all, item, outcome);
                if let Some(charge) = new.charge {
                    let mut row = Row::new(&mut all.charges);
                    row.int(item).int(charge.day).int(charge.amount);
                    row.end();
                }
            }
            Op::Handle { id, contact_id, fence, outcome } => {
                let mut row = Row::new(&mut all.operations);
                row.int(item).int(2).id(*id).id(*contact_id).int(1).nulls(14);
                row.maybe_int(*fence);
                consequence(&mut row, outcome);
                row.end();
                follow(&mut all, item, outcome);
            }
            Op::Written { ids, written, at } => {
                for (place, id) in ids.iter().enumerate() {
                    let mut row = Row::new(&mut all.written);
                    row.id(*id).int(i64::from(place < *written)).int(at.0);
                    row.end();
                }
            }
        }
    }
    for array in [&mut all.operations, &mut all.replies, &mut all.events, &mut all.written, &mut all.charges]
    {
        array.push_str(if array.is_empty() { "[]" } else { "]" });
    }
    all
}

/// Columns 2 to 18: the message and its contact.
fn message(row: &mut Row<'_>, new: &NewRow) {
    let inbound = &new.inbound;
    row.id(new.id).id(new.contact_id).int(i64::from(new.sealed.is_none())).text(&inbound.channel_id);
    match &new.sealed {
        Some(sealed) => row.hex(&sealed.key).hex(&sealed.value).int(sealed.version),
        None => row.nulls(3),
    };
    row.code(inbound.kind.code()).text(&new.external_id).code(new.origin).text(&inbound.text);
    row.real(inbound.location.map(|it| it.0)).real(inbound.location.map(|it| it.1));
    row.maybe_text(inbound.payload.as_deref()).maybe_text(inbound.pressed.as_deref());
    row.maybe_int(inbound.provider_at.map(|it| it.0)).int(inbound.received_at.0);
}

/// Column 31, of a contact that may be new.
fn refusal(row: &mut Row<'_>, new: &NewRow) {
    if let Some(sealed) = &new.sealed {
        row.hex(&sealed.refusal_key);
    }
}

/// What the changes of an outcome say of its contact and its text.
#[derive(Default)]
pub(super) struct Wishes {
    pub(super) wish: Option<i64>,
    pub(super) noticed: Option<i64>,
    pub(super) unknown: bool,
}

impl Wishes {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let mut all = Self::default();
        for change in &outcome.changes {
            match change {
                Change::Stopped => all.wish = Some(STOP),
                Change::Started => all.wish = Some(START),
                Change::Noticed(version) => all.noticed = Some(i64::from(*version)),
                Change::NotUnderstood => all.unknown = true,
                Change::Muted
                | Change::ConversationReset
                | Change::Link(_)
                | Change::Case(_)
                | Change::Demand(_)
                | Change::Highlight(_)
                | Change::Privacy(_) => {}
            }
        }
        all
    }
}

/// The kinds of the events of an outcome, in order.
pub(super) fn event_kinds(outcome: &Outcome) -> impl Iterator<Item = &'static str> {
    let changes = outcome.changes.iter().filter_map(|change| match change {
        Change::Stopped => Some("contact_stopped"),
        Change::Started => Some("contact_started"),
        // A joining is written beside the batch, with its event.
        Change::Noticed(_)
        | Change::Link(_)
        | Change::Case(_)
        | Change::Demand(_)
        | Change::Highlight(_)
        | Change::Privacy(_) => None,
        Change::NotUnderstood => Some("text_not_understood"),
        Change::Muted => Some("thread_muted"),
        Change::ConversationReset => Some("conversation_reset"),
    });
    std::iter::once("message_handled").chain(changes)
}

/// The choices of a reply as its row has them.
pub(super) fn choices(rendered: &Rendered) -> Cow<'static, str> {
    if rendered.choices.is_empty() {
        return Cow::Borrowed("[]");
    }
    // A list of texts can always be written as JSON.
    serde_json::to_string(&rendered.choices).map_or(Cow::Borrowed("[]"), Cow::Owned)
}

/// How many columns [`consequence`] writes.
const OUTCOME: usize = 11;

/// Columns 20 to 30: what the message leads to.
fn consequence(row: &mut Row<'_>, outcome: &Outcome) {
    let Wishes { wish, noticed, unknown } = Wishes::of(outcome);
    let unknown = unknown.then_some(1);
    if outcome.folded_into.is_some() {
        row.null();
    } else {
        row.text(&outcome.state);
    }
    row.int(outcome.version).int(outcome.at.0).maybe_int(wish).maybe_int(noticed).maybe_int(unknown);
    let counters = outcome.counters;
    row.maybe_int(counters.map(|it| it.answers_hour)).maybe_int(counters.map(|it| it.answers_in_hour));
    row.maybe_int(counters.map(|it| it.answers_day)).maybe_int(counters.map(|it| it.answers_in_day));
    match outcome.folded_into {
        Some(first) => row.id(first),
        None => row.null(),
    };
}

/// The replies and events of an outcome.
fn follow(all: &mut Encoded, item: i64, outcome: &Outcome) {
    for (ordinal, reply) in (0_i64..).zip(&outcome.replies) {
        self::reply(&mut all.replies, item, ordinal, reply);
    }
    for kind in event_kinds(outcome) {
        let mut row = Row::new(&mut all.events);
        row.int(item).code(kind);
        row.end();
    }
}

fn reply(out: &mut String, item: i64, ordinal: i64, reply: &NewReply) {
    let rendered = &reply.rendered;
    let mut row = Row::new(out);
    row.int(item)
        .id(reply.id)
        .int(ordinal)
        .code(kind(rendered.kind))
        .text(&rendered.text)
        .text(&choices(rendered));
    row.maybe_text(rendered.municipality.as_deref()).int(i64::from(rendered.edit));
    row.int(i64::from(rendered.segments));
    row.end();
}

/// The code of a kind of reply, as its row has it.
pub(super) fn kind(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Answer => "answer",
        ReplyKind::Question => "question",
        ReplyKind::Notice => "notice",
        ReplyKind::Confirmation => "confirmation",
        ReplyKind::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_reads_back() {
        for text in ["", "a\"b\\c", "\n\t\u{1}\u{1f}", "¿Qué? 🙂 \u{7f}\u{2028}", "\\", "\""] {
            let mut out = String::new();
            quote(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).expect(text), text);
        }
        let mut out = String::new();
        quote(&mut out, "a\0b");
        assert_eq!(out, "\"a\u{fffd}b\"");
    }

    #[test]
    fn the_codes_of_kinds_are_those_of_serde() {
        for it in [
            ReplyKind::Answer,
            ReplyKind::Question,
            ReplyKind::Notice,
            ReplyKind::Confirmation,
            ReplyKind::Error,
        ] {
            assert_eq!(serde_json::to_value(it).expect("a text"), kind(it));
        }
    }
}
