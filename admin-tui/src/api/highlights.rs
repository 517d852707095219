//! What is asked about cards about what worked.

use cabildo_staff_api as wire;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Failure;
use super::client::{Api, in_state, page};
use crate::highlight_data::{Candidate, CardAudience, CardText, Finding, Highlight, HighlightRow, findings};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// Something that is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// A page of cards in a state.
    List(Code, Option<String>),
    /// One card.
    One(Uuid),
    /// Whom a story could be asked of.
    Candidates,
    /// Whom a card is for.
    Audience(Uuid),
    /// Personal data in what is written of a card: municipality, topic, what is written.
    Check(Code, Code, Box<CardText>),
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
}

impl Act {
    /// Whether another card or a broadcast begins with it.
    pub const fn begins(&self) -> bool {
        matches!(self, Self::Propose(..) | Self::Card(_, CardAct::Broadcast(..)))
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
    Broadcast(Vec<SafeText>, Option<i64>),
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Cards.
    List(Page<HighlightRow>),
    /// One.
    One(Box<Highlight>),
    /// Whom a story could be asked of.
    Candidates(Vec<Candidate>),
    /// Whom a card is for.
    Audience(CardAudience),
    /// Personal data that was found.
    Found(Vec<Finding>),
    /// A card as an act left it: id and version.
    Done(Uuid, i64),
    /// The broadcast that was drafted of one: id and version.
    Drafted(Uuid, i64),
}

impl Api {
    /// Asks about cards, and waits for the answer.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn ask_highlights(&self, ask: Ask) -> Result<Answer, Failure> {
        match ask {
            Ask::List(state, after) => {
                let found: wire::highlight::HighlightList =
                    self.get("highlights", &in_state(&state, after)).await?;
                Ok(Answer::List(page(found.items, found.next.map(|it| it.to_string()))))
            }
            Ask::One(id) => {
                let found: wire::highlight::Highlight = self.get(&format!("highlights/{id}"), &[]).await?;
                Ok(Answer::One(Box::new(found.into())))
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
            Ask::Act { act, version, key } => {
                let (path, body) = body_of(&act, version);
                if let Act::Card(_, CardAct::Broadcast(..)) = act {
                    let done: wire::broadcast::BroadcastDone = self.once(&path, &body, key).await?;
                    return Ok(Answer::Drafted(done.id, done.version));
                }
                let done: wire::highlight::HighlightDone = self.once(&path, &body, key).await?;
                Ok(Answer::Done(done.id, done.version))
            }
        }
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
    use wire::highlight as card;
    let text = |it: &SafeText| it.as_str().to_owned();
    let code = |it: &Code| it.as_str().to_owned();
    let (id, act) = match act {
        Act::Propose(municipality, topic, written) => {
            return ("highlights".to_owned(), json!(proposal(municipality, topic, written)));
        }
        Act::Card(id, act) => (id, act),
    };
    let (path, body) = match act {
        CardAct::Edit(it) => ("edit", json!(card::HighlightEdit { version, text: it.as_ref().into() })),
        CardAct::Submit => ("submit", json!(card::HighlightSubmit { version })),
        CardAct::Clear(hash) => ("clear", json!(card::HighlightSignature { version, hash: text(hash) })),
        CardAct::Approve(hash) => ("approve", json!(card::HighlightSignature { version, hash: text(hash) })),
        CardAct::Reject(why) => ("reject", json!(card::HighlightRefusal { version, reason: text(why) })),
        CardAct::Withdraw(why) => ("withdraw", json!(card::HighlightRefusal { version, reason: text(why) })),
        CardAct::Adopt(municipality, from, since) => (
            "adopt",
            json!(card::HighlightAdoptionReport {
                version,
                municipality: code(municipality),
                learned_from: from.as_ref().map(code),
                adopted_on: text(since),
            }),
        ),
        CardAct::Broadcast(channels, send_at) => (
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_screen_says_of_a_text_does_not_go_back() {
        let text = CardText { done: SafeText::new("Firmes\u{200b} de cemento"), ..CardText::default() };
        assert!(text.done.was_cleaned());
        let (_, body) = body_of(&Act::Card(Uuid::nil(), CardAct::Edit(Box::new(text))), 1);
        assert_eq!(body["text"]["done"], "Firmes de cemento");
    }

    #[test]
    fn an_approval_names_the_hash() {
        let id = Uuid::nil();
        let (path, body) = body_of(&Act::Card(id, CardAct::Approve(SafeText::own("3fa9"))), 7);
        assert_eq!(path, format!("highlights/{id}/approve"));
        assert_eq!(body, json!({ "version": 7, "hash": "3fa9" }));
    }
}
