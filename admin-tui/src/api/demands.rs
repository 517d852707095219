//! What is asked about demands, promises and leaders.

use cabildo_staff_api as wire;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Failure;
use super::client::{Api, PAGE, page, part, read};
use crate::demand_data::{
    AnswerPreview, AuthorMessage, Cluster, Commitment, Demand, DemandDone, DemandPage, DemandRow, Leader,
    OfficeRecord, Similar,
};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// Something that is asked about demands.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// A page of a queue.
    List {
        /// A state, `silent` or `flagged`.
        queue: Code,
        /// Of one municipality only.
        municipality: Option<Code>,
        /// Where it goes on.
        after: Option<Uuid>,
    },
    /// How many stand in each queue.
    Counts,
    /// One, whole.
    One(Uuid),
    /// Those that a case is linked to.
    OfCase(Uuid),
    /// Messages of authors that wait.
    Messages(Option<String>),
    /// Leaders in a state.
    Leaders(Code, Option<String>),
    /// Promises.
    Commitments(Option<String>),
    /// How the offices of a municipality answer.
    Offices(Code),
    /// A photo of a list that was sent for a demand; looking at it is logged.
    Picture(Uuid, Uuid),
    /// What an answer would be and cost.
    Preview(Uuid, wire::demand_act::DemandAnswerDraft),
    /// Opens one out of cases.
    Open(wire::demand_act::DemandOpening, Uuid),
    /// An act on a demand.
    Act {
        /// Which.
        demand: Uuid,
        /// What is done.
        act: Act,
        /// The version that it was decided on.
        version: i64,
        /// Under which it happens once.
        key: Uuid,
    },
    /// Decides about a leader.
    Decide {
        /// Which.
        leader: Uuid,
        /// Why she is refused; `None`: she is verified.
        refused: Option<SafeText>,
        /// The version that it was decided on.
        version: i64,
        /// Under which it happens once.
        key: Uuid,
    },
    /// The whole number of a leader, with a reason.
    Reveal(Uuid, SafeText),
    /// A contact's number was checked by a call.
    Verify(Uuid, wire::leader::NumberVerification, Uuid),
    /// Cases that are like one.
    Similar(Uuid),
    /// Groups of like cases of a municipality.
    Clusters(Code),
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ask")
    }
}

/// An act on a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Lets it be public; the office that will owe the answer.
    Publish(Option<Code>),
    /// Refuses it; why.
    Reject(SafeText),
    /// Hands it over to an office.
    HandOver(Code),
    /// The authority's answer.
    Answer(wire::demand_act::DemandAnswerDraft),
    /// The answer becomes a promise.
    Promise(wire::commitment::Promise),
    /// The promise anew, and the version of it that was seen.
    UpdatePromise(i64, wire::commitment::Promise),
    /// It is to go on in another one; why.
    Merge(Uuid, SafeText),
    /// Takes that back; why.
    Unmerge(SafeText),
    /// Counts what was flagged by these rules; why.
    ClearFlags(Vec<Code>, SafeText),
    /// A list of an assembly.
    AddActa {
        /// Its number.
        folio: SafeText,
        /// Heads on it.
        heads: u32,
        /// The day, ISO 8601.
        held_on: SafeText,
        /// Where.
        place: Option<SafeText>,
        /// A photo of it.
        picture: Option<Uuid>,
    },
    /// It was entered by mistake; why.
    VoidActa(Uuid, SafeText),
    /// How many were called back, and how many of them confirmed it.
    CallActa(Uuid, u32, u32),
    /// A message of the author goes, or is refused for a reason.
    DecideMessage {
        /// Which.
        message: Uuid,
        /// Its own version.
        version: i64,
        /// Why not.
        refused: Option<SafeText>,
    },
    /// An organisation signs in public.
    Endorse(SafeText),
    /// It signs no more.
    Unendorse(SafeText),
    /// Links cases, and asks their people or not.
    LinkCases(Vec<Uuid>, bool),
    /// A case has nothing to do with it.
    UnlinkCase(Uuid),
}

/// The bytes of a photo. `Debug` shows none of them.
#[derive(Clone)]
pub struct Picture(pub Vec<u8>);

