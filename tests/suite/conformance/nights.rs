//! What a night of retention does to the store, and what it notes; `retention.rs` goes through its rules.

use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::retention::{Limits, Report};
use cabildo_tests::cases::Town;

const ANA: &str = "+525500000001";
const EVA: &str = "+525500000002";

both!(a_night_counts_first_and_then_ends_what_was_counted, |test| {
    let town = Town::new(&test.store);
    town.write(ANA, Vec::new()).await.expect("written");
    town.open(EVA, town.case("no hay agua")).await;
    let now = town.now.plus(200 * DAY);
    let limits = Limits {
        now,
        silent: now.plus(-90 * DAY),
        closed: now.plus(-90 * DAY),
        confidential: now,
        audit: now,
    };
    let counted = test.store.retain(&limits, false, None).await.expect("counted");
    assert_eq!(counted, Report { contacts: 1, messages_in: 1, ..Report::default() });
    assert!(test.store.find_contact("kannel", ANA).await.expect("read").is_some(), "counting ends nothing");
    let list = test.folder().join("erasures.log");
    let ended = test.store.retain(&limits, true, Some(&list)).await.expect("ended");
    assert_eq!(ended.contacts, 1);
    assert_eq!(test.store.find_contact("kannel", ANA).await, Ok(None));
    assert!(test.store.find_contact("kannel", EVA).await.expect("read").is_some(), "her case is open");
    assert_eq!(test.store.retain(&limits, false, None).await, Ok(Report::default()));
});

both!(the_last_night_is_noted, |test| {
    assert_eq!(test.store.last_retention().await, Ok(0));
    for day in [20_700, 20_701] {
        test.store.note_retention(day, Town::new(&test.store).now).await.expect("noted");
        assert_eq!(test.store.last_retention().await, Ok(day));
    }
});

both!(a_person_has_the_contacts_that_are_hers, |test| {
    let town = Town::new(&test.store);
    for phone in [ANA, EVA] {
        town.write(phone, Vec::new()).await.expect("written");
    }
    let ana = town.contact(ANA).await;
    assert_eq!(test.store.contacts_of(ana).await, Ok(vec![ana]), "nobody else's");
    assert_eq!(test.store.contacts_of(uuid::Uuid::from_u128(404)).await, Ok(Vec::new()));
});
