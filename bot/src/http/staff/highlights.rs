//! Cards about what worked: lists, one whole, whom one is for, and what a story could be asked of. What is published
//! is read by all who write or approve; the rest where they do so.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::highlight as wire;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{Names, keys, person, place_name};
use super::compose::channel;
use super::desk_act::within;
use super::extract::{Body, Id, Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::told::with_setting;
use crate::channels::render::highlight_card;
use crate::domain::broadcast;
use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::domain::highlight::candidates::{self, Candidate};
use crate::domain::highlight::card::{self, Card, Finding, Moved, SEGMENTS, Text};
use crate::domain::pack::{Direction, localized};
use crate::domain::small_numbers::{LEAST, STEP};
use crate::domain::staff::Act;
use crate::store::desk::{Page, Within};
use crate::store::highlights::{FullHighlight, Sign, SignKind, State as CardState, Wanted};

/// Who reads cards.
pub(super) const READERS: Rule = Rule::MayAny(&[Act::Write, Act::Approve]);

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let get = Method::GET;
    vec![
        Route::new(
            get.clone(),
            "/staff/v1/highlights",
            READERS,
            "listHighlights",
            "Cards, the newest first",
            list,
        )
        .asks("state", Kind::Word(STATES), "In this state; all unless it is said.")
        .asks("municipality", Kind::Text(400), "Official keys, with commas.")
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::HighlightList>(200),
        Route::new(get.clone(), "/staff/v1/highlights/{id}", READERS, "getHighlight", "One card, whole", one)
            .gives::<wire::Highlight>(200),
        Route::new(
            get.clone(),
            "/staff/v1/highlights/{id}/audience",
            READERS,
            "getHighlightAudience",
            "Municipalities that a card is for",
            audience,
        )
        .gives::<wire::HighlightAudience>(200),
        Route::new(
            Method::POST,
            "/staff/v1/highlights/check",
            Rule::May(Act::Write),
            "checkHighlight",
            "What a card would be: its figure, personal data in it, and its text by language and channel",
            check,
        )
        .again()
        .takes::<wire::HighlightProposal>()
        .gives::<wire::HighlightCheck>(200),
        Route::new(
            get,
            "/staff/v1/highlight-candidates",
            READERS,
            "listHighlightCandidates",
            "Municipalities that a story could be asked of, by a published rule",
            suggested,
        )
        .asks("municipality", Kind::Text(400), "Official keys, with commas.")
        .gives::<wire::HighlightCandidates>(200),
    ]
}

/// Codes of all states.
const STATES: &[&str] = &["draft", "in_review", "published", "withdrawn"];

/// Whether somebody may read a card.
fn reads(caller: &Caller, it: &Card) -> bool {
    let here = |act| caller.staff.may_in(act, &it.municipality);
    it.state == CardState::Published || here(Act::Write) || here(Act::Approve)
}

/// A card that the caller may read; one that it may not is as one that is not there.
pub(super) async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<FullHighlight, Problem> {
    let found = state.service.store.get_full_highlight(id).await?;
    if reads(caller, &found.card) { Ok(found) } else { Err(Code::NotFound.into()) }
}

/// A card as a list shows it.
pub(super) fn row(state: &StaffState, it: &Card) -> wire::HighlightRow {
    wire::HighlightRow {
        id: it.id,
        code: it.code,
        state: it.state.code().to_owned(),
        version: it.version,
        municipality_name: place_name(state, &it.municipality),
        municipality: it.municipality.clone(),
        theme: it.text.theme.code().to_owned(),
        topic: it.topic.clone(),
        title: it.text.title.clone(),
        created_at: it.created_at.0,
        updated_at: it.updated_at.0,
        published_at: it.published_at.map(|it| it.0),
    }
}

/// The figure of a topic that moved in a municipality.
pub(super) fn moved(facts: &Facts, municipality: &str, topic: &str) -> Result<Moved, Problem> {
    let id = facts.by_key(municipality);
    let id = id.ok_or_else(|| Problem::invalid("municipality", "there is no such municipality"))?;
    let topic = facts.topic(topic).ok_or_else(|| Problem::invalid("topic", "there is no such topic"))?;
    card::moved(facts, id, topic).map_err(|why| Problem::invalid("topic", why.to_string()))
}

fn indicator(facts: &Facts, topic: &str, it: &Moved) -> Option<wire::HighlightIndicator> {
    let (series, topic) = (facts.series(&it.series)?, facts.topic(topic)?);
    Some(wire::HighlightIndicator {
        series: it.series.clone(),
        label: localized(&topic.label, &facts.manifest.pack.locale).to_owned(),
        unit: series.unit.clone(),
        lower_is_better: series.direction == Direction::Lower,
        before_year: it.before.0.into(),
        before: it.before.1.to_string(),
        after_year: it.after.0.into(),
        after: it.after.1.to_string(),
        source: series.tag.clone(),
    })
}

