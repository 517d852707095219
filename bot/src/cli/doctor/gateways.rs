//! The checks of gateways: whether they are reached and take the credentials, by calls that do
//! nothing. Nothing is ever sent.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::net::TcpStream;

use super::super::exit;
use super::Finding;
use crate::channels::http_client;
use crate::config::{ChannelConfig, Config, Secret};

/// Longest time of one call.
const CALL: Duration = Duration::from_secs(10);

/// One for each channel.
pub(super) async fn all(config: &Config) -> Vec<Finding> {
    let Ok(client) = http_client(CALL) else {
        let what = "the HTTP client can't be made";
        return vec![Finding::fail("gateways", exit::UNAVAILABLE, what, "Reinstall the program.")];
    };
    let mut all = Vec::new();
    for (id, channel) in &config.channels {
        let check = format!("channel {id}");
        let finding = if let ChannelConfig::Telegram(it) = channel {
            let token = it.token.as_ref().map(Secret::reveal).unwrap_or_default();
            let url = format!("{}/bot{token}/getMe", it.api_url.trim_end_matches('/'));
            called(&check, client.get(url), "the token", "Ask @BotFather for a new token.").await
        } else if let ChannelConfig::Twilio(it) = channel {
            let token = it.auth_token.as_ref().map(Secret::reveal).unwrap_or_default();
            let base = it.api_url.trim_end_matches('/');
            let url = format!("{base}/2010-04-01/Accounts/{}.json", it.account_sid);
            let request = client.get(url).basic_auth(&it.account_sid, Some(token));
            called(&check, request, "account_sid and auth_token", "Copy both from the Twilio console.").await
        } else if let ChannelConfig::Kannel(it) = channel {
            match it.sendsms_url.as_deref() {
                None => Finding::ok(&check, "answers only: no sendsms_url is set"),
                Some(url) => reached(&check, url, "sendsms_url", "smsbox").await,
            }
        } else if let ChannelConfig::Android(it) = channel {
            let password = it.password.as_ref().map(Secret::reveal).unwrap_or_default();
            let url = format!("{}/messages?limit=1", it.api_url.trim_end_matches('/'));
            phone(&check, client.get(url).basic_auth(&it.username, Some(password))).await
        } else if let ChannelConfig::Http(it) = channel {
            match it.send.as_ref() {
                None => Finding::ok(&check, "answers only: it sends nothing"),
                // Places of a template stand behind the host only.
                Some(send) => reached(&check, send.url.beginning(), "send.url", "the gateway").await,
            }
        } else {
            Finding::ok(&check, "its kind of gateway is not known here")
        };
        all.push(finding);
    }
    all
}

/// A call that does nothing; the error of a call is not shown, since it quotes the URL.
async fn called(check: &str, request: reqwest::RequestBuilder, what: &str, advice: &str) -> Finding {
    match request.send().await {
        Err(problem) => {
            let why = if problem.is_timeout() { "does not answer in time" } else { "can't be reached" };
            Finding::fail(
                check,
                exit::UNAVAILABLE,
                format!("the gateway {why}"),
                "See whether this machine reaches the internet, its name service, and api_url.",
            )
        }
        Ok(response) => match response.status() {
            status if status.is_success() => Finding::ok(check, format!("reached; it takes {what}")),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                Finding::fail(check, exit::CONFIG, format!("reached; it refuses {what}"), advice)
            }
            status => Finding::warn(
                check,
                format!("reached; it answers {}", status.as_u16()),
                "Try again; see the gateway's own state if it stays.",
            ),
        },
    }
}

/// Whether somebody listens where a URL points.
async fn reached(check: &str, url: &str, key: &str, who: &str) -> Finding {
    let place = reqwest::Url::parse(url).ok().and_then(|it| {
        let port = it.port_or_known_default()?;
        Some((it.host_str()?.trim_matches(['[', ']']).to_owned(), port))
    });
    let Some((host, port)) = place else {
        return Finding::fail(check, exit::CONFIG, format!("{key} has no host"), "Correct the URL.");
    };
    match tokio::time::timeout(CALL, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => {
            Finding::ok(check, format!("{who} is reached; its password is not tried, since that would send"))
        }
        _ => Finding::fail(
            check,
            exit::UNAVAILABLE,
            format!("nobody listens on port {port} of the host of {key}"),
            format!("Start {who}, or correct {key}."),
        ),
    }
}

/// The list of a phone's messages, of which nothing is read. Older apps have no such list.
async fn phone(check: &str, request: reqwest::RequestBuilder) -> Finding {
    match request.send().await.map(|it| it.status()) {
        Ok(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
            Finding::ok(check, "reached; whether it takes username and password shows with the first message")
        }
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Finding::fail(
            check,
            exit::CONFIG,
            "reached; it refuses username and password",
            "Copy both from the app.",
        ),
        Ok(status) if status.is_success() => Finding::ok(check, "reached; it takes username and password"),
        Ok(status) => Finding::warn(
            check,
            format!("reached; it answers {}", status.as_u16()),
            "Open the app on the phone and see whether it is online.",
        ),
        Err(_) => Finding::fail(
            check,
            exit::UNAVAILABLE,
            "the phone or its server can't be reached",
            "See whether the phone is on and in the same network, and api_url.",
        ),
    }
}
