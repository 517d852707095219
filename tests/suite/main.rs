//! The tests that cross crates, in one binary: one link.
//!
//! Each file of this folder has its line here; `rules.rs` checks that none is forgotten.

mod android;
mod asked;
mod canary;
mod cases_afterwards;
mod cases_dialogue;
mod cases_plain_words;
mod citizens_and_staff;
mod config;
mod conformance;
mod console;
mod console_walks;
mod dialogue;
mod duplicates;
mod end_to_end;
mod faults;
mod flood;
mod gateway_faults;
mod generic;
mod interleaving;
mod kannel;
mod kill;
mod linking;
mod messages;
mod operations;
mod pace;
mod panics;
mod places;
mod power;
mod privacy;
mod rules;
mod sharing;
mod sms;
mod spoofing;
mod sql;
mod staff_api;
mod staff_cases;
mod staff_document;
mod staff_events;
mod stolen_disk;
mod telegram;
mod telegram_faults;
mod telegram_media;
mod timings;
mod twilio;
