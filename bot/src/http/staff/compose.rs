//! What a text would be and cost before it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::act as wire;

use super::StaffState;
use super::acts::LONGEST;
use super::auth::{Caller, Rule};
use super::cases;
use super::desk_act::text;
use super::extract::Body;
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::{known, with_setting};
use crate::channels::render;
use crate::channels::sms::segments;
use crate::domain::case::Folio;
use crate::domain::channel::ChannelKind;
use crate::domain::placeholders;
use crate::domain::staff::Act;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::MayAny(&[Act::WorkCases, Act::EditReplies, Act::Moderate, Act::ReadUnknown]);
    let summary = "What a text would be and cost, by channel of who gets it";
    vec![
        Route::new(Method::POST, "/staff/v1/preview", rule, "previewText", summary, preview)
            .again()
            .takes::<wire::PreviewRequest>()
            .gives::<wire::Preview>(200)
            .fails(&[Code::NotFound]),
    ]
}

/// A channel, its kind, and how many are told on it.
type Ways = BTreeMap<String, (ChannelKind, u64)>;

async fn preview(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Body(new): Body<wire::PreviewRequest>,
) -> Result<Json<wire::Preview>, Problem> {
    text("text", &new.text, 4 * LONGEST)?;
    let mut ways = Ways::new();
    let mut values = BTreeMap::new();
    let mut folio: Option<Folio> = None;
    if let Some(id) = new.case {
        let case = cases::find(&state, &caller, id).await?;
        folio = (!case.confidentiality.sealed()).then_some(case.folio);
        values = known(&state, &case, new.language.as_deref());
        // A reply goes to who opened it.
        if let Some(told) = state.service.store.list_told(id).await?.first() {
            let contact = state.service.store.get_contact(told.contact_id).await?;
            ways.insert(contact.channel_id, (told.channel, 1));
        }
    } else {
        let gateways = state.service.gateways.iter().map(|(id, it)| (id.clone(), (it.kind(), 0)));
        ways.extend(gateways);
    }
    let filled = placeholders::fill(&new.text, &values)
        .map_err(|wrong| Problem::invalid("text", wrong.to_string()))?;
    let channels = ways.into_iter().map(|(channel, (kind, recipients))| {
        let rendered = with_setting(&state, kind, new.language.as_deref(), |setting| {
            render::staff_text(&filled.text, folio, setting)
        });
        let shown = rendered.map_or_else(|| segments::transliterate(&filled.text), |it| it.text);
        self::channel(&state, channel, kind, recipients, shown)
    });
    Ok(Json(wire::Preview { channels: channels.collect(), missing: filled.missing }))
}

/// What a text that is put into words is on a channel; for so many, or for one where nobody says how many.
pub(super) fn channel(
    state: &StaffState,
    channel: String,
    kind: ChannelKind,
    recipients: u64,
    text: String,
) -> wire::PreviewChannel {
    let size = segments::segment(&text);
    let sms = kind == ChannelKind::Sms;
    let room = match size.segments {
        0 | 1 => size.encoding.single(),
        many => many * size.encoding.concatenated(),
    };
    let segments = if sms { size.segments as u64 } else { 1 };
    wire::PreviewChannel {
        price: state.service.sending.answer_price(&channel, segments as u32) * recipients.max(1) as i64,
        channel,
        kind: match kind {
            ChannelKind::Sms => "sms",
            ChannelKind::Telegram => "telegram",
            ChannelKind::Ussd => "ussd",
        }
        .to_owned(),
        encoding: if sms { size.encoding.code() } else { "utf8" }.to_owned(),
        units: if sms { size.units } else { text.chars().count() } as u64,
        left: if sms { room.saturating_sub(size.units) as u64 } else { 0 },
        segments,
        first_offending: size.offending.filter(|_| sms).map(String::from),
        recipients,
        text,
    }
}
