//! Charts of a municipality as PNG, the same that the dialogue sends.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api::report as wire;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::extract::Params;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::charts;
use crate::domain::chart::{Among, ChartSpec, Picture};
use crate::domain::peer_group::Family;
use crate::domain::staff::Act;
use crate::report;

/// Kinds of charts, as they are written in the path.
const KINDS: [&str; 5] = ["bars", "trend", "family", "country", "times"];

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/municipalities/{municipality}/chart",
            Rule::SignedIn,
            "getChart",
            "A chart of a municipality as a picture; answer times are for those who read its cases",
            picture,
        )
        .asks("kind", Kind::Word(&KINDS), "`bars` (among its peers) unless it is said.")
        .asks("topic", Kind::Text(40), "Id of the topic; answer times have none.")
        .asks("family", Kind::Number(1, 5), "Peer rule; 1 unless it is said.")
        .asks("language", Kind::Text(16), "Language of the words; the country pack's unless it is said.")
        .fails(&[Code::NotAllowed])
        .gives_bytes("image/png"),
    ]
}

async fn picture(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(key): Path<String>,
    Params(asked): Params<wire::ChartQuery>,
) -> Result<Response, Problem> {
    let service = &state.service;
    let facts = service.facts.load_full();
    let id = facts.by_key(&key).ok_or(Code::NotFound)?;
    let family = Family::new(asked.family.unwrap_or(1))
        .filter(|it| facts.peer_groups.offered().contains(it))
        .ok_or_else(|| Problem::parameter("family", "this country does not offer it"))?;
    let wanted = asked.language.as_deref().unwrap_or(&facts.manifest.pack.locale);
    let locale = cabildo_messages::best_locale(wanted).unwrap_or(cabildo_messages::FALLBACK);
    let kind = asked.kind.as_deref().unwrap_or(KINDS[0]);
    let chart = if kind == "times" {
        caller.must(Act::ReadCases, &key)?;
        let now = state.clock.now();
        let work = report::read(&service.store, &key, now).await?;
        report::times(&facts, id, &work.outcomes, &service.desk.load(), locale, now)
    } else {
        let topic = asked.topic.filter(|it| facts.topic(it).is_some());
        let topic = topic.ok_or_else(|| Problem::parameter("topic", "there is no such topic"))?;
        let (release, place) = (facts.manifest.pack.release.clone(), key);
        match kind {
            "bars" => ChartSpec::Bars { release, place, topic, family },
            "trend" => ChartSpec::Trend { release, place, topic },
            "family" => ChartSpec::Distribution { release, place, topic, among: Among::Family(family) },
            "country" => ChartSpec::Distribution { release, place, topic, among: Among::Country },
            _ => return Err(Problem::parameter("kind", "there is no such chart")),
        }
    };
    // There are no figures to draw it from.
    let chart = Picture { chart, locale: locale.to_owned() };
    if charts::data(&chart.chart, &facts, locale).is_none() {
        return Err(Code::NotFound.into());
    }
    let png = service.draw(chart).await.ok_or(Code::Unavailable)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png.to_vec()).into_response())
}
