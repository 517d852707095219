//! Cases: what citizens and officers change of them, lists, search and clocks.

mod acts;
mod citizens;
mod duplicates;
mod lists;
mod privacy;
mod reads;
