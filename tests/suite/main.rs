//! The tests that cross crates, in one program.

mod conformance;
mod sql;
mod timings;
