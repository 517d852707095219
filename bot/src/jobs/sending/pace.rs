//! The pace of a gateway: token buckets over all messages, over what can wait, and for each contact.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use super::rules::{ChannelRules, Rate};

/// Of the pace, what messages that nobody waits for may use: the rest is kept for replies, so that a
/// reply never stands behind a broadcast.
const SHARE_OF_THE_REST: (u32, u32) = (4, 5);

/// Why a message does not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Later {
    /// The gateway's pace is used up for so long.
    Gateway(Duration),
    /// This contact's pace is; others may go.
    Contact(Duration),
}

/// The bucket of a gateway, or of a part of what it sends.
#[derive(Debug)]
struct Bucket {
    limiter: DefaultDirectRateLimiter,
    /// Tokens that were taken for a message that did not go after all: the next ones take them.
    returned: AtomicU32,
}

impl Bucket {
    fn new(quota: Quota) -> Self {
        Self { limiter: RateLimiter::direct(quota), returned: AtomicU32::new(0) }
    }

    /// Takes a token, or tells how long there is none.
    fn take(&self) -> Result<(), Duration> {
        let left = |it: u32| it.checked_sub(1);
        if self.returned.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok() {
            return Ok(());
        }
        self.limiter.check().map_err(|it| it.wait_time_from(self.limiter.clock().now()))
    }

    fn give_back(&self) {
        self.returned.fetch_add(1, Ordering::Relaxed);
    }
}

/// The buckets of a gateway.
#[derive(Debug)]
pub(super) struct Pacer {
    all: Option<Bucket>,
    rest: Option<Bucket>,
    contacts: Option<DefaultKeyedRateLimiter<Uuid>>,
}

fn quota(rate: Rate, share: (u32, u32)) -> Option<Quota> {
    let period = Duration::from_mins(1).checked_div(rate.per_minute)?;
    let period = period.saturating_mul(share.1) / share.0;
    let burst = NonZeroU32::new(rate.burst * share.0 / share.1).unwrap_or(NonZeroU32::MIN);
    Some(Quota::with_period(period)?.allow_burst(burst))
}

impl Pacer {
    pub(super) fn new(rules: &ChannelRules) -> Self {
        let contact = rules.contact_pace.and_then(|it| {
            let burst = NonZeroU32::new(it.burst).unwrap_or(NonZeroU32::MIN);
            Some(Quota::with_period(it.pause)?.allow_burst(burst))
        });
        Self {
            all: rules.rate.and_then(|it| quota(it, (1, 1))).map(Bucket::new),
            rest: rules.rate.and_then(|it| quota(it, SHARE_OF_THE_REST)).map(Bucket::new),
            contacts: contact.map(RateLimiter::keyed),
        }
    }

    /// Takes the tokens of one message: a reply's or news', or one that nobody asked for. One that has to wait takes
    /// none: a reply that the gateway's pace held up would else use up its contact's with each try, and stand behind
    /// a broadcast for as long as that goes.
    pub(super) fn take(&self, asked_for: bool, contact_id: Uuid) -> Result<(), Later> {
        let rest = self.rest.as_ref().filter(|_| !asked_for);
        if let Some(rest) = rest {
            rest.take().map_err(Later::Gateway)?;
        }
        let taken = || rest.into_iter().chain(&self.all);
        if let Some(all) = &self.all {
            all.take().map_err(|it| {
                rest.into_iter().for_each(Bucket::give_back);
                Later::Gateway(it)
            })?;
        }
        if let Some(contacts) = &self.contacts {
            contacts.check_key(&contact_id).map_err(|it| {
                taken().for_each(Bucket::give_back);
                Later::Contact(it.wait_time_from(contacts.clock().now()))
            })?;
        }
        Ok(())
    }

    /// Forgets contacts whose bucket is full again.
    pub(super) fn tidy(&self) {
        if let Some(contacts) = &self.contacts {
            contacts.retain_recent();
            contacts.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::ContactPace;
    use super::*;

    fn rules(per_minute: u32, burst: u32, contact: Option<ContactPace>) -> ChannelRules {
        ChannelRules { rate: Some(Rate { per_minute, burst }), contact_pace: contact, ..Default::default() }
    }

    #[test]
    fn a_share_is_kept_for_replies() {
        // So slow that no token comes back while the test runs.
        let pacer = Pacer::new(&rules(1, 10, None));
        let took = |asked| (0..20).filter(|it| pacer.take(asked, Uuid::from_u128(*it)).is_ok()).count();
        assert_eq!((took(false), took(true), took(true)), (8, 2, 0));
        assert!(
            matches!(pacer.take(true, Uuid::nil()), Err(Later::Gateway(it)) if it > Duration::from_secs(50))
        );
    }

    #[test]
    fn one_contact_waits_and_the_others_go() {
        let pace = ContactPace { pause: Duration::from_hours(1), burst: 2 };
        let pacer = Pacer::new(&rules(1, 10, Some(pace)));
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(pacer.take(true, one).is_ok() && pacer.take(true, one).is_ok());
        assert!(matches!(pacer.take(true, one), Err(Later::Contact(_))));
        assert!(pacer.take(true, other).is_ok());
    }

    #[test]
    fn a_message_that_has_to_wait_takes_nothing() {
        let pace = ContactPace { pause: Duration::from_hours(1), burst: 1 };
        let (one, other, third) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        // The gateway's pace is used up for some milliseconds; the contact's is not touched meanwhile.
        let pacer = Pacer::new(&rules(6_000, 1, Some(pace)));
        assert!(pacer.take(true, other).is_ok());
        loop {
            match pacer.take(true, one) {
                Ok(()) => break,
                Err(Later::Gateway(_)) => {}
                Err(problem) => panic!("{problem:?}"),
            }
        }
        // Nor does one whose contact has to wait use up the pace of the others.
        let pacer = Pacer::new(&rules(1, 2, Some(pace)));
        assert!(pacer.take(true, one).is_ok());
        for _ in 0..5 {
            assert!(matches!(pacer.take(true, one), Err(Later::Contact(_))));
        }
        assert!(pacer.take(true, other).is_ok());
        assert!(matches!(pacer.take(true, third), Err(Later::Gateway(_))));
        // What may wait gives its share back, too, where the whole is used up.
        let pacer = Pacer::new(&rules(1, 5, None));
        assert!((0..3).all(|it| pacer.take(true, Uuid::from_u128(it)).is_ok()));
        assert!((0..2).all(|it| pacer.take(false, Uuid::from_u128(it)).is_ok()));
        assert!(matches!(pacer.take(false, one), Err(Later::Gateway(_))));
        let returned = |it: &Option<Bucket>| it.as_ref().map(|it| it.returned.load(Ordering::Relaxed));
        assert_eq!((returned(&pacer.rest), returned(&pacer.all)), (Some(1), Some(0)));
    }

    #[test]
    fn without_a_rate_everything_goes() {
        let pacer = Pacer::new(&ChannelRules::default());
        assert!((0..10_000).all(|_| pacer.take(false, Uuid::nil()).is_ok()));
    }
}
