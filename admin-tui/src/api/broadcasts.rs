//! What is asked about broadcasts.

use cabildo_staff_api as wire;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Failure;
use super::client::{Api, in_state, page};
use crate::broadcast_data::{Broadcast, BroadcastRow, Draft};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// Something that is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// A page of broadcasts in a state.
    List(Code, Option<String>),
    /// One broadcast.
    One(Uuid),
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
    /// A new one.
    Compose(Box<Draft>),
    /// About one.
    Broadcast(Uuid, BroadcastAct),
}

impl Act {
    /// Whether another broadcast begins with it.
    pub const fn begins(&self) -> bool {
        matches!(self, Self::Compose(_) | Self::Broadcast(_, BroadcastAct::Correct))
    }
}

/// About a broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroadcastAct {
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
    /// Broadcasts.
    List(Page<BroadcastRow>),
    /// One.
    One(Box<Broadcast>),
    /// A broadcast as an act left it: id and version.
    Done(Uuid, i64),
    /// Messages of a test that were queued, and addresses that were passed over.
    Tested(u64, u64),
}

impl Api {
    /// Asks about broadcasts, and waits for the answer.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn ask_broadcasts(&self, ask: Ask) -> Result<Answer, Failure> {
        match ask {
            Ask::List(state, after) => {
                let found: wire::broadcast::BroadcastList =
                    self.get("broadcasts", &in_state(&state, after)).await?;
                Ok(Answer::List(page(found.items, found.next.map(|it| it.to_string()))))
            }
            Ask::One(id) => {
                let found: wire::broadcast::Broadcast = self.get(&format!("broadcasts/{id}"), &[]).await?;
                Ok(Answer::One(Box::new(found.into())))
            }
            Ask::Act { act, version, key } => {
                let (path, body) = body_of(&act, version);
                if let Act::Broadcast(_, BroadcastAct::Test(_)) = act {
                    let done: wire::broadcast::BroadcastTested = self.once(&path, &body, key).await?;
                    return Ok(Answer::Tested(done.queued, done.passed_over));
                }
                let done: wire::broadcast::BroadcastDone = self.once(&path, &body, key).await?;
                Ok(Answer::Done(done.id, done.version))
            }
        }
    }
}

/// Path and body of what is decided.
fn body_of(act: &Act, version: i64) -> (String, Value) {
    use wire::broadcast;
    let text = |it: &SafeText| it.as_str().to_owned();
    let (id, act) = match act {
        Act::Compose(draft) => {
            return ("broadcasts".to_owned(), json!(broadcast::BroadcastDraft::from(draft.as_ref())));
        }
        Act::Broadcast(id, act) => (id, act),
    };
    let approval = |hash: &SafeText, people: Option<u64>| {
        json!(broadcast::BroadcastApproval { hash: text(hash), people })
    };
    let halt = |why: &SafeText| json!(broadcast::BroadcastHalt { reason: text(why) });
    let alone = || json!(broadcast::BroadcastAct { version });
    let (path, body) = match act {
        BroadcastAct::Edit(it) => {
            ("edit", json!(broadcast::BroadcastEdit { version, draft: it.as_ref().into() }))
        }
        BroadcastAct::Submit => ("submit", alone()),
        BroadcastAct::Approve(hash, people) => ("approve", approval(hash, *people)),
        BroadcastAct::Hold(why) => ("hold", halt(why)),
        BroadcastAct::Release(hash, people) => ("release", approval(hash, *people)),
        BroadcastAct::Stop(why) => ("stop", halt(why)),
        BroadcastAct::Withdraw => ("withdraw", alone()),
        BroadcastAct::Test(language) => {
            ("test", json!(broadcast::BroadcastTest { version, language: text(language) }))
        }
        BroadcastAct::Correct => ("correct", alone()),
    };
    (format!("broadcasts/{id}/{path}"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_screen_says_of_a_text_does_not_go_back() {
        let text = SafeText::new("El lunes\u{200b} no hay agua");
        assert!(text.was_cleaned());
        let draft = Draft { texts: vec![(SafeText::own("nah"), text)], ..Draft::default() };
        let (_, body) = body_of(&Act::Broadcast(Uuid::nil(), BroadcastAct::Edit(Box::new(draft))), 1);
        assert_eq!(body["draft"]["texts"][0]["text"], "El lunes no hay agua");
    }

    #[test]
    fn an_approval_names_the_hash_and_a_halt_no_version() {
        let (id, hash) = (Uuid::nil(), SafeText::own("3fa9"));
        let (path, body) = body_of(&Act::Broadcast(id, BroadcastAct::Approve(hash, Some(12_000))), 7);
        assert_eq!(path, format!("broadcasts/{id}/approve"));
        assert_eq!(body, json!({ "hash": "3fa9", "people": 12_000 }));
        let (_, body) = body_of(&Act::Broadcast(id, BroadcastAct::Stop(SafeText::own("ya"))), 7);
        assert_eq!(body, json!({ "reason": "ya" }));
    }
}
