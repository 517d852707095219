//! The tests that cross crates, in one binary: one link.
//!
//! Each file of this folder has its line here; `rules.rs` checks that none is forgotten.

mod asked;
mod config;
mod conformance;
mod dialogue;
mod duplicates;
mod faults;
mod flood;
mod kannel;
mod kill;
mod messages;
mod panics;
mod places;
mod rules;
mod sms;
mod sql;
mod telegram;
mod timings;
