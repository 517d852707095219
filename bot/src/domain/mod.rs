//! What the service knows, as types and pure rules: no database, no network, no clock.

#[macro_use]
pub(crate) mod codes;

pub mod answer_limits;
pub mod benchmark;
pub mod broadcast;
pub mod calendar;
pub mod case;
pub mod channel;
pub mod chart;
pub mod corrections;
pub mod csv_guard;
pub mod demand;
pub mod desk;
pub mod facts;
pub mod figure;
pub mod fold;
pub mod highlight;
pub mod indicator;
pub mod municipality;
pub mod pack;
pub mod peer_group;
pub mod phone;
pub mod place;
pub mod placeholders;
pub mod privacy;
pub mod progress;
pub mod public_text;
pub mod purpose;
pub mod recognition;
pub mod redact;
pub mod similar;
pub mod small_numbers;
pub mod staff;
pub mod time;
pub mod vocabulary;