fn finding(it: Finding) -> wire::HighlightFinding {
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    wire::HighlightFinding {
        field: it.field.to_owned(),
        kind: it.kind.code().to_owned(),
        start: number(it.chars.0),
        end: number(it.chars.1),
    }
}

/// What a card is in each language, on each channel; and whether it fits as an SMS in all of them.
pub(super) fn previews(state: &StaffState, it: &Card) -> (Vec<wire::HighlightPreview>, bool) {
    let mut fits = true;
    let languages = cabildo_messages::languages().into_iter().map(|language| {
        let rendered = |kind: ChannelKind| {
            with_setting(state, kind, Some(language.tag), |setting| highlight_card(it, setting))
        };
        fits &= rendered(ChannelKind::Sms).segments <= SEGMENTS;
        let channels = state.service.gateways.iter().map(|(id, gateway)| {
            channel(state, id.clone(), gateway.kind(), 0, rendered(gateway.kind()).text)
        });
        wire::HighlightPreview { language: language.tag.to_owned(), channels: channels.collect() }
    });
    (languages.collect(), fits)
}

/// A text as staff wrote it.
pub(super) fn read_text(given: wire::HighlightText) -> Result<Text, Problem> {
    let theme = given.theme.parse().map_err(|_| Problem::invalid("theme", "there is no such theme"))?;
    let wire::HighlightText { theme: _, title, done, cost, contact, learned, evidence, sdg } = given;
    Text { theme, title, done, cost, contact, learned, evidence, sdg }
        .checked()
        .map_err(|(field, why)| Problem::invalid(field, why))
}

fn write_text(it: &Text) -> wire::HighlightText {
    wire::HighlightText {
        theme: it.theme.code().to_owned(),
        title: it.title.clone(),
        done: it.done.clone(),
        cost: it.cost.clone(),
        contact: it.contact.clone(),
        learned: it.learned.clone(),
        evidence: it.evidence.clone(),
        sdg: it.sdg,
    }
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::HighlightQuery>,
) -> Result<Json<wire::HighlightList>, Problem> {
    let limit = page_size(asked.limit)?;
    let wrong = |_| Problem::parameter("state", "there is no such state");
    let wanted = Wanted {
        state: asked.state.as_deref().map(str::parse).transpose().map_err(wrong)?,
        places: keys(asked.municipality.as_deref()),
    };
    let (writes, approves) = (within(&caller, Act::Write), within(&caller, Act::Approve));
    let here =
        Within { country: writes.country || approves.country, keys: [writes.keys, approves.keys].concat() };
    let page = Page { after: asked.after, limit: limit + 1 };
    let mut found = state.service.store.list_highlights(&wanted, &here, page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| it.id);
    Ok(Json(wire::HighlightList { items: found.iter().map(|it| row(&state, it)).collect(), next }))
}

fn sign(names: &Names, it: &Sign) -> wire::HighlightSign {
    wire::HighlightSign { by: person(names, Some(it.staff_id)), at: it.at.0 }
}

