//! The console as a value: keys and answers in, effects and screens out. No terminal and no network.

mod capture;
mod demand_keys;
mod demands;
mod fake;
mod feed;
mod frames;
mod held;
mod highlight_keys;
mod highlights;
mod hostile;
mod hostile_demands;
mod hostile_highlights;
mod hostile_service;
mod keys;
mod others;
mod page;
mod rules;
mod sealed;
mod service;
mod snapshots;
mod states;
mod telling;
mod terminal;
