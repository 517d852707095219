//! Cabildo: the whole service.
//!
//! `domain` knows what is true, `engine` what to answer, `store` keeps, `channels` put a reply into
//! words and send it, `jobs`, `http` and `telegram` connect them; `ARCHITECTURE.md` follows one
//! message through all of it.

pub mod app;
pub mod backup;
pub mod channels;
pub mod charts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod domain;
pub mod embedded;
pub mod engine;
pub mod flood;
pub mod http;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod metrics;
pub mod report;
pub mod retention;
pub mod seed;
pub mod service;
pub mod spool;
pub mod store;
pub mod telegram;
pub mod telemetry;
mod turns;
pub mod watch;
