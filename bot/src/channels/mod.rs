//! Channels: how a reply is put into words for a kind of channel, and how it is sent.

pub mod gateway;
pub mod render;
pub mod sms;
