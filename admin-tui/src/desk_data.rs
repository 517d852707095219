//! What the screens besides Queue and Case work with, made safe straight after it was read.

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::data::{Person, Row};
use crate::safe::{Code, SafeText};

/// A suggestion, praise or story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: Uuid,
    /// `suggestion`, `praise` or `story`.
    pub kind: Code,
    /// Official key.
    pub municipality: Code,
    /// What it says.
    pub text: SafeText,
    /// `waiting`, `shown`, `hidden` or `asked`.
    pub state: Code,
    /// Why it is hidden.
    pub reason: Code,
    /// Counts the changes.
    pub version: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
    /// When it was decided, Unix ms.
    pub decided_at: Option<i64>,
}

impl From<wire::inbox::Feedback> for Feedback {
    fn from(it: wire::inbox::Feedback) -> Self {
        Self {
            id: it.id,
            kind: Code::new(&it.kind),
            municipality: it.municipality.as_deref().map(Code::new).unwrap_or_default(),
            text: SafeText::new(&it.text),
            state: Code::new(&it.state),
            reason: it.reason.as_deref().map(Code::new).unwrap_or_default(),
            version: it.version,
            created_at: it.created_at,
            decided_at: it.decided_at,
        }
    }
}

/// Messages that say the same and were not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its id.
    pub id: Uuid,
    /// Home municipality of who wrote.
    pub municipality: Code,
    /// What the newest says.
    pub text: Option<SafeText>,
    /// How many say it.
    pub messages: i64,
    /// `waiting`, `answered`, `opened` or `dismissed`.
    pub state: Code,
    /// Counts the changes.
    pub version: i64,
    /// When the first came, Unix ms.
    pub first_at: i64,
    /// When the last came, Unix ms.
    pub last_at: i64,
}

impl From<wire::inbox::UnknownGroup> for Unknown {
    fn from(it: wire::inbox::UnknownGroup) -> Self {
        Self {
            id: it.id,
            municipality: it.municipality.as_deref().map(Code::new).unwrap_or_default(),
            text: it.text.as_deref().map(SafeText::new),
            messages: it.messages,
            state: Code::new(&it.state),
            version: it.version,
            first_at: it.first_at,
            last_at: it.last_at,
        }
    }
}

/// A message of staff to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: Uuid,
    /// The send that it belongs to.
    pub send: Uuid,
    /// The case.
    pub case: Option<Uuid>,
    /// Who sent it.
    pub staff: Uuid,
    /// Its channel.
    pub channel: SafeText,
    /// How far it got.
    pub state: Code,
    /// Why it did not go.
    pub failure: Code,
    /// SMS segments.
    pub segments: i64,
    /// Number of the last attempt.
    pub attempt: i64,
    /// Until when it can be taken back, Unix ms.
    pub until_at: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
}

impl From<wire::outbox::OutboxMessage> for Sent {
    fn from(it: wire::outbox::OutboxMessage) -> Self {
        Self {
            id: it.id,
            send: it.send,
            case: it.case,
            staff: it.staff,
            channel: SafeText::line(&it.channel),
            state: Code::new(&it.state),
            failure: it.failure.as_deref().map(Code::new).unwrap_or_default(),
            segments: it.segments,
            attempt: it.attempt,
            until_at: it.until_at,
            created_at: it.created_at,
        }
    }
}

/// Why a case waits for who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// `assigned`, `mentioned`, `answered` or `due`.
    pub kind: Code,
    /// The case as it was when it was asked.
    pub row: Row,
    /// Who led to it.
    pub by: Option<Person>,
    /// Since when, Unix ms.
    pub at: i64,
}

impl From<wire::notice::Notice> for Notice {
    fn from(it: wire::notice::Notice) -> Self {
        Self {
            id: it.id,
            kind: Code::new(&it.kind),
            row: it.case.into(),
            by: it.by.map(Person::from),
            at: it.at,
        }
    }
}

/// An entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its place in the trail.
    pub seq: i64,
    /// When, Unix ms.
    pub at: i64,
    /// Who did it; absent: the system.
    pub actor: Option<Uuid>,
    /// What was done.
    pub act: Code,
    /// To what kind of thing.
    pub target_kind: Code,
    /// To which one.
    pub target_id: SafeText,
    /// Codes and counts that belong to it.
    pub detail: SafeText,
}

impl From<wire::AuditEntry> for Audit {
    fn from(it: wire::AuditEntry) -> Self {
        Self {
            seq: it.seq,
            at: it.at,
            actor: it.actor_id,
            act: Code::new(&it.act),
            target_kind: Code::new(&it.target_kind),
            target_id: SafeText::line(&it.target_id),
            detail: SafeText::new(&it.detail.to_string()),
        }
    }
}

/// What a check of the audit chain found.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Whether all is well.
    pub sound: bool,
    /// Entries that were read.
    pub entries: i64,
    /// Where the first problem shows, and its code.
    pub problem: Option<(i64, Code)>,
}

