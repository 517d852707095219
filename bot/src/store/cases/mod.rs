//! Cases: what somebody is owed an answer to.
//!
//! A citizen's message changes cases by a [`Change`], written in one transaction with her conversation
//! and the replies; staff by an [`Act`], written in one transaction with whatever the caller adds to it.
//! Each leaves a row in `case_changes` under the case's new version, an event, and exact counts.

mod types;

pub use types::{
    Act, Acting, AskedFollowUp, CaseFacts, Change, Closing, FeedbackKind, MyCase, NewCase, Referral, Snooze,
    Told, WalkIn,
};
