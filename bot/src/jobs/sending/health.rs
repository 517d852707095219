//! How well each gateway is, by the results of its calls, and when another one stands in.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lock;
use crate::channels::gateway::SendError;
use crate::domain::time::UnixMillis;
use crate::store::gateways::{GatewayRow, Switch};

/// Below this score another gateway sends.
const DOWN: i64 = 40;
/// From this score on it sends again.
const WELL: i64 = 80;
/// How often a message goes to a gateway that is down, to see whether it still is, ms.
const PROBE: i64 = 30_000;

/// How well a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// 0 down, 100 well.
    pub score: i64,
    /// Since when it is down.
    pub down_since: Option<UnixMillis>,
    probed_at: UnixMillis,
    written: i64,
}

impl Default for Condition {
    fn default() -> Self {
        Self { score: 100, down_since: None, probed_at: UnixMillis(0), written: 100 }
    }
}

/// How well all gateways are.
#[derive(Debug, Default)]
pub struct Health(Mutex<HashMap<String, Condition>>);

/// Whether an answer says that the gateway is there: what it refuses, it has read.
fn is_well(result: &Result<Option<String>, SendError>) -> bool {
    match result {
        Err(SendError::Unknown) => false,
        Err(SendError::Retry { reason, .. } | SendError::Busy { reason, .. }) => {
            !(reason == "unreachable" || reason == "credentials" || reason.starts_with("http_5"))
        }
        _ => true,
    }
}

impl Health {
    /// Takes up what was known before a restart.
    pub(super) fn load(&self, rows: Vec<GatewayRow>) {
        let mut all = lock(&self.0);
        for row in rows {
            let down_since = row.down_since.map(UnixMillis);
            let score = row.score.clamp(0, 100);
            all.insert(row.id, Condition { score, down_since, probed_at: UnixMillis(0), written: score });
        }
    }

    /// Notes the result of a call; gives what to write down where it went down or is well again.
    pub(super) fn note(
        &self,
        gateway_id: &str,
        result: &Result<Option<String>, SendError>,
        now: UnixMillis,
    ) -> Option<(GatewayRow, Switch)> {
        let mut all = lock(&self.0);
        let it = all.entry(gateway_id.to_owned()).or_default();
        it.score =
            if is_well(result) { (it.score + (100 - it.score) / 4 + 1).min(100) } else { it.score * 3 / 4 };
        let switch = match it.down_since {
            None if it.score < DOWN => {
                (it.down_since, it.probed_at) = (Some(now), now);
                Switch::Away
            }
            Some(_) if it.score >= WELL => {
                it.down_since = None;
                Switch::Back
            }
            _ => return None,
        };
        it.written = it.score;
        Some((row(gateway_id, *it), switch))
    }

    /// Whether a gateway is down.
    pub fn is_down(&self, gateway_id: &str) -> bool {
        lock(&self.0).get(gateway_id).is_some_and(|it| it.down_since.is_some())
    }

    /// Whether another one sends instead of this one now: while it is down, but for a probe from time
    /// to time.
    pub(super) fn stands_aside(&self, gateway_id: &str, now: UnixMillis) -> bool {
        let mut all = lock(&self.0);
        let Some(it) = all.get_mut(gateway_id).filter(|it| it.down_since.is_some()) else { return false };
        if now.since(it.probed_at) < PROBE {
            return true;
        }
        it.probed_at = now;
        false
    }

    /// The gateways that were called since the start or are remembered, with their condition.
    pub fn list(&self) -> Vec<(String, Condition)> {
        let mut all: Vec<_> = lock(&self.0).iter().map(|(id, it)| (id.clone(), *it)).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// Scores that are not written down yet; they count as written.
    pub(super) fn unwritten(&self) -> Vec<GatewayRow> {
        let mut all = lock(&self.0);
        let changed = all.iter_mut().filter(|(_, it)| it.written != it.score);
        changed
            .map(|(id, it)| {
                it.written = it.score;
                row(id, *it)
            })
            .collect()
    }
}

fn row(id: &str, it: Condition) -> GatewayRow {
    GatewayRow { id: id.to_owned(), score: it.score, down_since: it.down_since.map(|at| at.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad() -> Result<Option<String>, SendError> {
        Err(SendError::Retry { reason: "unreachable".to_owned(), after_ms: None })
    }

    #[test]
    fn a_gateway_goes_down_once_and_comes_back_once() {
        let health = Health::default();
        let mut now = UnixMillis(1_000_000);
        let mut switches = Vec::new();
        for _ in 0..20 {
            switches.extend(health.note("a", &bad(), now).map(|it| it.1));
        }
        assert_eq!(switches, [Switch::Away]);
        assert!(health.is_down("a") && !health.is_down("b"));
        // One message in half a minute goes to see.
        assert!(health.stands_aside("a", now));
        now = now.plus(PROBE);
        assert!(!health.stands_aside("a", now));
        assert!(health.stands_aside("a", now));
        for good in 1..=20 {
            let back = health.note("a", &Ok(None), now).map(|it| it.1);
            // Not at the first sign of life.
            assert!(back.is_none() || good > 2);
            switches.extend(back);
        }
        assert_eq!(switches, [Switch::Away, Switch::Back]);
        assert!(!health.stands_aside("a", now));
    }

    #[test]
    fn what_a_gateway_refuses_does_not_make_it_ill() {
        let health = Health::default();
        for _ in 0..50 {
            health.note("a", &Err(SendError::Permanent { reason: "http_400".to_owned() }), UnixMillis(0));
            let slow = SendError::Retry { reason: "http_429".to_owned(), after_ms: Some(1_000) };
            health.note("a", &Err(slow), UnixMillis(0));
            health.note("a", &Err(SendError::Gone), UnixMillis(0));
        }
        assert_eq!(health.list()[0].1.score, 100);
    }

    #[test]
    fn it_is_remembered() {
        let health = Health::default();
        for _ in 0..9 {
            health.note("a", &bad(), UnixMillis(7));
        }
        let rows = health.unwritten();
        assert!(health.unwritten().is_empty());
        let later = Health::default();
        later.load(rows);
        assert!(later.is_down("a"));
    }
}
