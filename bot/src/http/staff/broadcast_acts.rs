//! What staff does to a broadcast. Act, entry of the audit trail, event and answer are one transaction. Who writes
//! or approves must reach every place that it goes to; nobody approves what she wrote on; an approval names the
//! hash that was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use cabildo_staff_api::broadcast as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::broadcasts::{READS, bound_for, find, whole};
use super::desk_act::{answer as answer_of, audit, text};
use super::extract::{Body, Id};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::with_setting;
use crate::channels::render;
use crate::config::Use;
use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::{Draft, LONGEST, LONGEST_TITLE, State as Stage, TYPED, reaches, rounded};
use crate::domain::channel::ChannelKind;
use crate::domain::highlight::card::stands;
use crate::domain::purpose::Purpose;
use crate::domain::staff::{Act as Allowed, Scope};
use crate::domain::time::UnixMillis;
use crate::store;
use crate::store::broadcasts::{Act, Acted, Acting, Broadcast, NewBroadcast, test_campaign};
use crate::store::outbox::NewOutbound;
use crate::store::staff::Attempt;

/// The longest reason of a hold or a stop, characters.
const REASON: usize = 200;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let post = Method::POST;
    let refused = &[Code::StateConflict];
    let write = Rule::May(Allowed::Write);
    let approve = Rule::May(Allowed::Approve);
    macro_rules! act {
        ($rule:expr, $path:literal, $name:literal, $summary:literal, $handler:ident, $body:ident) => {
            Route::new(post.clone(), concat!("/staff/v1/broadcasts", $path), $rule, $name, $summary, $handler)
                .takes::<wire::$body>()
                .gives::<wire::BroadcastDone>(200)
                .fails(refused)
        };
    }
    vec![
        act!(write, "", "addBroadcast", "Begins a broadcast", add, BroadcastDraft)
            .gives::<wire::BroadcastDone>(201),
        act!(
            write,
            "/{id}/edit",
            "editBroadcast",
            "Writes a broadcast anew; approvals are gone",
            edit,
            BroadcastEdit
        ),
        act!(write, "/{id}/submit", "submitBroadcast", "Asks for approvals", submit, BroadcastAct),
        act!(
            approve,
            "/{id}/approve",
            "approveBroadcast",
            "Lets a broadcast go as its hash says; nobody approves what she wrote on",
            approve_it,
            BroadcastApproval
        ),
        act!(
            READS,
            "/{id}/hold",
            "holdBroadcast",
            "Nothing goes out until it is released",
            hold,
            BroadcastHalt
        ),
        act!(
            approve,
            "/{id}/release",
            "releaseBroadcast",
            "Lets a held broadcast go on; it counts as an approval",
            release,
            BroadcastApproval
        ),
        act!(READS, "/{id}/stop", "stopBroadcast", "Ends a broadcast at once", stop, BroadcastHalt),
        act!(
            READS,
            "/{id}/withdraw",
            "withdrawBroadcast",
            "Gives a broadcast up before it is approved",
            withdraw,
            BroadcastAct
        ),
        act!(
            write,
            "/{id}/test",
            "testBroadcast",
            "Sends it, marked as a test, to the configured test addresses alone",
            test,
            BroadcastTest
        )
        .gives::<wire::BroadcastTested>(200),
        act!(
            write,
            "/{id}/correct",
            "correctBroadcast",
            "Begins a correction for those who got a broadcast",
            correct,
            BroadcastAct
        )
        .gives::<wire::BroadcastDone>(201),
    ]
}

fn done(it: &Acted) -> wire::BroadcastDone {
    wire::BroadcastDone {
        id: it.id,
        version: it.version,
        state: it.state.code().to_owned(),
        hash: it.hash.clone(),
    }
}

/// Refuses what is not allowed in all places that it goes to.
fn must(caller: &Caller, act: Allowed, areas: &[Scope]) -> Result<(), Problem> {
    if reaches(&caller.staff, act, areas) { Ok(()) } else { Err(Code::NotAllowed.into()) }
}

