//! Highlights: what a municipality did that moved a figure, told to those like it. Rules only.

pub mod candidates;
pub mod card;
pub mod personal_data;