impl std::fmt::Debug for Picture {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Picture({} bytes)", self.0.len())
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Demands of a queue.
    List(DemandPage),
    /// Queues by code, and how many stand in each.
    Counts(Vec<(Code, u64)>),
    /// One.
    One(Box<Demand>),
    /// Those of a case.
    OfCase(Vec<DemandRow>),
    /// Messages of authors.
    Messages(Page<AuthorMessage>),
    /// Leaders.
    Leaders(Page<Leader>),
    /// Promises.
    Commitments(Page<Commitment>),
    /// Offices.
    Offices(Vec<OfficeRecord>),
    /// The bytes of a photo.
    Picture(Picture),
    /// What an answer would be.
    Preview(AnswerPreview),
    /// What an act led to.
    Done(DemandDone),
    /// A leader as she is now.
    Decided(Box<Leader>),
    /// A whole number, and how many were looked at within the hour.
    Number(SafeText, i64),
    /// Whether the number was not verified before.
    Verified(bool),
    /// Cases that are like one, the likest first.
    Similar(Vec<Similar>),
    /// Groups of like cases, the largest first.
    Clusters(Vec<Cluster>),
}

/// The query of a page.
fn after(cursor: Option<impl ToString>) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE.to_string())];
    query.extend(cursor.map(|it| ("after", it.to_string())));
    query
}

fn next(cursor: Option<Uuid>) -> Option<String> {
    cursor.map(|it| it.to_string())
}

impl Api {
    /// Asks about demands, and waits for the answer.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn ask_demands(&self, ask: Ask) -> Result<Answer, Failure> {
        match ask {
            Ask::List { queue, municipality, after: cursor } => {
                let mut query = after(cursor);
                query.push(("queue", queue.as_str().to_owned()));
                query.extend(municipality.map(|it| ("municipality", it.as_str().to_owned())));
                let list: wire::demand::DemandList = self.get("demands", &query).await?;
                Ok(Answer::List(list.into()))
            }
            Ask::Counts => {
                let counts: wire::demand::DemandCounts = self.get("demand-counts", &[]).await?;
                let counts = counts.queues.iter().map(|it| (Code::new(&it.queue), it.count));
                Ok(Answer::Counts(counts.collect()))
            }
            Ask::One(id) => {
                let demand: wire::demand::Demand = self.get(&format!("demands/{id}"), &[]).await?;
                Ok(Answer::One(Box::new(demand.into())))
            }
            Ask::OfCase(id) => {
                let found: wire::demand::CaseDemands = self.get(&format!("cases/{id}/demands"), &[]).await?;
                Ok(Answer::OfCase(found.items.into_iter().map(DemandRow::from).collect()))
            }
            Ask::Messages(cursor) => {
                let found: wire::demand::AuthorMessageList =
                    self.get("author-messages", &after(cursor)).await?;
                Ok(Answer::Messages(page(found.items, next(found.next))))
            }
            Ask::Leaders(state, cursor) => {
                let found: wire::leader::LeaderList =
                    self.get("leaders", &part("state", &state, cursor)).await?;
                Ok(Answer::Leaders(page(found.items, next(found.next))))
            }
            Ask::Commitments(cursor) => {
                let found: wire::commitment::CommitmentList = self.get("commitments", &after(cursor)).await?;
                Ok(Answer::Commitments(page(found.items, next(found.next))))
            }
            Ask::Offices(municipality) => {
                let query = [("municipality", municipality.as_str().to_owned())];
                let found: wire::demand::OfficeRecords = self.get("demand-offices", &query).await?;
                Ok(Answer::Offices(found.items.into_iter().map(OfficeRecord::from).collect()))
            }
            Ask::Picture(id, picture) => {
                let request = self.request(Method::GET, &format!("demands/{id}/pictures/{picture}"));
                Ok(Answer::Picture(self.picture(request).await?))
            }
            Ask::Preview(id, draft) => {
                let found: wire::demand_act::DemandAnswerPreview =
                    self.post(&format!("demands/{id}/answer/preview"), &draft, None).await?;
                Ok(Answer::Preview(found.into()))
            }
            Ask::Open(new, key) => {
                let done: wire::demand_act::DemandDone = self.once("demands", &new, key).await?;
                Ok(Answer::Done(done.into()))
            }
            Ask::Act { demand, act, version, key } => {
                let (path, body) = body_of(act, version);
                let path = format!("demands/{demand}/{path}");
                let done: wire::demand_act::DemandDone = self.once(&path, &body, key).await?;
                Ok(Answer::Done(done.into()))
            }
            Ask::Decide { leader, refused, version, key } => {
                let decision = if refused.is_some() { "refused" } else { "verified" }.to_owned();
                let reason = refused.map(|it| it.as_str().to_owned());
                let body = wire::leader::LeaderDecision { version, decision, reason };
                let path = format!("leaders/{leader}/decide");
                let decided: wire::leader::Leader = self.once(&path, &body, key).await?;
                Ok(Answer::Decided(Box::new(decided.into())))
            }
            Ask::Reveal(leader, reason) => {
                let body = wire::leader::LeaderReveal { reason: reason.as_str().to_owned() };
                let request = self.request(Method::POST, &format!("leaders/{leader}/reveal")).json(&body);
                let shown: wire::act::Revealed = read(self.send(request).await?).await?;
                Ok(Answer::Number(SafeText::line(&shown.address), shown.in_hour))
            }
            Ask::Verify(contact, from, key) => {
                let path = format!("contacts/{contact}/verify");
                let verified: wire::leader::NumberVerified = self.once(&path, &from, key).await?;
                Ok(Answer::Verified(verified.fresh))
            }
            Ask::Similar(case) => {
                let found: wire::case::SimilarCases = self.get(&format!("cases/{case}/similar"), &[]).await?;
                Ok(Answer::Similar(found.items.into_iter().map(Similar::from).collect()))
            }
            Ask::Clusters(municipality) => {
                let query = [("municipality", municipality.as_str().to_owned())];
                let found: wire::case::Clusters = self.get("clusters", &query).await?;
                Ok(Answer::Clusters(found.items.into_iter().map(Cluster::from).collect()))
            }
        }
    }
}

