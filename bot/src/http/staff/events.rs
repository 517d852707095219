//! The feed as server-sent events: each event once and in order, also over cut lines and restarts, since
//! the `id` of an event is its number and a client resumes behind the last one that it read.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api as wire;
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::extract::Params;
use super::problem::Problem;
use super::routes::{Kind, Route};
use crate::domain::staff::{Act, Grant, Staff};
use crate::store::events::Event;

/// Events that are read at once.
const CHUNK: u32 = 500;
/// How often it looks whether the session is still there, and for events of other processes.
const FLOOR: Duration = Duration::from_secs(1);
/// Time between two signs of life.
const BEAT: Duration = Duration::from_secs(15);

/// The line of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/events",
            Rule::May(Act::ReadEvents),
            "followEvents",
            "Follows the feed: server-sent events whose `data` is an Event, without end",
            follow,
        )
        .asks("after", Kind::Number(0, i64::MAX), "Begins behind this event; from now on unless it is said.")
        .heeds("Last-Event-ID", Kind::Text(20), "The same, as a client sends it that was cut off.")
        .gives_text("text/event-stream"),
    ]
}

#[derive(Deserialize)]
struct Asked {
    after: Option<i64>,
}

/// One who follows.
struct Follower {
    state: Arc<StaffState>,
    staff: Staff,
    session: Uuid,
    /// The last event that was looked at.
    cursor: i64,
    waiting: VecDeque<Event>,
    newest: watch::Receiver<i64>,
    looked: Option<Instant>,
    said: Instant,
}

async fn follow(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    headers: HeaderMap,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let given = match headers.get("last-event-id") {
        None => asked.after,
        Some(id) => Some(
            id.to_str()
                .ok()
                .and_then(|it| it.parse().ok())
                .ok_or_else(|| Problem::parameter("Last-Event-ID", "it is the number of an event"))?,
        ),
    };
    if given.is_some_and(|it| it < 0) {
        return Err(Problem::parameter("after", "it must be 0 or more"));
    }
    let cursor = match given {
        Some(after) => after,
        None => state.service.store.get_last_event().await?,
    };
    let newest = state.feed.follow();
    let follower = Follower {
        staff: caller.staff,
        session: caller.signed.session.id,
        cursor,
        waiting: VecDeque::new(),
        newest,
        looked: None,
        said: Instant::now(),
        state,
    };
    Ok(Sse::new(stream(follower)).into_response())
}

fn stream(follower: Follower) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    unfold(follower, |mut follower| async move {
        let said = follower.next().await?;
        follower.said = Instant::now();
        Some((Ok(said), follower))
    })
}

impl Follower {
    /// What is said next; `None`: the end.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if self.state.stop.is_cancelled() || !self.may_go_on().await {
                return None;
            }
            while let Some(event) = self.waiting.pop_front() {
                self.cursor = event.seq;
                if sees(&self.staff, &event) {
                    return Some(write(event));
                }
            }
            self.newest.mark_unchanged();
            match self.state.service.store.list_events(self.cursor, CHUNK).await {
                Ok(found) if !found.is_empty() => {
                    self.waiting.extend(found);
                    continue;
                }
                Ok(_) => {}
                // The client comes back behind the last event that it read.
                Err(_) => return None,
            }
            if self.said.elapsed() >= BEAT {
                // With the number, so that a client resumes behind what it may not see.
                return Some(sse::Event::default().id(self.cursor.to_string()).comment("here"));
            }
            tokio::select! {
                () = self.state.stop.cancelled() => return None,
                changed = self.newest.changed() => changed.ok()?,
                () = tokio::time::sleep(FLOOR) => {}
            }
        }
    }

    /// Looks each second whether the session lives and what the account may see now.
    async fn may_go_on(&mut self) -> bool {
        if self.looked.is_some_and(|it| it.elapsed() < FLOOR) {
            return true;
        }
        self.looked = Some(Instant::now());
        let (store, now) = (&self.state.service.store, self.state.clock.now());
        if !matches!(store.session_lives(self.session, now).await, Ok(true)) {
            return false;
        }
        match store.find_account(self.staff.id).await {
            Ok(Some(account)) => self.staff = account.staff(),
            _ => return false,
        }
        self.staff.may(Act::ReadEvents)
    }
}

/// Whether somebody may know of an event: what is of a restricted case needs the grant, what belongs to a
/// municipality somebody who reads its cases, of demands, leaders and broadcasts those who read these, of cards those who
/// write or approve there. What belongs to none names nobody; it goes to those who work on cases anywhere, and accounts to those who look after them.
fn sees(staff: &Staff, event: &Event) -> bool {
    if event.restricted && !staff.has(Grant::Restricted) {
        return false;
    }
    if event.kind.starts_with("staff_") {
        return staff.may(Act::ReadAccounts);
    }
    // It names nobody; what it says is read by who may.
    if event.broadcast_id.is_some() {
        return staff.may(Act::Write) || staff.may(Act::Approve);
    }
    let about_demand = event.demand_id.is_some() || event.kind.starts_with("demand_");
    match &event.municipality {
        Some(municipality) if about_demand => staff.may_in(Act::ReadDemands, municipality),
        Some(municipality) if event.kind.starts_with("leader_") => {
            staff.may_in(Act::VerifyPeople, municipality)
        }
        None if about_demand => false,
        Some(municipality) if event.highlight_id.is_some() => {
            staff.may_in(Act::Write, municipality) || staff.may_in(Act::Approve, municipality)
        }
        Some(municipality) => staff.may_in(Act::ReadCases, municipality),
        None if event.case_id.is_some() => staff.may(Act::ReadCases),
        None => staff.may(Act::ReadCases) || staff.may(Act::ReadHealth),
    }
}

