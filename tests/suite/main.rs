//! The tests that cross crates, in one binary: one link.
//!
//! Each file of this folder has its line here; `rules.rs` checks that none is forgotten.

mod android;
mod asked;
mod cases_dialogue;
mod config;
mod conformance;
mod console;
mod dialogue;
mod duplicates;
mod faults;
mod flood;
mod gateway_faults;
mod generic;
mod kannel;
mod kill;
mod linking;
mod messages;
mod operations;
mod panics;
mod places;
mod rules;
mod sms;
mod sql;
mod staff_api;
mod staff_cases;
mod staff_events;
mod telegram;
mod telegram_faults;
mod telegram_media;
mod timings;
mod twilio;
