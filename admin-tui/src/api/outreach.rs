//! What is asked about cards, broadcasts and charts.

use cabildo_staff_api as wire;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Failure;
use super::client::{Api, PAGE, page};
use crate::outreach_data::{
    Broadcast, BroadcastRow, Candidate, CardAudience, CardText, Draft, Finding, Highlight, HighlightRow,
    Series, findings,
};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// Something that is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// A page of cards in a state.
    Highlights(Code, Option<String>),
    /// One card.
    Highlight(Uuid),
    /// Whom a story could be asked of.
    Candidates,
    /// Whom a card is for.
    Audience(Uuid),
    /// Personal data in what is written of a card: municipality, topic, what is written.
    Check(Code, Code, Box<CardText>),
    /// A page of broadcasts in a state.
    Broadcasts(Code, Option<String>),
    /// One broadcast.
    Broadcast(Uuid),
    /// People who reported something: municipality, group, days.
    Series(Code, Code, u32),
    /// Something that is decided.
    Act {
        /// What.
        act: Act,
        /// The version that it was decided on.
        version: i64,
        /// Under which it happens once.
        key: Uuid,
    },
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ask")
    }
}

/// Something that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A new card: municipality, topic, what is written.
    Propose(Code, Code, Box<CardText>),
    /// About a card.
    Card(Uuid, CardAct),
    /// A new broadcast.
    Compose(Box<Draft>),
    /// About a broadcast.
    Cast(Uuid, CastAct),
}

impl Act {
    /// Whether another card or broadcast begins with it.
    pub const fn begins(&self) -> bool {
        matches!(
            self,
            Self::Propose(..)
                | Self::Compose(_)
                | Self::Card(_, CardAct::Spread(..))
                | Self::Cast(_, CastAct::Correct)
        )
    }
}

/// About a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardAct {
    /// Writes it anew.
    Edit(Box<CardText>),
    /// Hands it in.
    Submit,
    /// What was found may be shown; the hash that was seen.
    Clear(SafeText),
    /// It may be published; the hash that was seen.
    Approve(SafeText),
    /// It may not; why.
    Reject(SafeText),
    /// It goes; why.
    Withdraw(SafeText),
    /// A municipality took it over: its key, from which one, and since when.
    Adopt(Code, Option<Code>, SafeText),
    /// A broadcast to similar municipalities is drafted of it: on which channels, and not before when (Unix ms).
    Spread(Vec<SafeText>, Option<i64>),
}

/// About a broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CastAct {
    /// Writes it anew.
    Edit(Box<Draft>),
    /// Hands it in.
    Submit,
    /// It may go: the hash that was seen, and the number of people where it was asked for.
    Approve(SafeText, Option<u64>),
    /// It waits; why.
    Hold(SafeText),
    /// It goes on, which counts as an approval: the hash that was seen, and the number of people where it was asked for.
    Release(SafeText, Option<u64>),
    /// It ends; why.
    Stop(SafeText),
    /// It is given up.
    Withdraw,
    /// It goes to the test addresses, in a language.
    Test(SafeText),
    /// A correction is drafted.
    Correct,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Cards.
    Highlights(Page<HighlightRow>),
    /// One.
    Highlight(Box<Highlight>),
    /// Whom a story could be asked of.
    Candidates(Vec<Candidate>),
    /// Whom a card is for.
    Audience(CardAudience),
    /// Personal data that was found.
    Found(Vec<Finding>),
    /// Broadcasts.
    Broadcasts(Page<BroadcastRow>),
    /// One.
    Broadcast(Box<Broadcast>),
    /// People who reported something.
    Series(Box<Series>),
    /// A card as an act left it: id and version.
    Card(Uuid, i64),
    /// A broadcast as an act left it: id and version.
    Cast(Uuid, i64),
    /// Messages of a test that were queued, and addresses that were passed over.
    Tested(u64, u64),
}

fn listed(state: &Code, after: Option<String>) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE.to_string()), ("state", state.as_str().to_owned())];
    query.extend(after.map(|it| ("after", it)));
    query
}

