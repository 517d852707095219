//! Text messages: what they cost, and the gateways that carry them.

pub mod segments;