/// Refuses what would go out while nothing may go to many.
fn not_silent(state: &StaffState, it: &Broadcast) -> Result<(), Problem> {
    let now = state.clock.now();
    let begins = it.draft.send_at.map_or(now, |at| at.max(now));
    if state.service.silent(&it.areas, begins) {
        return Err(Problem::new(Code::StateConflict, "broadcast_veda"));
    }
    Ok(())
}

/// A write on a broadcast, as its guard let it through.
struct On {
    state: Arc<StaffState>,
    caller: Caller,
    id: Uuid,
    once: Attempt,
}

impl FromRequestParts<Arc<StaffState>> for On {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<StaffState>) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Id(id) = Id::from_request_parts(parts, state).await?;
        let Once(once) = Once::from_request_parts(parts, state).await?;
        Ok(Self { state: Arc::clone(state), caller, id, once })
    }
}

impl On {
    /// The broadcast, where the caller may do this in all its places.
    async fn must(&self, act: Allowed) -> Result<Broadcast, Problem> {
        let it = self.find().await?;
        must(&self.caller, act, &it.areas)?;
        Ok(it)
    }

    /// The broadcast, where the caller may read it.
    async fn find(&self) -> Result<Broadcast, Problem> {
        find(&self.state, &self.caller, self.id).await
    }

