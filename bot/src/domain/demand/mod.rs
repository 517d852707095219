//! A demand: what many ask for together. Its states, its kinds of support, its answer and what came of it.
//!
//! A draft is no demand yet: it lies in the conversation of who writes it.

pub mod code;
pub mod flags;
pub mod rules;
pub mod view;

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use view::{Answer, AskedMerge, Commitment, Demand, Milestone, Mine, Named, Promise};

/// How far a demand got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandState {
    /// It waits until two other people confirm it.
    Confirming,
    /// It waits for a moderator.
    Moderation,
    /// It is public and collects support.
    Collecting,
    /// It has as much support as it needs.
    Reached,
    /// The authority has it and owes an answer.
    WithAuthority,
    /// It was answered.
    Answered,
    /// The answer is a promise that is followed.
    Followed,
    /// It is over and can still be read.
    Archived,
    /// A moderator refused it; it never was public.
    Rejected,
    /// Its author took it back.
    Withdrawn,
    /// Its time ran out before it was confirmed, or had enough support.
    Expired,
    /// It goes on in another one.
    Merged,
}

codes!(DemandState, "state of a demand", {
    Confirming => "confirming",
    Moderation => "moderation",
    Collecting => "collecting",
    Reached => "reached",
    WithAuthority => "with_authority",
    Answered => "answered",
    Followed => "followed",
    Archived => "archived",
    Rejected => "rejected",
    Withdrawn => "withdrawn",
    Expired => "expired",
    Merged => "merged",
});

impl DemandState {
    /// The letter that stands for it in a list.
    pub const fn mark(self) -> char {
        match self {
            Self::Confirming => 'C',
            Self::Moderation => 'M',
            Self::Collecting => 'J',
            Self::Reached => 'L',
            Self::WithAuthority => 'A',
            Self::Answered => 'R',
            Self::Followed => 'S',
            Self::Archived => 'H',
            Self::Rejected => 'N',
            Self::Withdrawn => 'T',
            Self::Expired => 'V',
            Self::Merged => 'U',
        }
    }

    /// Whether everybody may read it. What went on in another one is read there.
    pub const fn public(self) -> bool {
        !matches!(self, Self::Confirming | Self::Moderation | Self::Rejected | Self::Withdrawn | Self::Merged)
    }

    /// Whether it can be supported, and support be taken back: until the answer.
    pub const fn signable(self) -> bool {
        matches!(self, Self::Collecting | Self::Reached | Self::WithAuthority)
    }

    /// Whether nothing follows any more, so that its code will be free.
    pub const fn over(self) -> bool {
        matches!(self, Self::Archived | Self::Rejected | Self::Withdrawn | Self::Expired)
    }
}

/// How a support came about. Kinds are counted apart and never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// A message from a number or a chat, of which nobody knows more.
    Phone,
    /// The number was checked by a code that came back, or by staff.
    Verified,
    /// A head on the list of an assembly.
    Paper,
}

codes!(SupportKind, "kind of support", { Phone => "phone", Verified => "verified", Paper => "paper" });

/// The support of a demand, by kind. One person is in at most one of the first three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// By phone, without an open flag.
    pub phone: u64,
    /// By phone, with an open flag: shown apart, and not counted for the threshold until it is cleared.
    pub flagged: u64,
    /// Verified.
    pub verified: u64,
    /// On paper: heads, which are nobody's in particular.
    pub paper: u64,
    /// Of the first three, those whose sender was new to the service.
    pub new_senders: u64,
}

impl Support {
    /// What counts for the threshold, and is the total that people are told.
    pub const fn total(&self) -> u64 {
        self.phone + self.verified
    }

    /// People, whether flagged or not.
    pub const fn people(&self) -> u64 {
        self.phone + self.verified + self.flagged
    }
}

/// What the authority answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It will be done.
    Accepted,
    /// A part of it will be done.
    Partly,
    /// It will not be done.
    Rejected,
}

codes!(Verdict, "verdict", { Accepted => "accepted", Partly => "partly", Rejected => "rejected" });

/// How far a commitment or one of its milestones got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Nothing was begun.
    NotStarted,
    /// Work goes on.
    InProgress,
    /// Something holds it up.
    Stuck,
    /// It is done.
    Finished,
    /// It ended before it was done.
    Incomplete,
}

codes!(Progress, "state of a commitment", {
    NotStarted => "not_started",
    InProgress => "in_progress",
    Stuck => "stuck",
    Finished => "finished",
    Incomplete => "incomplete",
});

/// What a supporter says: did they do it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Half.
    Half,
}

codes!(Vote, "vote", { Yes => "yes", No => "no", Half => "half" });

/// What supporters said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// They did it.
    pub yes: u64,
    /// They did not.
    pub no: u64,
    /// They did half of it.
    pub half: u64,
}

impl Votes {
    /// All of them.
    pub const fn all(&self) -> u64 {
        self.yes + self.no + self.half
    }
}

/// What is known of somebody who asked to be known as a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leadership {
    /// She asked, and staff has not decided.
    Asked,
    /// Staff verified her.
    Verified,
    /// Staff did not.
    Refused,
}

codes!(Leadership, "state of a leader", { Asked => "asked", Verified => "verified", Refused => "refused" });

/// What news a person subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionKind {
    /// New demands of a topic in a municipality.
    Topic,
    /// What happened in a municipality, once a week.
    Week,
}

codes!(SubscriptionKind, "kind of subscription", { Topic => "topic", Week => "week" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_again_and_is_what_serde_writes() {
        macro_rules! check {
            ($($name:ident),+) => {$(
                for it in $name::ALL {
                    assert_eq!(it.code().parse(), Ok(*it));
                    assert_eq!(serde_json::to_value(it).expect("a text"), it.code());
                }
                assert!("".parse::<$name>().is_err());
            )+};
        }
        check!(DemandState, SupportKind, Verdict, Progress, Vote, Leadership, SubscriptionKind);
    }

    #[test]
    fn each_state_has_a_letter_of_its_own() {
        let mut marks: Vec<char> = DemandState::ALL.iter().map(|it| it.mark()).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), DemandState::ALL.len());
    }

    #[test]
    fn what_can_be_supported_is_public_and_not_over() {
        for it in DemandState::ALL {
            assert!(!it.signable() || it.public() && !it.over(), "{it}");
        }
    }

    #[test]
    fn paper_and_flagged_support_are_in_no_total() {
        let support = Support { phone: 20, flagged: 9_000, verified: 4, paper: 300, new_senders: 9_010 };
        assert_eq!((support.total(), support.people()), (24, 9_024));
    }
}