/// An event as it is told. Whom it happened to, and by which message, is told of a case, which who sees it may read.
/// Of all else it would tell who gets the news of a demand, and whose message moved its total.
fn told(event: Event) -> wire::Event {
    let of_case = event.case_id.is_some();
    wire::Event {
        seq: event.seq,
        kind: event.kind,
        contact_id: event.contact_id.filter(|_| of_case),
        inbox_id: event.inbox_id.filter(|_| of_case),
        outbox_id: event.outbox_id.filter(|_| of_case),
        case_id: event.case_id,
        demand_id: event.demand_id,
        highlight_id: event.highlight_id,
        broadcast_id: event.broadcast_id,
        municipality: event.municipality,
        created_at: event.created_at,
    }
}

fn write(event: Event) -> sse::Event {
    let (id, kind) = (event.seq.to_string(), event.kind.clone());
    let event = told(event);
    sse::Event::default().id(id).event(kind).data(serde_json::to_string(&event).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::staff::{Assignment, Role, Scope};

    fn officer(grants: Vec<Grant>) -> Staff {
        let roles =
            vec![Assignment { role: Role::Caseworker, scope: Scope::Municipality("12066".to_owned()) }];
        Staff { id: Uuid::nil(), roles, grants, office: None }
    }

    fn event(municipality: Option<&str>, restricted: bool) -> Event {
        Event {
            seq: 1,
            kind: "case_opened".to_owned(),
            contact_id: None,
            inbox_id: None,
            outbox_id: None,
            case_id: Some(Uuid::nil()),
            demand_id: None,
            highlight_id: None,
            broadcast_id: None,
            municipality: municipality.map(str::to_owned),
            restricted,
            created_at: 0,
        }
    }

    #[test]
    fn an_event_is_told_to_those_who_may_read_its_case() {
        let (plain, granted) = (officer(Vec::new()), officer(vec![Grant::Restricted]));
        assert!(sees(&plain, &event(Some("12066"), false)));
        assert!(!sees(&plain, &event(Some("12067"), false)), "another municipality");
        assert!(!sees(&plain, &event(Some("12066"), true)), "a restricted case without the grant");
        assert!(sees(&granted, &event(Some("12066"), true)));
        assert!(!sees(&granted, &event(Some("21001"), true)));
    }

    #[test]
    fn only_an_event_of_a_case_names_a_contact_and_a_message() {
        let ids = |it: wire::Event| [it.contact_id, it.inbox_id, it.outbox_id];
        let known = Some(Uuid::from_u128(3));
        let all = Event { contact_id: known, inbox_id: known, outbox_id: known, ..event(None, false) };
        assert_eq!(ids(told(all.clone())), [known; 3]);
        for kind in ["message_handled", "delivered", "send_failed"] {
            let of_none = Event { kind: kind.to_owned(), case_id: None, ..all.clone() };
            assert_eq!(ids(told(of_none)), [None; 3], "{kind}");
        }
    }

    #[test]
    fn an_event_of_a_card_is_told_to_those_who_write_or_approve_there() {
        let card = Some(Uuid::from_u128(1));
        let about = |place| Event { case_id: None, highlight_id: card, ..event(Some(place), false) };
        let somebody = |role| {
            let roles = vec![Assignment { role, scope: Scope::Municipality("12066".to_owned()) }];
            Staff { id: Uuid::nil(), roles, grants: Vec::new(), office: None }
        };
        for role in [Role::Editor, Role::Approver] {
            assert!(sees(&somebody(role), &about("12066")));
            assert!(!sees(&somebody(role), &about("20570")));
        }
        assert!(!sees(&officer(Vec::new()), &about("12066")));
    }

    #[test]
    fn an_event_of_a_demand_is_told_to_those_who_read_demands_there() {
        let about = |kind: &str, municipality| Event {
            kind: kind.to_owned(),
            case_id: None,
            demand_id: Some(Uuid::from_u128(1)).filter(|_| kind.starts_with("demand_")),
            ..event(municipality, false)
        };
        let analyst = Staff {
            roles: vec![Assignment { role: Role::Analyst, scope: Scope::Country }],
            ..officer(Vec::new())
        };
        for kind in ["demand_counted", "leader_asked"] {
            assert!(sees(&officer(Vec::new()), &about(kind, Some("12066"))), "{kind}");
            assert!(!sees(&officer(Vec::new()), &about(kind, Some("12067"))), "{kind}");
            assert!(!sees(&analyst, &about(kind, Some("12066"))), "{kind}");
        }
        assert!(!sees(&officer(Vec::new()), &about("demand_counted", None)));
    }
    #[test]
    fn an_event_of_a_broadcast_is_told_to_those_who_write_or_approve() {
        let about = Event {
            kind: "broadcast_stopped".to_owned(),
            case_id: None,
            broadcast_id: Some(Uuid::from_u128(1)),
            ..event(None, false)
        };
        let with =
            |role| Staff { roles: vec![Assignment { role, scope: Scope::Country }], ..officer(Vec::new()) };
        assert!(sees(&with(Role::Editor), &about) && sees(&with(Role::Approver), &about));
        assert!(!sees(&with(Role::Caseworker), &about) && !sees(&with(Role::Analyst), &about));
    }
}