    /// Does it, with these words in the audit trail.
    async fn run(
        self,
        version: Option<i64>,
        detail: serde_json::Value,
        act: Act,
    ) -> Result<Response, Problem> {
        let Self { state, caller, id, once } = self;
        let store = &state.service.store;
        let entry = audit(&state, &caller, act.code(), "broadcast", &id.to_string(), detail);
        let shown = |it: &Acted| answer_of(200, &done(it));
        let write = store.staff_write(Some(once), entry, shown);
        let at = state.clock.now();
        let acting = Acting { broadcast_id: id, version, staff_id: caller.staff.id, act, at };
        match store.act_on_broadcast(acting, Some(write)).await {
            Ok(acted) => {
                state.service.broadcast_waits.notify_one();
                Ok(json_response(shown(&acted)))
            }
            Err(store::Error::Conflict) => {
                let there = find(&state, &caller, id).await?;
                Err(Problem::conflict(&whole(&state, &there).await?))
            }
            Err(store::Error::Refused(code @ "broadcast_is_own")) => {
                Err(Problem::new(Code::NotAllowed, code))
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

/// What is written, checked, and where it goes.
pub(super) async fn read(
    state: &StaffState,
    caller: &Caller,
    new: wire::BroadcastDraft,
    corrects: Option<&Broadcast>,
) -> Result<(Draft, Vec<Scope>), Problem> {
    text("title", &new.title, LONGEST_TITLE)?;
    let mut tags = BTreeSet::new();
    for it in &new.tags {
        tags.insert(it.parse().map_err(|_| Problem::invalid("tags", "it is no such tag"))?);
    }
    let mut draft = Draft {
        title: new.title.trim().to_owned(),
        texts: texts(state, new.texts)?,
        audience: Audience::default(),
        channels: channels(state, new.channels)?,
        send_at: send_at(state, new.send_at)?,
        tags,
        highlight_id: new.highlight_id,
        highlight_version: version(state, new.highlight_id).await?,
        correction_of: corrects.map(|it| it.id),
    };
    for language in draft.texts.keys() {
        for channel in &draft.channels {
            if state.service.broadcast_words(&draft, channel, Some(language), true).is_none() {
                return Err(Problem::invalid("texts", "a text takes more than three segments"));
            }
        }
    }
    let areas = match corrects {
        Some(first) => first.areas.clone(),
        None => {
            draft.audience = audience(new.audience)?;
            areas(state, &draft.audience).await?
        }
    };
    must(caller, Allowed::Write, &areas)?;
    Ok((draft, areas))
}

/// The version of the card that it tells of, which must be published.
async fn version(state: &StaffState, highlight_id: Option<Uuid>) -> Result<Option<i64>, Problem> {
    let Some(id) = highlight_id else { return Ok(None) };
    let card = state.service.store.find_highlight(id).await?;
    let card = card.filter(|it| stands(&state.service.facts.load(), it));
    card.map(|it| Some(it.version))
        .ok_or_else(|| Problem::invalid("highlight_id", "there is no such published card"))
}

fn texts(state: &StaffState, given: Vec<wire::BroadcastText>) -> Result<BTreeMap<String, String>, Problem> {
    let known = cabildo_messages::languages();
    let mut texts = BTreeMap::new();
    for it in given {
        text("texts", &it.text, LONGEST)?;
        if !known.iter().any(|one| one.tag == it.language) {
            return Err(Problem::invalid("texts", "a language is not known"));
        }
        if texts.insert(it.language, it.text.trim().to_owned()).is_some() {
            return Err(Problem::invalid("texts", "a language is written twice"));
        }
    }
    if !texts.contains_key(&state.service.facts.load().manifest.pack.locale) {
        return Err(Problem::invalid("texts", "the text in the language of the country is missing"));
    }
    Ok(texts)
}

fn channels(state: &StaffState, given: Vec<String>) -> Result<BTreeSet<String>, Problem> {
    let service = &state.service;
    for id in &given {
        let pushes = service.gateways.get(id).is_some_and(|it| it.kind() != ChannelKind::Ussd);
        let allows = service.sending.rules.get(id).is_none_or(|it| it.allows(Use::Broadcasts));
        if !pushes || !allows {
            return Err(Problem::invalid("channels", "a channel is not there, or may not be used for this"));
        }
    }
    if given.is_empty() {
        return Err(Problem::invalid("channels", "name the channels that it may take"));
    }
    Ok(given.into_iter().collect())
}

fn send_at(state: &StaffState, given: Option<i64>) -> Result<Option<UnixMillis>, Problem> {
    const LATEST: i64 = 366 * crate::domain::time::DAY;
    let latest = state.clock.now().plus(LATEST);
    match given.map(UnixMillis) {
        Some(at) if at < state.clock.now() || at > latest => {
            Err(Problem::invalid("send_at", "write an instant that is to come, within a year"))
        }
        at => Ok(at),
    }
}

fn audience(given: wire::BroadcastAudience) -> Result<Audience, Problem> {
    let unknown = |()| Problem::invalid("audience", "a place is country, state:12 or municipality:12066");
    if given.places.len() > 200 {
        return Err(Problem::invalid("audience", "name 200 places at most"));
    }
    if given
        .language
        .as_ref()
        .is_some_and(|it| !cabildo_messages::languages().iter().any(|one| one.tag == *it))
    {
        return Err(Problem::invalid("audience", "the language is not known"));
    }
    let places: Result<Vec<Scope>, Problem> =
        given.places.iter().map(|it| it.parse().map_err(unknown)).collect();
    Ok(Audience {
        places: places?,
        peers_of: given.peers_of,
        topic: given.topic,
        language: given.language,
        demand: given.demand,
    })
}

/// Where it goes: of a demand that is public, its municipality.
async fn areas(state: &StaffState, audience: &Audience) -> Result<Vec<Scope>, Problem> {
    let facts = state.service.facts.load_full();
    let areas = audience.areas(&facts).map_err(|flaw| Problem::invalid("audience", flaw.to_string()))?;
    let Some(id) = audience.demand else { return Ok(areas) };
    let demand = match state.service.store.get_demand(id).await {
        Ok(demand) if demand.published_at.is_some() && demand.merged_into.is_none() => demand,
        Ok(_) | Err(store::Error::NotFound) => {
            return Err(Problem::invalid("audience", "there is no such public demand"));
        }
        Err(problem) => return Err(problem.into()),
    };
    Ok(vec![Scope::Municipality(demand.municipality)])
}

async fn add(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::BroadcastDraft>,
) -> Result<Response, Problem> {
    let (draft, areas) = read(&state, &caller, new, None).await?;
    open(&state, &caller, once, draft, areas).await
}

/// Begins a broadcast as it was read.
pub(super) async fn open(
    state: &Arc<StaffState>,
    caller: &Caller,
    once: Attempt,
    draft: Draft,
    areas: Vec<Scope>,
) -> Result<Response, Problem> {
    let people = state.service.count_audience(&draft, &areas).await?;
    let at = state.clock.now();
    let detail = json!({ "hash": draft.hash(&areas), "corrects": draft.correction_of });
    let id = state.service.ids.id(at);
    let new = NewBroadcast { id, draft, areas, people, staff_id: caller.staff.id, at };
    let entry = audit(state, caller, "broadcast_opened", "broadcast", &id.to_string(), detail);
    let shown = |it: &Acted| answer_of(201, &done(it));
    let write = state.service.store.staff_write(Some(once), entry, shown);
    let acted = state.service.store.open_broadcast(new, Some(write)).await?;
    Ok(json_response(shown(&acted)))
}

async fn edit(on: On, Body(new): Body<wire::BroadcastEdit>) -> Result<Response, Problem> {
    let before = on.must(Allowed::Write).await?;
    let service = &on.state.service;
    let first = match before.draft.correction_of {
        Some(first) => Some(service.store.get_broadcast(first).await?),
        None => None,
    };
    let (draft, areas) = read(&on.state, &on.caller, new.draft, first.as_ref()).await?;
    let people = service.count_audience(&draft, &areas).await?;
    let detail = json!({ "hash": draft.hash(&areas) });
    on.run(Some(new.version), detail, Act::Edit { draft: Box::new(draft), areas, people }).await
}

async fn submit(on: On, Body(new): Body<wire::BroadcastAct>) -> Result<Response, Problem> {
    let it = on.must(Allowed::Write).await?;
    not_silent(&on.state, &it)?;
    words(&on.state, &it)?;
    let people = on.state.service.count_audience(&it.draft, &it.areas).await?;
    on.run(Some(new.version), json!({ "hash": it.hash }), Act::Submit { people }).await
}

async fn approve_it(on: On, Body(new): Body<wire::BroadcastApproval>) -> Result<Response, Problem> {
    let it = on.must(Allowed::Approve).await?;
    not_own(&on, &it).await?;
    let people = on.state.service.count_audience(&it.draft, &it.areas).await?;
    if it.state == Stage::Submitted {
        not_silent(&on.state, &it)?;
        words(&on.state, &it)?;
        typed(&new, &it, people)?;
    }
    let valid = on.state.service.valid_approvers(&it).await?;
    on.run(None, json!({ "hash": new.hash }), Act::Approve { hash: new.hash, people, valid }).await
}

/// Refuses an approval of what goes to very many unless it names their number as it is told now, exactly or about.
fn typed(new: &wire::BroadcastApproval, it: &Broadcast, people: u64) -> Result<(), Problem> {
    let shown = rounded(people).unwrap_or(0);
    if new.hash == it.hash && people > TYPED && new.people.and_then(rounded) != Some(shown) {
        return Err(Problem::invalid("people", format!("type the number of people: {shown}")));
    }
    Ok(())
}

/// Refuses what has no words that a channel can take.
fn words(state: &StaffState, it: &Broadcast) -> Result<(), Problem> {
    let service = &state.service;
    let fits = it.draft.texts.keys().all(|language| {
        let says = |id: &String| service.broadcast_words(&it.draft, id, Some(language), false).is_some();
        it.draft.channels.iter().all(says)
    });
    if fits { Ok(()) } else { Err(Problem::new(Code::StateConflict, "broadcast_long")) }
}

/// Refuses who wrote on it; the transaction of the act asks again.
async fn not_own(on: &On, it: &Broadcast) -> Result<(), Problem> {
    let (me, editors) = (on.caller.staff.id, on.state.service.store.list_broadcast_editors(it.id).await?);
    if it.author_id == me || editors.contains(&me) {
        return Err(Problem::new(Code::NotAllowed, "broadcast_is_own"));
    }
    Ok(())
}

async fn release(on: On, Body(new): Body<wire::BroadcastApproval>) -> Result<Response, Problem> {
    let it = on.must(Allowed::Approve).await?;
    not_own(&on, &it).await?;
    if it.state == Stage::Held {
        words(&on.state, &it)?;
        typed(&new, &it, bound_for(&it))?;
    }
    let valid = on.state.service.valid_approvers(&it).await?;
    on.run(None, json!({ "hash": new.hash }), Act::Release { hash: new.hash, valid }).await
}

/// What ends or pauses it is for who may write or approve it, in all its places.
async fn halted(on: &On, reason: &str) -> Result<(), Problem> {
    on.find().await?;
    text("reason", reason, REASON)
}

async fn hold(on: On, Body(new): Body<wire::BroadcastHalt>) -> Result<Response, Problem> {
    halted(&on, &new.reason).await?;
    on.run(None, json!({}), Act::Hold { reason: new.reason }).await
}

async fn stop(on: On, Body(new): Body<wire::BroadcastHalt>) -> Result<Response, Problem> {
    halted(&on, &new.reason).await?;
    on.run(None, json!({}), Act::Stop { reason: new.reason }).await
}

async fn withdraw(on: On, Body(new): Body<wire::BroadcastAct>) -> Result<Response, Problem> {
    on.find().await?;
    on.run(Some(new.version), json!({}), Act::Withdraw).await
}

async fn test(on: On, Body(new): Body<wire::BroadcastTest>) -> Result<Response, Problem> {
    let it = on.must(Allowed::Write).await?;
    let On { state, caller, id, once } = on;
    if matches!(it.state, Stage::Done | Stage::Stopped | Stage::Withdrawn) {
        return Err(Problem::new(Code::StateConflict, "broadcast_state"));
    }
    if !it.draft.texts.contains_key(&new.language) {
        return Err(Problem::invalid("language", "there is no text in it"));
    }
    let (service, now) = (&state.service, state.clock.now());
    let mut messages = Vec::new();
    let mut asked = 0_u64;
    for (channel, address) in service.broadcasts.addresses() {
        asked += 1;
        let words = service.broadcast_words(&it.draft, channel, Some(&new.language), true);
        let (Some(rendered), true) = (words, it.draft.channels.contains(channel)) else { continue };
        let Some(contact_id) = service.store.find_contact(channel, address).await? else { continue };
        messages.push(NewOutbound {
            id: service.ids.id(now),
            contact_id,
            purpose: Purpose::Broadcast,
            campaign: Some(test_campaign(id)),
            rendered,
            not_before: now,
            at: now,
        });
    }
    let tested = move |queued: &u64| wire::BroadcastTested {
        queued: *queued,
        passed_over: asked.saturating_sub(*queued),
    };
    let detail = json!({ "hash": it.hash, "addresses": messages.len() });
    let entry = audit(&state, &caller, "broadcast_tested", "broadcast", &id.to_string(), detail);
    let shown = move |queued: &u64| answer_of(200, &tested(queued));
    let write = service.store.staff_write(Some(once), entry, shown);
    let queued = service.store.test_broadcast(id, new.version, &messages, write, now).await?;
    service.wake_senders();
    Ok(json_response(shown(&queued)))
}

async fn correct(on: On, Body(new): Body<wire::BroadcastAct>) -> Result<Response, Problem> {
    let first = on.must(Allowed::Write).await?;
    let On { state, caller, once, .. } = on;
    if first.version != new.version {
        return Err(Problem::conflict(&whole(&state, &first).await?));
    }
    let ended = matches!(first.state, Stage::Done | Stage::Stopped);
    let kept = first.forget_at.is_some();
    if !ended || !kept || first.progress.sent == 0 {
        return Err(Problem::new(Code::StateConflict, "broadcast_state"));
    }
    // What is wrong may be the card itself, which is withdrawn then.
    let mut draft = Draft {
        send_at: None,
        highlight_id: None,
        highlight_version: None,
        correction_of: Some(first.id),
        ..first.draft.clone()
    };
    draft.audience = Audience::default();
    for (language, text) in &mut draft.texts {
        *text = with_setting(&state, ChannelKind::Sms, Some(language), |setting| {
            render::broadcast_correction(text, setting)
        });
    }
    open(&state, &caller, once, draft, first.areas).await
}
