//! The tests that cross crates, as one program.

mod config;
mod sms;
mod telegram;