impl From<wire::AuditCheck> for Chain {
    fn from(it: wire::AuditCheck) -> Self {
        let problem = it.problem.map(|it| (it.seq, Code::new(&it.code)));
        Self { sound: it.sound, entries: it.entries, problem }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: Uuid,
    /// Sign-in name.
    pub name: SafeText,
    /// The name that colleagues see.
    pub shown_name: SafeText,
    /// `invited`, `active` or `disabled`.
    pub state: Code,
    /// Code of its office.
    pub office: Code,
    /// Its roles and where they hold.
    pub roles: Vec<(Code, SafeText)>,
    /// Codes of its grants.
    pub grants: Vec<Code>,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// Last sign-in, Unix ms.
    pub signed_in_at: Option<i64>,
}

impl From<wire::User> for User {
    fn from(it: wire::User) -> Self {
        let code = |value: serde_json::Value| Code::new(value.as_str().unwrap_or_default());
        let roles = it.roles.iter().map(|it| (code(serde_json::json!(it.role)), SafeText::line(&it.scope)));
        Self {
            id: it.id,
            name: SafeText::line(&it.name),
            shown_name: SafeText::line(&it.shown_name),
            state: code(serde_json::json!(it.state)),
            office: it.office.as_deref().map(Code::new).unwrap_or_default(),
            roles: roles.collect(),
            grants: it.grants.iter().map(|it| Code::new(it)).collect(),
            second_factor: it.second_factor,
            signed_in_at: it.signed_in_at,
        }
    }
}

/// One line of the state of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `alarm`, `gateway`, `queue`, `budget` or `fact`.
    pub group: Code,
    /// What it is: a code, or a name where there is no word for it.
    pub name: SafeText,
    /// Its code, to be put into words.
    pub code: Code,
    /// How it is: numbers that the line's sentence takes.
    pub count: i64,
    /// A second number: how long, or the cap.
    pub more: Option<i64>,
    /// Whether somebody must look at it.
    pub bad: bool,
}

/// The state of the service, the alarms first.
pub fn parts(it: &wire::report::Health) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut push = |group: &str, code: &str, name: &str, count: i64, more: Option<i64>, bad: bool| {
        let (group, code, name) = (Code::new(group), Code::new(code), SafeText::line(name));
        parts.push(Part { group, name, code, count, more, bad });
    };
    for alarm in &it.alarms {
        push("alarm", &alarm.code, &alarm.subject, 1, None, true);
    }
    push("fact", "ok", "", i64::from(it.ok), None, !it.ok);
    push("fact", "database", "", i64::from(it.database), None, !it.database);
    for gateway in &it.gateways {
        let bad = gateway.down_since.is_some() || gateway.score < 50;
        push("gateway", "", &gateway.id, gateway.score, gateway.down_since, bad);
    }
    for (code, queue) in [("waiting", &it.waiting), ("queued", &it.queued), ("unknown", &it.unknown)] {
        let old = queue.oldest_ms.is_some_and(|it| it > 600_000);
        push("queue", code, "", queue.count, queue.oldest_ms, old);
    }
    push("count", "parked", "", it.parked, None, it.parked > 0);
    push("count", "spooled", "", it.spooled as i64, None, it.spooled > 0);
    push("percent", "failed", "", it.failed_percent as i64, None, it.failed_percent > 20);
    if let Some(free) = it.disk_free_percent {
        push("percent", "disk_free", "", free as i64, None, free < 10);
    }
    for budget in &it.budgets {
        let cap = budget.cap.map(|it| it as i64);
        let bad = cap.is_some_and(|it| budget.used * 10 >= it * 8);
        push("budget", "", &budget.name, budget.used, cap, bad);
    }
    if let Some(at) = it.backup_at {
        push("backup", "", "", at, None, it.at - at > 7_200_000);
    }
    parts
}

/// One indicator beside its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// What it measures.
    pub label: SafeText,
    /// Id of the topic.
    pub topic: SafeText,
    /// Its unit.
    pub unit: SafeText,
    /// Whether less is better.
    pub lower_is_better: bool,
    /// Year of the figure.
    pub year: i32,
    /// The figure, or why there is none.
    pub value: Result<SafeText, Code>,
    /// Rank and size of the group.
    pub rank: Option<(u32, u32)>,
    /// The median.
    pub median: Option<SafeText>,
    /// `good`, `mid` or `poor`.
    pub verdict: Code,
    /// Municipality and figure of its peers, the best first; with key.
    pub peers: Vec<(Code, SafeText, SafeText)>,
    /// Its figures by year.
    pub trend: Vec<(i32, Option<SafeText>)>,
}

/// The indicators of a municipality.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Official key.
    pub municipality: Code,
    /// Its name, with its state.
    pub name: SafeText,
    /// By topic.
    pub indicators: Vec<Indicator>,
}

impl From<wire::report::Benchmarks> for Figures {
    fn from(it: wire::report::Benchmarks) -> Self {
        let indicators = it.indicators.into_iter().map(|it| Indicator {
            label: SafeText::line(&it.label),
            topic: SafeText::line(&it.topic),
            unit: SafeText::line(&it.unit),
            lower_is_better: it.lower_is_better,
            year: it.year,
            value: match it.value {
                Some(value) => Ok(SafeText::line(&value)),
                None => Err(it.missing.as_deref().map(Code::new).unwrap_or_default()),
            },
            rank: it.rank.zip(it.size),
            median: it.median.as_deref().map(SafeText::line),
            verdict: it.verdict.as_deref().map(Code::new).unwrap_or_default(),
            peers: it
                .peers
                .iter()
                .map(|it| (Code::new(&it.municipality), SafeText::line(&it.name), SafeText::line(&it.value)))
                .collect(),
            trend: it.trend.iter().map(|it| (it.year, it.value.as_deref().map(SafeText::line))).collect(),
        });
        Self {
            municipality: Code::new(&it.municipality),
            name: SafeText::line(&format!("{}, {}", it.name, it.state)),
            indicators: indicators.collect(),
        }
    }
}
