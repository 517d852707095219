//! Demands: what many ask for together.
//!
//! A citizen's message changes demands by a [`Change`] (`change.rs`), in one transaction with her conversation
//! and the replies; staff by an [`Act`] (`act.rs`), in one transaction with its entry of the audit trail; clocks
//! by `ring_demand`. A support (`support.rs`) belongs to a person and is counted once in each total, which the
//! table itself guards; totals are kept in the row of the demand and never counted when they are read.
//!
//! **Secret.** Who supports what leaves the store to one caller only, the sender of notices (`notices.rs`).
//! No change, event, list or reading names a supporter, and who takes her support back leaves no row.
//!
//! On `PostgreSQL` each writer takes the feed of events first, so they come one after the other.

pub(crate) mod act;
pub(crate) mod change;
pub(crate) mod clocks;
pub(crate) mod commitments;
pub(crate) mod leading;
pub(crate) mod lists;
pub(crate) mod merge;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod read;
pub(crate) mod row;
pub(crate) mod subscriptions;
pub(crate) mod support;
mod types;

pub use act::Acted;
pub use clocks::Handing;
pub use lists::{Order, Queue};
pub use notices::{Notice, NoticeKind, Scope, WEEK_CAMPAIGN, campaign, topic_campaign};
pub use subscriptions::DueDigest;
pub use types::{
    Act, Acta, Acting, Answer, AskedMerge, AuthorMessage, Change, Changed, Commitment, DecideLeader, Demand,
    FullDemand, Leader, Merge, Milestone, Mine, Named, NewActa, NewDemand, OfficeRecord, Opening, Promise,
    Recipient, RelayAsk,
};
