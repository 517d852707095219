//! Helpers of the tests that cross crates.

pub mod bot_api;
pub mod serving;