impl Api {
    /// Asks about cards, broadcasts or charts, and waits for the answer.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn ask_outreach(&self, ask: Ask) -> Result<Answer, Failure> {
        match ask {
            Ask::Highlights(state, after) => {
                let found: wire::highlight::HighlightList =
                    self.get("highlights", &listed(&state, after)).await?;
                Ok(Answer::Highlights(page(found.items, found.next.map(|it| it.to_string()))))
            }
            Ask::Highlight(id) => {
                let found: wire::highlight::Highlight = self.get(&format!("highlights/{id}"), &[]).await?;
                Ok(Answer::Highlight(Box::new(found.into())))
            }
            Ask::Candidates => {
                let found: wire::highlight::HighlightCandidates =
                    self.get("highlight-candidates", &[]).await?;
                Ok(Answer::Candidates(found.items.into_iter().map(Candidate::from).collect()))
            }
            Ask::Audience(id) => {
                let found: wire::highlight::HighlightAudience =
                    self.get(&format!("highlights/{id}/audience"), &[]).await?;
                Ok(Answer::Audience(found.into()))
            }
            Ask::Check(municipality, topic, text) => {
                let proposal = proposal(&municipality, &topic, &text);
                let found: wire::highlight::HighlightCheck =
                    self.post("highlights/check", &proposal, None).await?;
                Ok(Answer::Found(findings(&proposal.text, &found.findings)))
            }
            Ask::Broadcasts(state, after) => {
                let found: wire::broadcast::BroadcastList =
                    self.get("broadcasts", &listed(&state, after)).await?;
                Ok(Answer::Broadcasts(page(found.items, found.next.map(|it| it.to_string()))))
            }
            Ask::Broadcast(id) => {
                let found: wire::broadcast::Broadcast = self.get(&format!("broadcasts/{id}"), &[]).await?;
                Ok(Answer::Broadcast(Box::new(found.into())))
            }
            Ask::Series(municipality, group, days) => {
                let query = [
                    ("municipality", municipality.as_str().to_owned()),
                    ("group", group.as_str().to_owned()),
                    ("days", days.to_string()),
                ];
                let found: wire::report::CaseSeries = self.get("reports/cases", &query).await?;
                Ok(Answer::Series(Box::new(found.into())))
            }
            Ask::Act { act, version, key } => self.decide_outreach(act, version, key).await,
        }
    }

    async fn decide_outreach(&self, act: Act, version: i64, key: Uuid) -> Result<Answer, Failure> {
        let (path, body) = body_of(&act, version);
        match act {
            Act::Cast(_, CastAct::Test(_)) => {
                let done: wire::broadcast::BroadcastTested = self.once(&path, &body, key).await?;
                Ok(Answer::Tested(done.queued, done.passed_over))
            }
            Act::Propose(..) => self.card_done(&path, &body, key).await,
            Act::Card(_, CardAct::Spread(..)) | Act::Compose(_) | Act::Cast(..) => {
                let done: wire::broadcast::BroadcastDone = self.once(&path, &body, key).await?;
                Ok(Answer::Cast(done.id, done.version))
            }
            Act::Card(..) => self.card_done(&path, &body, key).await,
        }
    }

    async fn card_done(&self, path: &str, body: &Value, key: Uuid) -> Result<Answer, Failure> {
        let done: wire::highlight::HighlightDone = self.once(path, body, key).await?;
        Ok(Answer::Card(done.id, done.version))
    }
}

fn proposal(municipality: &Code, topic: &Code, text: &CardText) -> wire::highlight::HighlightProposal {
    wire::highlight::HighlightProposal {
        municipality: municipality.as_str().to_owned(),
        topic: topic.as_str().to_owned(),
        text: text.into(),
    }
}

