//! Sending: a task for each channel, so that a gateway that is down holds up nobody else; the pace, the
//! hours and the budgets; and the keeper, which settles what nobody knows.

pub(super) mod attempt;
pub(super) mod channel;
mod health;
mod hours;
pub(super) mod keeper;
mod pace;
mod pauses;
mod rules;
mod schedule;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

pub use health::{Condition, Health};
pub use rules::{ChannelRules, ContactPace, Defaults, Rate};

use self::pace::Pacer;
use self::pauses::Pauses;
use crate::config::{Config, SendingLimits, Use};
use crate::domain::facts::Facts;
use crate::domain::time::UnixMillis;
use crate::store::outbox::Caps;

/// Wakes the tasks of all channels.
#[derive(Debug)]
pub struct Wakers(watch::Sender<u64>);

impl Default for Wakers {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Wakers {
    /// There is something to send.
    pub fn notify_one(&self) {
        self.0.send_modify(|it| *it = it.wrapping_add(1));
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// How a service sends: its rules, and what it remembers from one message to the next.
#[derive(Debug, Default)]
pub struct Sending {
    /// The rules of each channel; one without any has no limits.
    pub rules: HashMap<String, ChannelRules>,
    /// What one contact may cost, and all of them together.
    pub limits: SendingLimits,
    /// How well each gateway is.
    pub health: Health,
    /// What the day's messages cost so far, for answers that are decided without the database.
    money: AtomicI64,
    /// Who may draw a picture now.
    pacers: Mutex<HashMap<String, Arc<Pacer>>>,
    pauses: Mutex<Pauses>,
}

impl Sending {
    /// The rules of a configuration, with the defaults of each kind of gateway and of the pack's country.
    pub fn from_config(config: &Config, facts: &Facts) -> Self {
        let rules = config
            .channels
            .iter()
            .map(|(id, channel)| (id.clone(), ChannelRules::of(channel, &facts.manifest.pack.country)))
            .collect();
        Self { rules, limits: config.limits.clone(), ..Self::default() }
    }

    /// The rules of a channel.
    fn rules(&self, channel_id: &str) -> ChannelRules {
        self.rules.get(channel_id).cloned().unwrap_or_default()
    }

    fn pacer(&self, gateway_id: &str) -> Arc<Pacer> {
        let mut pacers = lock(&self.pacers);
        let made = pacers
            .entry(gateway_id.to_owned())
            .or_insert_with(|| Arc::new(Pacer::new(&self.rules(gateway_id))));
        Arc::clone(made)
    }

    /// Which gateway sends for a channel now: its own, or its fallback while that one is down.
    fn gateway_for(&self, channel_id: &str, needed: Use, now: UnixMillis) -> String {
        let fallback = self.rules.get(channel_id).and_then(|it| it.fallback.as_ref());
        match fallback {
            Some(other)
                if self.rules(other).allows(needed)
                    && !self.health.is_down(other)
                    && self.health.stands_aside(channel_id, now) =>
            {
                other.clone()
            }
            _ => channel_id.to_owned(),
        }
    }

    /// Until when nothing goes by this gateway, or to this contact by it.
    fn paused_until(&self, gateway_id: &str, contact_id: Uuid) -> Option<UnixMillis> {
        lock(&self.pauses).until(gateway_id, contact_id)
    }

    fn pause(&self, gateway_id: &str, contact_id: Option<Uuid>, until: UnixMillis, now: UnixMillis) {
        lock(&self.pauses).add(gateway_id, contact_id, until, now);
    }

    /// What the day allows, where the service is.
    pub fn caps(&self, facts: &Facts, now: UnixMillis) -> Caps {
        let (day, next_day) = hours::day(&facts.manifest.pack.time_zone, now);
        let amount = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        Caps {
            day,
            next_day,
            unasked_per_day: i64::from(self.limits.unasked_per_day),
            money: amount(self.limits.money_per_day),
            unasked_money: amount(self.limits.unasked_money_per_day),
            campaign_money: amount(self.limits.money_per_campaign),
        }
    }

    /// What an answer of so many segments costs that a gateway takes in its own request.
    pub fn answer_price(&self, channel_id: &str, segments: u32) -> i64 {
        self.rules.get(channel_id).map_or(0, |it| it.price(segments))
    }

    /// Whether the day's money still allows an answer of this price. The amount is also to be added to
    /// the budget `money` in the transaction that keeps the answer.
    pub fn may_answer(&self, price: i64) -> bool {
        let cap = i64::try_from(self.limits.money_per_day).unwrap_or(i64::MAX);
        price == 0 || cap == 0 || self.money.load(Ordering::Relaxed) + price <= cap
    }

    /// Counts the price of an answer that was kept, until the database is asked next.
    pub fn answered(&self, price: i64) {
        self.money.fetch_add(price, Ordering::Relaxed);
    }

    fn set_money(&self, used: i64) {
        self.money.store(used, Ordering::Relaxed);
    }

    fn tidy(&self, now: UnixMillis) {
        lock(&self.pauses).tidy(now);
        lock(&self.pacers).values().for_each(|it| it.tidy());
    }
}

/// What a panic left is still a map of waits.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
