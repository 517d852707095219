//! Follows the feed: resumes behind the last event that was read, so that nothing is lost or doubled.

use std::time::Duration;

use cabildo_staff_api as wire;
use reqwest::Method;
use tokio::sync::mpsc;

use super::client::{Api, refuse};
use super::sse::Reader;
use crate::data::FeedEvent;
use crate::event::Event;

/// The first pause before the next try.
const FIRST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST: Duration = Duration::from_secs(30);
/// The service says something every 15 s: silence means that the line is cut.
const SILENCE: Duration = Duration::from_secs(40);
/// How long the service may take to begin.
const BEGIN: Duration = Duration::from_secs(10);

/// How the feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not followed yet.
    Starting,
    /// Events arrive.
    Live,
    /// The service is not reached; how long until the next try.
    Down {
        /// The pause.
        retry: Duration,
    },
    /// The account may not follow it.
    Closed,
}

/// How long to wait before try `number` (from 0): doubling, with a fifth of chance so that consoles do not all
/// come back at once.
pub fn pause(number: u32, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(number.min(10))).min(LONGEST);
    doubled.mul_f64(chance.mul_add(0.2, 0.8))
}

/// Why following ended.
enum End {
    Cut,
    SignedOut,
    Refused,
}

/// Follows the feed until nobody listens any more.
pub async fn follow(api: Api, events: mpsc::Sender<Event>) {
    let mut cursor = None;
    let mut tried = 0;
    loop {
        match listen(&api, &events, &mut cursor, &mut tried).await {
            End::SignedOut => {
                let _ = events.send(Event::SignedOut).await;
                return;
            }
            End::Refused => {
                let _ = events.send(Event::Link(Link::Closed)).await;
                return;
            }
            End::Cut => {}
        }
        let retry = pause(tried, fastrand::f64());
        tried += 1;
        if events.send(Event::Link(Link::Down { retry })).await.is_err() {
            return;
        }
        tokio::time::sleep(retry).await;
    }
}

async fn listen(api: &Api, events: &mpsc::Sender<Event>, cursor: &mut Option<i64>, tried: &mut u32) -> End {
    let mut request = api.request(Method::GET, "events");
    if let Some(after) = *cursor {
        request = request.query(&[("after", after)]);
    }
    let Ok(Ok(response)) = tokio::time::timeout(BEGIN, request.send()).await else { return End::Cut };
    let mut response = match refuse(response).await {
        Ok(response) => response,
        Err(failure) if failure.code == "not_signed_in" => return End::SignedOut,
        Err(failure) if failure.code == "not_allowed" => return End::Refused,
        Err(_) => return End::Cut,
    };
    *tried = 0;
    if events.send(Event::Link(Link::Live)).await.is_err() {
        return End::Cut;
    }
    let mut reader = Reader::default();
    while let Ok(Ok(Some(bytes))) = tokio::time::timeout(SILENCE, response.chunk()).await {
        for block in reader.take(&bytes) {
            let known = *cursor;
            *cursor = block.id.or(known).max(known);
            // A cut line may bring an event again.
            let Ok(event) = serde_json::from_str::<wire::Event>(&block.data) else { continue };
            if known.is_some_and(|it| event.seq <= it) {
                continue;
            }
            if events.send(Event::Feed(FeedEvent::from(event))).await.is_err() {
                return End::Cut;
            }
        }
    }
    End::Cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_half_a_second_to_half_a_minute() {
        let full: Vec<u128> = (0..9).map(|it| pause(it, 1.0).as_millis()).collect();
        assert_eq!(full, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(pause(0, 0.0).as_millis(), 400);
        assert_eq!(pause(u32::MAX, 0.0).as_millis(), 24_000);
    }
}