async fn one(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::Highlight>, Problem> {
    let it = find(&state, &caller, id).await?;
    let facts = state.service.facts.load();
    let card = &it.card;
    let officers = it.signs.iter().map(|it| it.staff_id).chain(it.adoptions.iter().map(|it| it.staff_id));
    let names = state.service.store.staff_names(officers.chain([card.author_id])).await?;
    let signs = |kind: SignKind| it.signs.iter().filter(move |it| it.kind == kind).map(|it| sign(&names, it));
    let moved = moved(&facts, &card.municipality, &card.topic).ok();
    let here = |act| caller.staff.may_in(act, &card.municipality);
    let step = |count: u64| Some(count / STEP * STEP).filter(|it| *it > 0);
    let [yes, half, no] = it.helped.map(step);
    Ok(Json(wire::Highlight {
        row: row(&state, card),
        indicator: moved.as_ref().and_then(|it| indicator(&facts, &card.topic, it)),
        text: write_text(&card.text),
        editable: here(Act::Write) && card.state != CardState::Published,
        withdrawable: (here(Act::Write) || here(Act::Approve)) && card.state != CardState::Withdrawn,
        outdated: card.state == CardState::Published && !card::stands(&facts, card),
        approvable: here(Act::Approve) && card.state == CardState::InReview && !it.wrote(caller.staff.id),
        hash: moved.as_ref().map(|it| card::hash(card, it)).unwrap_or_default(),
        author: wire::HighlightSign { by: person(&names, Some(card.author_id)), at: card.created_at.0 },
        editors: signs(SignKind::Edited).collect(),
        approvals: signs(SignKind::Approved).collect(),
        cleared: signs(SignKind::Cleared).next(),
        findings: card.text.findings().into_iter().map(finding).collect(),
        reason: card.reason.clone(),
        previews: previews(&state, card).0,
        feedback: wire::HighlightFeedback { yes, half, no },
        adoptions: it
            .adoptions
            .iter()
            .map(|it| wire::HighlightAdoption {
                municipality: it.municipality.clone(),
                municipality_name: place_name(&state, &it.municipality),
                learned_from: it.learned_from.clone(),
                learned_from_name: place_name(&state, &it.learned_from),
                adopted_on: it.adopted_on.clone(),
                reported: wire::HighlightSign { by: person(&names, Some(it.staff_id)), at: it.at },
            })
            .collect(),
    }))
}

/// A number of people before anything goes to them.
fn rounded(people: u64) -> String {
    broadcast::rounded(people).map_or_else(|| format!("<{LEAST}"), |it| it.to_string())
}

async fn audience(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::HighlightAudience>, Problem> {
    let it = find(&state, &caller, id).await?;
    let facts = state.service.facts.load();
    let own = facts.by_key(&it.card.municipality);
    let peers = own.map(|id| facts.peer_groups.similar(id, facts.ids())).unwrap_or_default();
    let place = |id| wire::HighlightPlace {
        municipality: facts.municipality(id).key.clone(),
        municipality_name: facts.municipality(id).display_name().to_owned(),
        state_name: facts.state_of(id).name.clone(),
    };
    let near: Vec<String> = peers.iter().map(|it| facts.municipality(*it).key.clone()).collect();
    let subscribers = state.service.store.count_askers(&near, Some(&it.card.topic)).await?;
    Ok(Json(wire::HighlightAudience {
        rule: facts.manifest.peers.version.clone(),
        municipalities: peers.into_iter().map(place).collect(),
        subscribers: rounded(subscribers),
    }))
}

async fn check(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Body(new): Body<wire::HighlightProposal>,
) -> Result<Json<wire::HighlightCheck>, Problem> {
    let facts = state.service.facts.load();
    let moved = moved(&facts, &new.municipality, &new.topic)?;
    caller.must(Act::Write, &new.municipality)?;
    let text = read_text(new.text)?;
    let card = draft(&state, &caller, new.municipality, new.topic, text);
    let indicator = indicator(&facts, &card.topic, &moved).ok_or(Code::Internal)?;
    let findings = card.text.findings().into_iter().map(finding).collect();
    let (previews, fits) = previews(&state, &card);
    Ok(Json(wire::HighlightCheck { indicator, findings, previews, fits }))
}

/// A card that is not proposed yet, with a number as long as those are.
pub(super) fn draft(
    state: &StaffState,
    caller: &Caller,
    municipality: String,
    topic: String,
    text: Text,
) -> Card {
    let now = state.clock.now();
    Card {
        id: state.service.ids.id(now),
        code: 999,
        state: CardState::Draft,
        version: 0,
        municipality,
        topic,
        text,
        author_id: caller.staff.id,
        reason: None,
        approved: None,
        created_at: now,
        updated_at: now,
        published_at: None,
    }
}

async fn suggested(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::HighlightCandidateQuery>,
) -> Result<Json<wire::HighlightCandidates>, Problem> {
    let facts = state.service.facts.load_full();
    let wanted = keys(asked.municipality.as_deref());
    let here = |key: &str| {
        (caller.staff.may_in(Act::Write, key) || caller.staff.may_in(Act::Approve, key))
            && (wanted.is_empty() || wanted.iter().any(|it| key.starts_with(it.as_str())))
    };
    // All municipalities are gone through: not beside what waits for this thread.
    let reading = Arc::clone(&facts);
    let found = tokio::task::spawn_blocking(move || {
        let all = candidates::series(&reading);
        all.into_iter().flat_map(|series| candidates::candidates(&reading, series)).collect::<Vec<_>>()
    });
    let found = found.await.map_err(|_| Code::Internal)?;
    let items = found.iter().filter(|it| here(&facts.municipality(it.municipality).key));
    Ok(Json(wire::HighlightCandidates {
        rule: candidates::RULE.to_owned(),
        items: items.filter_map(|it| candidate(&facts, it)).collect(),
    }))
}

fn candidate(facts: &Facts, it: &Candidate) -> Option<wire::HighlightCandidate> {
    let topic = facts.manifest.topics.iter().find(|topic| topic.series.contains(&it.series))?;
    let [.., before, after] = it.values[..] else { return None };
    let moved = Moved { series: it.series.clone(), before, after };
    let municipality = facts.municipality(it.municipality);
    Some(wire::HighlightCandidate {
        municipality: municipality.key.clone(),
        municipality_name: municipality.display_name().to_owned(),
        topic: topic.id.clone(),
        indicator: indicator(facts, &topic.id, &moved)?,
        group_change: it.group_change().to_string(),
        rank: it.rank,
        size: it.size,
    })
}
