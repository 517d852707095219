//! What a person must act on. Each alarm has a stable code, which is the field `alarm` of its log
//! line, a metric and a line of `docs/operations/alarms.md`.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use super::{Places, Seen, WAL_ALARM};
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use crate::store::Location;
use crate::telegram::PollState;

/// All codes.
pub const CODES: &[&str] = &[
    "poll_silent",
    "poll_silent_long",
    "wal_large",
    "disk_low",
    "budget_80",
    "budget_used_up",
    "unknown_old",
    "spool_in_use",
    "gateway_down",
    "battery_low",
    "forged_webhooks",
    "message_parked",
    "rotation_unfinished",
    "backup_old",
    "database_down",
    "database_unsafe",
    "privacy_day_10",
    "privacy_day_15",
    "privacy_overdue",
    "retention_late",
    "numbers_revealed",
];

/// What each means and what to do.
const DOCUMENT: &str = include_str!("../../../docs/operations/alarms.md");

/// How often a standing alarm is told again, ms.
const REMIND: i64 = HOUR;

/// An alarm that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// Its stable code.
    pub code: &'static str,
    /// The channel, budget, file or account it is about; empty where there is one only.
    pub about: String,
}

/// What an alarm means, in a sentence without its dot: the words of `docs/operations/alarms.md`.
pub fn meaning(code: &str) -> &'static str {
    let begin = format!("| `{code}` |");
    let row = DOCUMENT.lines().find_map(|it| it.strip_prefix(begin.as_str()));
    row.and_then(|it| it.split('|').next()).map_or("", str::trim)
}

/// What it remembers between two looks.
#[derive(Debug, Default)]
pub struct Memory {
    /// When each alarm was told last.
    told: HashMap<(&'static str, String), i64>,
    /// Refused calls at the looks of the last minute.
    refused: VecDeque<(i64, u64)>,
}

impl Memory {
    /// How many calls were refused in the last minute, given how many were refused ever.
    pub(super) fn refused(&mut self, now: UnixMillis, total: u64) -> u64 {
        self.refused.push_back((now.0, total));
        while self.refused.len() > 1 && self.refused.front().is_some_and(|(at, _)| now.0 - at > MINUTE) {
            self.refused.pop_front();
        }
        total - self.refused.front().map_or(total, |(_, then)| *then).min(total)
    }

    /// Tells new alarms at once, standing ones every hour, and the end of one that stood.
    pub(super) fn raise(&mut self, alarms: &[Alarm], now: UnixMillis) {
        for it in alarms {
            let key = (it.code, it.about.clone());
            if self.told.get(&key).is_none_or(|told| now.0 - told >= REMIND) {
                let about = Some(it.about.as_str()).filter(|it| !it.is_empty());
                tracing::error!(
                    alarm = it.code,
                    about,
                    "somebody must act: docs/operations/alarms.md says how"
                );
                self.told.insert(key, now.0);
            }
        }
        self.told.retain(|(code, about), _| {
            let stands = alarms.iter().any(|it| it.code == *code && it.about == *about);
            if !stands {
                let about = Some(about.as_str()).filter(|it| !it.is_empty());
                tracing::info!(alarm_over = code, about, "an alarm is over");
            }
            stands
        });
    }
}

/// The alarms for what was seen.
pub(super) fn judge(seen: &Seen, places: &Places, started: UnixMillis, now: UnixMillis) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let mut add = |code: &'static str, about: &str| alarms.push(Alarm { code, about: about.to_owned() });
    // One that stands by is silent while another process polls, and that one tells.
    for (channel, poll) in seen.telegram.iter().filter(|(_, poll)| poll.state != PollState::Standby) {
        let silent = poll.last_poll_ms_ago.unwrap_or_else(|| now.since(started));
        if silent >= 10 * MINUTE {
            add("poll_silent", channel);
        }
        if silent >= 2 * HOUR {
            add("poll_silent_long", channel);
        }
    }
    for (name, budget) in &seen.budgets {
        let Some(cap) = budget.cap else { continue };
        let used = budget.used.max(0) as u64;
        if used >= cap {
            add("budget_used_up", name);
        } else if used.saturating_mul(100) >= cap.saturating_mul(80) {
            add("budget_80", name);
        }
    }
    for gateway in &seen.gateways {
        if gateway.down_since.is_some() {
            add("gateway_down", &gateway.id);
        }
        if gateway.battery.is_some_and(|it| it < 20) {
            add("battery_low", &gateway.id);
        }
    }
    for setting in &seen.unsafe_settings {
        add("database_unsafe", setting);
    }
    for account in &seen.curious {
        add("numbers_revealed", &account.to_string());
    }
    let backed_up = matches!(places.location, Location::File(_)) && !places.backup.recipients.is_empty();
    let newest = seen.backup_at.unwrap_or(started.0);
    for (code, on) in [
        ("wal_large", seen.wal_bytes > WAL_ALARM),
        ("disk_low", seen.disk_low),
        ("unknown_old", seen.unknown.oldest_ms.is_some_and(|it| it > DAY)),
        ("spool_in_use", seen.spooled > 0),
        ("forged_webhooks", seen.refused_last_minute >= 20),
        ("message_parked", seen.parked > 0),
        ("rotation_unfinished", seen.old_addresses > 0),
        ("backup_old", backed_up && now.0 - newest > 26 * HOUR),
        ("database_down", !seen.database),
        // One that has been told twice is told by the greater alarm alone.
        ("privacy_day_10", seen.privacy.first > seen.privacy.second),
        ("privacy_day_15", seen.privacy.second > seen.privacy.overdue),
        ("privacy_overdue", seen.privacy.overdue > 0),
        ("retention_late", seen.retention_late),
    ] {
        if on {
            add(code, "");
        }
    }
    alarms
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::config::{Backup, SendingLimits};
    use crate::store::watched::GatewayState;
    use crate::watch::{Budget, Poll, Queue};

