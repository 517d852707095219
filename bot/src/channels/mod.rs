//! Channels: how a reply is put into words for a kind of channel, and how it is sent.

pub mod android;
mod call;
pub mod gateway;
pub mod generic;
pub mod kannel;
pub mod media;
pub mod render;
pub mod sms;
pub mod telegram;
pub mod twilio;

use std::time::Duration;

/// The one configured HTTP client: 5 s to connect, `whole` for a call from its first byte to its
/// last, no redirects (a gateway that redirects is not the one that was configured).
///
/// # Errors
/// When the TLS library has no usable provider or roots.
pub fn http_client(whole: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(whole)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("cabildo/", env!("CARGO_PKG_VERSION")))
        .build()
}
