//! One leads, and another one takes over when it is gone.

use cabildo_bot::store::leaders::LEASE;
use cabildo_tests::stores::START;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

both!(one_leads_until_it_is_silent_for_a_lease, |test| {
    let store = &test.store;
    assert_eq!(store.lead("poll:tg", ONE, START).await, Ok(Some(1)));
    assert_eq!(store.lead("poll:tg", TWO, START).await, Ok(None));
    // Another name is another lead.
    assert_eq!(store.lead("poll:other", TWO, START).await, Ok(Some(1)));
    assert_eq!(store.lead("poll:tg", ONE, START.plus(15_000)).await, Ok(Some(1)));
    assert_eq!(store.lead("poll:tg", TWO, START.plus(15_000 + LEASE - 1)).await, Ok(None));
    assert_eq!(store.lead("poll:tg", TWO, START.plus(15_000 + LEASE)).await, Ok(Some(2)));
    // The one that was away finds out, and cannot end what is not its own.
    assert_eq!(store.lead("poll:tg", ONE, START.plus(15_001 + LEASE)).await, Ok(None));
    store.resign("poll:tg", ONE).await.expect("nothing to do");
    assert_eq!(store.lead("poll:tg", ONE, START.plus(15_001 + LEASE)).await, Ok(None));
    store.resign("poll:tg", TWO).await.expect("resigned");
    assert_eq!(store.lead("poll:tg", ONE, START.plus(15_001 + LEASE)).await, Ok(Some(3)));
});

both!(of_many_that_want_to_lead_at_once_one_does, |test| {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let store = test.store.clone();
        tasks.spawn(async move { store.lead("poll:tg", Uuid::from_u128(number), START).await });
    }
    let led = tasks.join_all().await.into_iter().filter(|it| *it == Ok(Some(1))).count();
    assert_eq!(led, 1);
});