    fn places() -> Places {
        Places {
            location: Location::File("cabildo.db".into()),
            folder: ".".into(),
            key_file: "keys".into(),
            backup: Backup { recipients: vec!["age1".to_owned()], ..Backup::default() },
            backup_folder: "backups".into(),
            retention: crate::config::Retention::default(),
            limits: SendingLimits::default(),
            channels: Vec::new(),
            telegram: HashMap::new(),
        }
    }

    fn codes(seen: &Seen, now: i64) -> Vec<&'static str> {
        let alarms = judge(seen, &places(), UnixMillis(0), UnixMillis(now));
        alarms.iter().map(|it| it.code).collect()
    }

    fn well() -> Seen {
        Seen { database: true, backup_at: Some(0), disk_free_percent: Some(50), ..Seen::default() }
    }

    #[test]
    fn nothing_is_an_alarm_while_all_is_well() {
        assert!(codes(&well(), 0).is_empty());
    }

    #[test]
    fn each_cause_has_its_alarm_at_its_limit() {
        let poll = |ms| Poll { state: PollState::Unreachable, last_poll_ms_ago: Some(ms) };
        let with = |change: &dyn Fn(&mut Seen)| {
            let mut seen = well();
            change(&mut seen);
            codes(&seen, 0)
        };
        let budget = |used| Budget { used, cap: Some(100) };
        let gateway = |battery, down_since| GatewayState {
            id: "phone".to_owned(),
            score: 0,
            down_since,
            battery,
            credit: None,
            reported_at: None,
        };
        let mut raised = std::collections::BTreeSet::new();
        let mut check = |change: &dyn Fn(&mut Seen), expected: &[&'static str]| {
            let found = with(change);
            assert_eq!(found, expected);
            raised.extend(found);
        };
        check(
            &|it| {
                it.telegram.insert("t".into(), poll(10 * MINUTE - 1));
            },
            &[],
        );
        check(
            &|it| {
                it.telegram.insert("t".into(), poll(10 * MINUTE));
            },
            &["poll_silent"],
        );
        check(
            &|it| {
                it.telegram.insert("t".into(), poll(2 * HOUR));
            },
            &["poll_silent", "poll_silent_long"],
        );
        check(&|it| it.wal_bytes = WAL_ALARM, &[]);
        check(&|it| it.wal_bytes = WAL_ALARM + 1, &["wal_large"]);
        check(&|it| it.disk_low = true, &["disk_low"]);
        check(
            &|it| {
                it.budgets.insert("money".into(), budget(79));
            },
            &[],
        );
        check(
            &|it| {
                it.budgets.insert("money".into(), budget(80));
            },
            &["budget_80"],
        );
        check(
            &|it| {
                it.budgets.insert("money".into(), budget(100));
            },
            &["budget_used_up"],
        );
        check(&|it| it.unknown = Queue { count: 1, oldest_ms: Some(DAY) }, &[]);
        check(&|it| it.unknown = Queue { count: 1, oldest_ms: Some(DAY + 1) }, &["unknown_old"]);
        check(&|it| it.spooled = 1, &["spool_in_use"]);
        check(&|it| it.gateways = vec![gateway(Some(20), None)], &[]);
        check(&|it| it.gateways = vec![gateway(Some(19), None)], &["battery_low"]);
        check(&|it| it.gateways = vec![gateway(None, Some(1))], &["gateway_down"]);
        check(&|it| it.refused_last_minute = 19, &[]);
        check(&|it| it.refused_last_minute = 20, &["forged_webhooks"]);
        check(&|it| it.parked = 1, &["message_parked"]);
        check(&|it| it.old_addresses = 1, &["rotation_unfinished"]);
        check(&|it| it.database = false, &["database_down"]);
        check(&|it| it.unsafe_settings = vec!["fsync".to_owned()], &["database_unsafe"]);
        let waiting = |first, second, overdue| crate::store::privacy::Waiting { first, second, overdue };
        check(&|it| it.privacy = waiting(1, 0, 0), &["privacy_day_10"]);
        check(&|it| it.privacy = waiting(1, 1, 0), &["privacy_day_15"]);
        check(&|it| it.privacy = waiting(3, 2, 1), &["privacy_day_10", "privacy_day_15", "privacy_overdue"]);
        check(&|it| it.retention_late = true, &["retention_late"]);
        check(&|it| it.curious = vec![uuid::Uuid::nil()], &["numbers_revealed"]);
        assert!(codes(&well(), 26 * HOUR).is_empty());
        raised.extend(codes(&well(), 26 * HOUR + 1));
        // No code is there that nothing raises.
        assert_eq!(raised, CODES.iter().copied().collect());
    }

    #[test]
    fn refused_calls_are_those_of_the_last_minute() {
        let mut memory = Memory::default();
        assert_eq!(memory.refused(UnixMillis(0), 100), 0);
        assert_eq!(memory.refused(UnixMillis(30_000), 120), 20);
        assert_eq!(memory.refused(UnixMillis(60_000), 120), 20);
        assert_eq!(memory.refused(UnixMillis(95_000), 125), 5);
    }

    #[test]
    fn every_code_is_explained() {
        for code in CODES {
            assert!(!meaning(code).is_empty(), "{code}");
        }
        assert_eq!(meaning("nothing"), "");
    }
}
