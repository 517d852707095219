//! The console as a value: keys and answers in, effects and screens out. No terminal and no network.

mod capture;
mod fake;
mod feed;
mod held;
mod hostile;
mod hostile_service;
mod keys;
mod page;
mod rules;
mod snapshots;
mod states;
mod terminal;
