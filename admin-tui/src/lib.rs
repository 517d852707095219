//! The staff console: keyboard only, safe with hostile text, right on 80x24 over a slow line.
//!
//! [`app::App`] is a value: `handle(event) -> effects` and `draw`. [`run`] is the loop around it with the terminal, the
//! network and the files; [`plain`] is the line mode, which shares the client and the acts. Text from outside is
//! [`safe::SafeText`] from the network edge on, and [`paint::Paint`] takes nothing else.

pub mod acts;
pub mod api;
pub mod app;
pub mod broadcast_acts;
pub mod broadcast_data;
pub mod chart_data;
pub mod data;
pub mod demand_acts;
pub mod demand_data;
pub mod desk_data;
pub mod event;
pub mod filled;
pub mod frames;
pub mod highlight_acts;
pub mod highlight_data;
pub mod ids;
pub mod input;
pub mod keymap;
pub mod overlays;
pub mod paint;
pub mod plain;
pub mod run;
pub mod safe;
pub mod screens;
pub mod session;
pub mod settings;
pub mod shared;
pub mod theme;
pub mod triage;
pub mod typed;
pub mod widgets;
pub mod words;

#[cfg(test)]
mod tests;