/// Path and body of what is decided.
fn body_of(act: &Act, version: i64) -> (String, Value) {
    use wire::{broadcast as cast, highlight as card};
    let text = |it: &SafeText| it.as_str().to_owned();
    let code = |it: &Code| it.as_str().to_owned();
    match act {
        Act::Propose(municipality, topic, written) => {
            ("highlights".to_owned(), json!(proposal(municipality, topic, written)))
        }
        Act::Card(id, act) => {
            let (path, body) = match act {
                CardAct::Edit(it) => {
                    ("edit", json!(card::HighlightEdit { version, text: it.as_ref().into() }))
                }
                CardAct::Submit => ("submit", json!(card::HighlightSubmit { version })),
                CardAct::Clear(hash) => {
                    ("clear", json!(card::HighlightSignature { version, hash: text(hash) }))
                }
                CardAct::Approve(hash) => {
                    ("approve", json!(card::HighlightSignature { version, hash: text(hash) }))
                }
                CardAct::Reject(why) => {
                    ("reject", json!(card::HighlightRefusal { version, reason: text(why) }))
                }
                CardAct::Withdraw(why) => {
                    ("withdraw", json!(card::HighlightRefusal { version, reason: text(why) }))
                }
                CardAct::Adopt(municipality, from, since) => (
                    "adopt",
                    json!(card::HighlightAdoptionReport {
                        version,
                        municipality: code(municipality),
                        learned_from: from.as_ref().map(code),
                        adopted_on: text(since),
                    }),
                ),
                CardAct::Spread(channels, send_at) => (
                    "broadcasts",
                    json!(card::HighlightBroadcast {
                        version,
                        channels: channels.iter().map(text).collect(),
                        send_at: *send_at,
                    }),
                ),
            };
            (format!("highlights/{id}/{path}"), body)
        }
        Act::Compose(draft) => ("broadcasts".to_owned(), json!(cast::BroadcastDraft::from(draft.as_ref()))),
        Act::Cast(id, act) => {
            let (path, body) = match act {
                CastAct::Edit(it) => {
                    ("edit", json!(cast::BroadcastEdit { version, draft: it.as_ref().into() }))
                }
                CastAct::Submit => ("submit", json!(cast::BroadcastAct { version })),
                CastAct::Approve(hash, people) => {
                    ("approve", json!(cast::BroadcastApproval { hash: text(hash), people: *people }))
                }
                CastAct::Hold(why) => ("hold", json!(cast::BroadcastHalt { reason: text(why) })),
                CastAct::Release(hash, people) => {
                    ("release", json!(cast::BroadcastApproval { hash: text(hash), people: *people }))
                }
                CastAct::Stop(why) => ("stop", json!(cast::BroadcastHalt { reason: text(why) })),
                CastAct::Withdraw => ("withdraw", json!(cast::BroadcastAct { version })),
                CastAct::Test(language) => {
                    ("test", json!(cast::BroadcastTest { version, language: text(language) }))
                }
                CastAct::Correct => ("correct", json!(cast::BroadcastAct { version })),
            };
            (format!("broadcasts/{id}/{path}"), body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_screen_says_of_a_text_does_not_go_back() {
        let raw = "El lunes\u{200b} no hay agua";
        let draft = Draft { texts: vec![(SafeText::own("nah"), SafeText::new(raw))], ..Draft::default() };
        assert!(draft.text("nah").was_cleaned());
        let edit = Act::Cast(Uuid::nil(), CastAct::Edit(Box::new(draft)));
        let (_, body) = body_of(&edit, 1);
        assert_eq!(body["draft"]["texts"][0]["text"], "El lunes no hay agua");
        let text = CardText { done: SafeText::new(raw), ..CardText::default() };
        let (_, body) = body_of(&Act::Card(Uuid::nil(), CardAct::Edit(Box::new(text))), 1);
        assert_eq!(body["text"]["done"], "El lunes no hay agua");
    }

    #[test]
    fn an_approval_names_the_hash_and_a_halt_no_version() {
        let (id, hash) = (Uuid::nil(), SafeText::own("3fa9"));
        let (path, body) = body_of(&Act::Card(id, CardAct::Approve(hash.clone())), 7);
        assert_eq!(path, format!("highlights/{id}/approve"));
        assert_eq!(body, json!({ "version": 7, "hash": "3fa9" }));
        let (path, body) = body_of(&Act::Cast(id, CastAct::Approve(hash, Some(12_000))), 7);
        assert_eq!(path, format!("broadcasts/{id}/approve"));
        assert_eq!(body, json!({ "hash": "3fa9", "people": 12_000 }));
        let (_, body) = body_of(&Act::Cast(id, CastAct::Stop(SafeText::own("ya"))), 7);
        assert_eq!(body, json!({ "reason": "ya" }));
    }
}