/// Path and body of an act.
fn body_of(act: Act, version: i64) -> (&'static str, Value) {
    use wire::demand_act as body;
    let text = |it: SafeText| it.as_str().to_owned();
    let code = |it: &Code| it.as_str().to_owned();
    match act {
        Act::Publish(office) => {
            ("publish", json!(body::DemandPublish { version, office: office.as_ref().map(code) }))
        }
        Act::Reject(reason) => ("reject", json!(body::DemandReject { version, reason: text(reason) })),
        Act::HandOver(office) => {
            ("hand-over", json!(body::DemandHandOver { version, office: code(&office) }))
        }
        Act::Answer(body::DemandAnswerDraft { verdict, reason, cost, due_on }) => {
            ("answer", json!(body::DemandAnswerRequest { version, verdict, reason, cost, due_on }))
        }
        Act::Promise(promise) => ("promise", json!(body::PromiseOpening { version, promise })),
        Act::UpdatePromise(promise_version, promise) => {
            ("update-promise", json!(body::PromiseUpdate { version, promise_version, promise }))
        }
        Act::Merge(into, reason) => {
            ("merge", json!(body::DemandMergeRequest { version, into, reason: text(reason) }))
        }
        Act::Unmerge(reason) => ("unmerge", json!(body::DemandUnmerge { version, reason: text(reason) })),
        Act::ClearFlags(flags, reason) => (
            "clear-flags",
            json!(body::FlagsClearing {
                version,
                flags: flags.iter().map(code).collect(),
                reason: text(reason)
            }),
        ),
        Act::AddActa { folio, heads, held_on, place, picture } => (
            "add-acta",
            json!(body::ActaEntry {
                version,
                folio: text(folio),
                heads,
                held_on: text(held_on),
                place: place.map(text),
                picture,
            }),
        ),
        Act::VoidActa(acta, reason) => {
            ("void-acta", json!(body::ActaVoid { version, acta, reason: text(reason) }))
        }
        Act::CallActa(acta, called, confirmed) => {
            ("call-acta", json!(body::ActaCall { version, acta, called, confirmed }))
        }
        Act::DecideMessage { message, version: message_version, refused } => {
            let decision = if refused.is_some() { "refused" } else { "sent" }.to_owned();
            let reason = refused.map(text);
            let body = body::AuthorMessageDecision { version, message, message_version, decision, reason };
            ("decide-message", json!(body))
        }
        Act::Endorse(it) => ("endorse", json!(body::Endorsement { version, organisation: text(it) })),
        Act::Unendorse(it) => ("unendorse", json!(body::Endorsement { version, organisation: text(it) })),
        Act::LinkCases(cases, invite) => ("link-cases", json!(body::CaseLinks { version, cases, invite })),
        Act::UnlinkCase(case) => ("unlink-case", json!(body::CaseUnlink { version, case })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_names_the_version_of_the_demand_and_of_what_it_is_about() {
        let (path, body) = body_of(Act::Reject(SafeText::typed("no")), 7);
        assert_eq!((path, &body), ("reject", &json!({ "version": 7, "reason": "no" })));
        let act = Act::DecideMessage { message: Uuid::nil(), version: 2, refused: None };
        let (path, body) = body_of(act, 5);
        assert_eq!(path, "decide-message");
        let sent = json!({ "version": 5, "message": Uuid::nil(), "message_version": 2, "decision": "sent" });
        assert_eq!(body, sent);
        let (path, body) = body_of(Act::ClearFlags(vec![Code::new("range")], SafeText::typed("seen")), 1);
        assert_eq!((path, &body["flags"]), ("clear-flags", &json!(["range"])));
    }
}
