//! What is counted: for Prometheus, in its text format. Labels are channel ids, codes and states, of
//! which there are few; nothing of a person is one.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The most reasons that are told apart; what a gateway makes up beyond them is `other`.
const MOST_REASONS: usize = 64;

type Labels = Vec<(&'static str, String)>;
type Counts = Family<Labels, Counter<u64, AtomicU64>>;
type Values = Family<Labels, Gauge<i64, AtomicI64>>;

/// The counters of a service; cheap to ask, and shared by all of its parts.
pub struct Metrics {
    registry: Registry,
    accepted: Counts,
    repeats: Counts,
    handled: Counter,
    parked: Counter,
    answers: Counts,
    folded: Counter,
    refused: Counts,
    sent: Counts,
    retries: Counts,
    unknown: Counts,
    pictures: Counts,
    commit: Family<Labels, Histogram, fn() -> Histogram>,
    values: Observed,
    reasons: Mutex<std::collections::HashSet<String>>,
}

/// Values that are read every few seconds.
#[derive(Default)]
struct Observed {
    outbox: Values,
    inbox: Values,
    age: Values,
    bytes: Values,
    disk_free: Gauge,
    budget: Values,
    gateway: Values,
    alarm: Values,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 14))
}

fn one(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

impl Metrics {
    /// Counters that stand at nothing.
    pub fn new() -> Self {
        let mut it = Self {
            registry: Registry::with_prefix("cabildo"),
            accepted: Counts::default(),
            repeats: Counts::default(),
            handled: Counter::default(),
            parked: Counter::default(),
            answers: Counts::default(),
            folded: Counter::default(),
            refused: Counts::default(),
            sent: Counts::default(),
            retries: Counts::default(),
            unknown: Counts::default(),
            pictures: Counts::default(),
            commit: Family::new_with_constructor(seconds as fn() -> Histogram),
            values: Observed::default(),
            reasons: Mutex::default(),
        };
        let all = &mut it.registry;
        all.register("accepted", "Messages kept, by channel", it.accepted.clone());
        all.register(
            "repeats",
            "Deliveries of messages that were there already, by channel",
            it.repeats.clone(),
        );
        all.register("handled", "Messages that the dialogue answered", it.handled.clone());
        all.register("parked", "Messages that could not be handled and wait for a person", it.parked.clone());
        all.register("answers", "Replies written into an answer, by channel", it.answers.clone());
        all.register(
            "folded",
            "Messages answered together with an earlier one of the same contact",
            it.folded.clone(),
        );
        all.register("refused", "Webhook calls that were not authentic, by channel", it.refused.clone());
        all.register("sent", "Ends of attempts to send, by channel and reason", it.sent.clone());
        all.register("retries", "Messages that go to a gateway again, by channel", it.retries.clone());
        all.register(
            "unknown",
            "Attempts of which nobody knows how they ended, by channel",
            it.unknown.clone(),
        );
        all.register(
            "pictures",
            "Pictures of figures, by what became of them; the words of one that failed went alone",
            it.pictures.clone(),
        );
        all.register_with_unit(
            "webhook",
            "From a webhook's call to its answer, which is after the commit, by channel",
            Unit::Seconds,
            it.commit.clone(),
        );
        let now = &it.values;
        all.register("outbox", "Messages of ours that are not done with, by state", now.outbox.clone());
        all.register("inbox", "Messages that wait, by state", now.inbox.clone());
        all.register_with_unit("age", "How old the oldest is, by what", Unit::Seconds, now.age.clone());
        all.register_with_unit("size", "Sizes of files and folders, by what", Unit::Bytes, now.bytes.clone());
        all.register("disk_free_percent", "Free part of the disk of the database", now.disk_free.clone());
        all.register("budget_used", "Used of today's budgets, by name", now.budget.clone());
        all.register("gateway", "What is known of gateways, by channel and what", now.gateway.clone());
        all.register("alarm", "1 for what a person must act on, by alarm", now.alarm.clone());
        it
    }

    /// A message of a channel was kept.
    pub fn accepted(&self, channel: &str) {
        self.accepted.get_or_create(&one("channel", channel)).inc();
    }

    /// A message came again.
    pub fn repeated(&self, channel: &str) {
        self.repeats.get_or_create(&one("channel", channel)).inc();
    }

    /// Messages were handled.
    pub fn handled(&self, count: u64) {
        self.handled.inc_by(count);
    }

    /// A message was parked.
    pub fn parked(&self) {
        self.parked.inc();
    }

    /// Replies were written into an answer.
    pub fn answered(&self, channel: &str, replies: u64) {
        self.answers.get_or_create(&one("channel", channel)).inc_by(replies);
    }

    /// A message was folded into an earlier one.
    pub fn folded(&self) {
        self.folded.inc();
    }

    /// A call that was not authentic was refused.
    pub fn refused(&self, channel: &str) {
        self.refused.get_or_create(&one("channel", channel)).inc();
    }

    /// Calls that were refused up to now, on all channels.
    pub fn refused_total(&self, channels: &[String]) -> u64 {
        channels.iter().map(|it| self.refused.get_or_create(&one("channel", it)).get()).sum()
    }

    /// An attempt to send ended: `accepted`, or the stable code of why not.
    pub fn sent(&self, channel: &str, reason: &str) {
        let labels = vec![("channel", channel.to_owned()), ("reason", self.reason(reason))];
        self.sent.get_or_create(&labels).inc();
    }

    /// Attempts that ended up to now: all, and those that were taken.
    pub fn sent_total(&self, channels: &[String]) -> (u64, u64) {
        let reasons: Vec<String> =
            self.reasons.lock().map_or_else(|_| Vec::new(), |it| it.iter().cloned().collect());
        let (mut all, mut taken) = (0, 0);
        for channel in channels {
            for reason in reasons.iter().map(String::as_str).chain(["other"]) {
                let labels = vec![("channel", channel.clone()), ("reason", reason.to_owned())];
                let count = self.sent.get(&labels).map_or(0, |it| it.get());
                all += count;
                taken += if reason == "accepted" { count } else { 0 };
            }
        }
        (all, taken)
    }

    /// A message goes to a gateway again.
    pub fn retried(&self, channel: &str) {
        self.retries.get_or_create(&one("channel", channel)).inc();
    }

    /// Nobody knows how an attempt ended.
    pub fn unknown(&self, channel: &str) {
        self.unknown.get_or_create(&one("channel", channel)).inc();
    }

    /// A picture was drawn, or the stable code of why not.
    pub fn picture(&self, outcome: &'static str) {
        self.pictures.get_or_create(&one("outcome", outcome)).inc();
    }

    /// Pictures were refused by whom they were sent through.
    pub fn refused_pictures(&self, count: u64) {
        if count > 0 {
            self.pictures.get_or_create(&one("outcome", "refused")).inc_by(count);
        }
    }

    /// A webhook of a channel was answered after this time.
    pub fn webhook(&self, channel: &str, took: Duration) {
        self.commit.get_or_create(&one("channel", channel)).observe(took.as_secs_f64());
    }

    /// Messages of ours in a state.
    pub fn set_outbox(&self, state: &'static str, count: i64) {
        self.values.outbox.get_or_create(&one("state", state)).set(count);
    }

    /// Messages that wait in a state.
    pub fn set_inbox(&self, state: &'static str, count: i64) {
        self.values.inbox.get_or_create(&one("state", state)).set(count);
    }

    /// How old the oldest of something is.
    pub fn set_age(&self, what: &str, seconds: i64) {
        self.values.age.get_or_create(&one("what", what)).set(seconds);
    }

    /// How large something is.
    pub fn set_bytes(&self, what: &'static str, bytes: i64) {
        self.values.bytes.get_or_create(&one("what", what)).set(bytes);
    }

    /// Free part of the disk, in percent.
    pub fn set_disk_free(&self, percent: i64) {
        self.values.disk_free.set(percent);
    }

    /// Used of a budget today.
    pub fn set_budget(&self, name: &str, used: i64) {
        self.values.budget.get_or_create(&one("name", name)).set(used);
    }

    /// What is known of a gateway: `score`, `battery`, `credit`.
    pub fn set_gateway(&self, channel: &str, what: &'static str, value: i64) {
        let labels = vec![("channel", channel.to_owned()), ("what", what.to_owned())];
        self.values.gateway.get_or_create(&labels).set(value);
    }

    /// Whether there is cause for an alarm.
    pub fn set_alarm(&self, code: &'static str, on: bool) {
        self.values.alarm.get_or_create(&one("alarm", code)).set(i64::from(on));
    }

    /// Everything in the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text can't fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }

    /// A code as a label: codes of gateways are bounded in number and form.
    fn reason(&self, code: &str) -> String {
        let fits =
            code.len() <= 40 && code.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it));
        let Ok(mut known) = self.reasons.lock() else { return "other".to_owned() };
        if known.contains(code) {
            return code.to_owned();
        }
        // A code of many digits could be a number of somebody.
        if !fits || known.len() >= MOST_REASONS || code.bytes().filter(u8::is_ascii_digit).count() > 6 {
            return "other".to_owned();
        }
        known.insert(code.to_owned());
        code.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_what_was_counted() {
        let it = Metrics::new();
        it.accepted("telco");
        it.accepted("telco");
        it.sent("telco", "accepted");
        it.sent("telco", "30003");
        it.webhook("telco", Duration::from_millis(3));
        it.set_alarm("gateway_down", true);
        let text = it.text();
        for line in [
            "cabildo_accepted_total{channel=\"telco\"} 2",
            "cabildo_sent_total{channel=\"telco\",reason=\"30003\"} 1",
            "cabildo_webhook_seconds_count{channel=\"telco\"} 1",
            "cabildo_alarm{alarm=\"gateway_down\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        assert_eq!(it.sent_total(&["telco".to_owned()]), (2, 1));
    }

    #[test]
    fn reasons_are_bounded_and_show_no_number() {
        let it = Metrics::new();
        for number in 0..1_000 {
            it.sent("telco", &format!("code_{number}"));
        }
        it.sent("telco", "+525512345678");
        it.sent("telco", "5512345678");
        it.sent("telco", "a text of somebody");
        let text = it.text();
        let lines = text.lines().filter(|it| it.starts_with("cabildo_sent_total")).count();
        assert_eq!(lines, MOST_REASONS + 1);
        assert!(!text.contains("5512345678") && !text.contains("somebody"));
    }
}
