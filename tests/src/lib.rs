//! Helpers of the tests that cross crates.

pub mod postgres;
pub mod stores;
