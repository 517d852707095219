//! What staff do to a card. Each act names the version that it was decided on, those of a second person the hash, too;
//! act, entry of the audit trail, event and answer are one transaction.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::{broadcast, highlight as wire};
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::broadcast_acts;
use super::commitments::date;
use super::desk_act::{answer as answer_of, audit, text};
use super::extract::{Body, Id};
use super::highlights::{READERS, draft, find, moved, previews, read_text, row};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::with_setting;
use crate::channels::render::highlight_text;
use crate::domain::calendar::iso_day;
use crate::domain::channel::ChannelKind;
use crate::domain::highlight::card::{self, Card, State as Stage, Text};
use crate::domain::staff::Act as Allowed;
use crate::store;
use crate::store::highlights::{Act, Acted, Acting, FullHighlight, NewHighlight};
use crate::store::staff::Attempt;

/// The longest reason, characters.
const REASON: usize = 400;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let post = Method::POST;
    macro_rules! act {
        ($rule:expr, $path:literal, $name:literal, $summary:literal, $handler:ident, $body:ident) => {
            Route::new(
                post.clone(),
                concat!("/staff/v1/highlights/{id}/", $path),
                $rule,
                $name,
                $summary,
                $handler,
            )
            .takes::<wire::$body>()
            .gives::<wire::HighlightDone>(200)
            .fails(&[Code::StateConflict])
        };
    }
    let (write, approve) = (Rule::May(Allowed::Write), Rule::May(Allowed::Approve));
    vec![
        Route::new(
            post.clone(),
            "/staff/v1/highlights",
            write,
            "proposeHighlight",
            "Proposes a card; its figures come from the data in use",
            propose,
        )
        .takes::<wire::HighlightProposal>()
        .gives::<wire::HighlightDone>(201),
        act!(write, "edit", "editHighlight", "Writes a card anew; it is a draft again", edit, HighlightEdit),
        act!(write, "submit", "submitHighlight", "Hands a card in for review", submit, HighlightSubmit),
        act!(
            READERS,
            "clear",
            "clearHighlight",
            "Somebody else found what the check found harmless",
            clear,
            HighlightSignature
        ),
        act!(
            approve,
            "approve",
            "approveHighlight",
            "Somebody who did not write a card publishes it",
            approve_card,
            HighlightSignature
        ),
        act!(
            approve,
            "reject",
            "rejectHighlight",
            "Gives a card back to its author",
            reject,
            HighlightRefusal
        ),
        act!(
            READERS,
            "withdraw",
            "withdrawHighlight",
            "Nobody is shown a card any more",
            withdraw,
            HighlightRefusal
        ),
        act!(
            write,
            "adopt",
            "adoptHighlight",
            "Reports that a municipality took a practice over",
            adopt,
            HighlightAdoptionReport
        ),
        act!(
            write,
            "broadcasts",
            "broadcastHighlight",
            "Begins a broadcast of a card to municipalities like its own",
            tell,
            HighlightBroadcast
        )
        .gives::<broadcast::BroadcastDone>(201),
    ]
}

/// What an act led to.
fn done(id: Uuid, it: &Acted) -> wire::HighlightDone {
    wire::HighlightDone { id, code: it.code, version: it.version, state: it.state.code().to_owned() }
}

/// Refuses a card whose figure is gone, or that is too long as an SMS.
fn fits(state: &StaffState, card: &Card) -> Result<(), Problem> {
    moved(&state.service.facts.load(), &card.municipality, &card.topic)?;
    if previews(state, card).1 {
        return Ok(());
    }
    Err(Problem::invalid("done", "the card takes more than two segments"))
}

/// A write on a card, as its guard let it through.
struct Doing<'a> {
    state: &'a Arc<StaffState>,
    caller: &'a Caller,
    once: Attempt,
    /// What belongs to it in the audit trail.
    detail: serde_json::Value,
}

