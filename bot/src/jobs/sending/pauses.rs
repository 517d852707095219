//! Waits that gateways asked for.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::time::UnixMillis;

/// So many people who are to wait at once mean that the gateway speaks of everything.
const MANY: usize = 5;

/// Until when nothing goes, by gateway, and by gateway and contact.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    gateways: HashMap<String, UnixMillis>,
    contacts: HashMap<(String, Uuid), UnixMillis>,
}

impl Pauses {
    /// Nothing goes to this contact (to nobody, where none is named) before `until`.
    pub(super) fn add(
        &mut self,
        gateway_id: &str,
        contact_id: Option<Uuid>,
        until: UnixMillis,
        now: UnixMillis,
    ) {
        let whole = match contact_id {
            None => true,
            Some(contact_id) => {
                self.contacts.insert((gateway_id.to_owned(), contact_id), until);
                let waiting =
                    self.contacts.iter().filter(|((id, _), until)| id == gateway_id && **until > now).count();
                waiting >= MANY
            }
        };
        if whole {
            let held = self.gateways.entry(gateway_id.to_owned()).or_insert(until);
            *held = until.max(*held);
        }
    }

    /// Until when a message of this contact waits.
    pub(super) fn until(&self, gateway_id: &str, contact_id: Uuid) -> Option<UnixMillis> {
        let contact = self.contacts.get(&(gateway_id.to_owned(), contact_id)).copied();
        contact.max(self.gateways.get(gateway_id).copied())
    }

    /// Forgets what is over.
    pub(super) fn tidy(&mut self, now: UnixMillis) {
        self.gateways.retain(|_, until| *until > now);
        self.contacts.retain(|_, until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_is_to_wait_holds_up_nobody_else_until_many_are() {
        let mut pauses = Pauses::default();
        let now = UnixMillis(0);
        for number in 0..4 {
            pauses.add("bot", Some(Uuid::from_u128(number)), UnixMillis(1_000), now);
            assert_eq!(pauses.until("bot", Uuid::from_u128(99)), None);
        }
        assert_eq!(pauses.until("bot", Uuid::from_u128(0)), Some(UnixMillis(1_000)));
        pauses.add("bot", Some(Uuid::from_u128(4)), UnixMillis(2_000), now);
        assert_eq!(pauses.until("bot", Uuid::from_u128(99)), Some(UnixMillis(2_000)));
        assert_eq!(pauses.until("other", Uuid::from_u128(99)), None);
        pauses.tidy(UnixMillis(1_000));
        assert_eq!(pauses.until("bot", Uuid::from_u128(0)), Some(UnixMillis(2_000)));
        pauses.tidy(UnixMillis(2_000));
        assert_eq!(pauses.until("bot", Uuid::from_u128(0)), None);
    }
}