impl Doing<'_> {
    async fn run(self, id: Uuid, version: i64, act: Act) -> Result<Response, Problem> {
        let service = &self.state.service;
        let entry = audit(self.state, self.caller, act.code(), "highlight", &id.to_string(), self.detail);
        let shown = move |it: &Acted| answer_of(200, &done(id, it));
        let write = service.store.staff_write(Some(self.once), entry, shown);
        let at = self.state.clock.now();
        let acting = Acting { highlight_id: id, version, staff_id: self.caller.staff.id, act, at };
        match service.store.act_on_highlight(acting, Some(write)).await {
            Ok(acted) => {
                remember(self.state).await;
                Ok(json_response(shown(&acted)))
            }
            Err(store::Error::Conflict) => {
                let there = find(self.state, self.caller, id).await?;
                Err(Problem::conflict(&row(self.state, &there.card)))
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

/// What is published or withdrawn here is so for the next message; other processes see it within seconds.
async fn remember(state: &StaffState) {
    if let Err(problem) = state.service.refresh_highlights().await {
        tracing::warn!(%problem, "the cards could not be read again; the next round does");
    }
}

/// A card to which the caller may do something.
async fn workable(
    state: &StaffState,
    caller: &Caller,
    acts: &[Allowed],
    id: Uuid,
) -> Result<FullHighlight, Problem> {
    let it = find(state, caller, id).await?;
    let may = acts.iter().any(|act| caller.staff.may_in(*act, &it.card.municipality));
    if may { Ok(it) } else { Err(Code::NotAllowed.into()) }
}

/// Refuses who wrote a part of the card, and who saw something else than what it is.
fn second(
    state: &StaffState,
    caller: &Caller,
    it: &FullHighlight,
    seen: &wire::HighlightSignature,
) -> Result<(), Problem> {
    if it.wrote(caller.staff.id) {
        return Err(Problem::new(Code::NotAllowed, "highlight_own"));
    }
    let now = moved(&state.service.facts.load(), &it.card.municipality, &it.card.topic);
    let now = now.map_err(|_| Problem::new(Code::StateConflict, "highlight_figure_is_gone"))?;
    let same = it.card.version == seen.version && card::hash(&it.card, &now) == seen.hash;
    if same { Ok(()) } else { Err(Problem::conflict(&row(state, &it.card))) }
}

async fn propose(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::HighlightProposal>,
) -> Result<Response, Problem> {
    let wire::HighlightProposal { municipality, topic, text } = new;
    moved(&state.service.facts.load(), &municipality, &topic)?;
    caller.must(Allowed::Write, &municipality)?;
    let card = draft(&state, &caller, municipality, topic, read_text(text)?);
    fits(&state, &card)?;
    let Card { id, municipality, topic, text, .. } = card;
    let detail = json!({ "municipality": municipality, "topic": topic });
    let entry = audit(&state, &caller, "highlight_proposed", "highlight", &id.to_string(), detail);
    let shown = move |it: &Acted| answer_of(201, &done(id, it));
    let write = state.service.store.staff_write(Some(once), entry, shown);
    let (staff_id, at) = (caller.staff.id, state.clock.now());
    let new = NewHighlight { id, municipality, topic, text, staff_id, at };
    let acted = state.service.store.propose_highlight(new, Some(write)).await?;
    Ok(json_response(shown(&acted)))
}

async fn edit(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightEdit>,
) -> Result<Response, Problem> {
    let it = workable(&state, &caller, &[Allowed::Write], id).await?;
    let text: Text = read_text(new.text)?;
    fits(&state, &Card { text: text.clone(), ..it.card })?;
    let act = Act::Edit(text);
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}

async fn submit(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightSubmit>,
) -> Result<Response, Problem> {
    let it = workable(&state, &caller, &[Allowed::Write], id).await?;
    fits(&state, &it.card)?;
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, Act::Submit).await
}

async fn clear(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightSignature>,
) -> Result<Response, Problem> {
    let it = workable(&state, &caller, &[Allowed::Write, Allowed::Approve], id).await?;
    second(&state, &caller, &it, &new)?;
    let kinds: Vec<&str> = it.card.text.findings().iter().map(|it| it.kind.code()).collect();
    let detail = json!({ "hash": new.hash, "kinds": kinds });
    let act = Act::Clear { hash: new.hash };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn approve_card(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightSignature>,
) -> Result<Response, Problem> {
    let it = workable(&state, &caller, &[Allowed::Approve], id).await?;
    second(&state, &caller, &it, &new)?;
    fits(&state, &it.card)?;
    let detail = json!({ "hash": new.hash });
    let act = Act::Approve { hash: new.hash };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn reject(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightRefusal>,
) -> Result<Response, Problem> {
    workable(&state, &caller, &[Allowed::Approve], id).await?;
    text("reason", &new.reason, REASON)?;
    let act = Act::Reject { reason: new.reason.trim().to_owned() };
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}

async fn withdraw(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightRefusal>,
) -> Result<Response, Problem> {
    workable(&state, &caller, &[Allowed::Write, Allowed::Approve], id).await?;
    text("reason", &new.reason, REASON)?;
    let act = Act::Withdraw { reason: new.reason.trim().to_owned() };
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}

async fn adopt(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightAdoptionReport>,
) -> Result<Response, Problem> {
    let it = find(&state, &caller, id).await?;
    let facts = state.service.facts.load();
    if facts.by_key(&new.municipality).is_none() {
        return Err(Problem::invalid("municipality", "there is no such municipality"));
    }
    // Where it was taken over, whoever wrote the card.
    caller.must(Allowed::Write, &new.municipality)?;
    date("adopted_on", Some(&new.adopted_on))?;
    let today = iso_day(&facts.manifest.pack.time_zone, state.clock.now()).unwrap_or_default();
    if new.adopted_on > today {
        return Err(Problem::invalid("adopted_on", "name a day that is past"));
    }
    let learned_from = new.learned_from.unwrap_or(it.card.municipality);
    let detail = json!({ "municipality": new.municipality, "learned_from": learned_from });
    let act = Act::Adopt { municipality: new.municipality, learned_from, adopted_on: new.adopted_on };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn tell(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::HighlightBroadcast>,
) -> Result<Response, Problem> {
    let card = find(&state, &caller, id).await?.card;
    if card.state != Stage::Published {
        return Err(Problem::new(Code::StateConflict, "highlight_state"));
    }
    let texts = cabildo_messages::languages().into_iter().map(|language| {
        // In full letters: each channel makes its own of it.
        let text = with_setting(&state, ChannelKind::Telegram, Some(language.tag), |setting| {
            highlight_text(&card, setting)
        });
        broadcast::BroadcastText { language: language.tag.to_owned(), text }
    });
    let audience = broadcast::BroadcastAudience {
        peers_of: Some(card.municipality.clone()),
        topic: Some(card.topic.clone()),
        ..broadcast::BroadcastAudience::default()
    };
    let draft = broadcast::BroadcastDraft {
        title: format!("{}: {}", card.code, card.text.title),
        texts: texts.collect(),
        audience,
        channels: new.channels,
        send_at: new.send_at,
        tags: Vec::new(),
        highlight_id: Some(id),
    };
    let (draft, areas) = broadcast_acts::read(&state, &caller, draft, None).await?;
    if draft.highlight_version != Some(new.version) || card.version != new.version {
        return Err(Problem::conflict(&row(&state, &card)));
    }
    broadcast_acts::open(&state, &caller, once, draft, areas).await
}
