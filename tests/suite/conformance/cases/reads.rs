//! What a citizen may know, and finding a case by its folio.

use cabildo_bot::domain::case::{CaseState, Pin};
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::store::cases::{Act, Change, LookedUp};
use cabildo_tests::cases::{TLAPA, Town, officer, pin};

const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";

both!(a_contact_sees_its_own_cases_and_those_it_joined, |test| {
    let mut town = Town::new(&test.store);
    let one = town.open(ANA, town.case("uno")).await;
    town.pass(1);
    let two = town.open(BEA, town.case("dos")).await;
    town.write(ANA, vec![Change::Joined { case_id: two, text: Some("igual".to_owned()), began_at: None }])
        .await
        .expect("joined");
    let facts = async |phone, at| test.store.case_facts(town.contact(phone).await, at).await.expect("facts");
    let ana = facts(ANA, town.now).await;
    assert_eq!(ana.mine.iter().map(|it| (it.id, it.opener)).collect::<Vec<_>>(), [(two, false), (one, true)]);
    assert_eq!(ana.last_written, Some((two, town.now)));
    assert_eq!(ana.mine[1].next_due, Some(cabildo_tests::stores::START.plus(DAY)));
    assert_eq!(facts(BEA, town.now).await.mine.len(), 1);
    assert_eq!(facts(ANA, town.now.plus(HOUR)).await.last_written, None);
    town.act(officer(1), one, Act::SetState { to: CaseState::Resolved, with: Box::default() })
        .await
        .expect("closed");
    assert_eq!(facts(ANA, town.now.plus(59 * DAY)).await.mine.len(), 2);
    assert_eq!(facts(ANA, town.now.plus(61 * DAY)).await.mine.len(), 1);
});

both!(a_folio_and_its_pin_open_a_state_and_tries_are_counted, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    town.open(BEA, town.case("dos")).await;
    let (ana, bea) = (town.contact(ANA).await, town.contact(BEA).await);
    let folio = town.full(id).await.folio;
    let wrong = Pin::from_random(9_999_u64.to_be_bytes());
    let look = async |pin: Option<&Pin>, contact, at| match test
        .store
        .find_case_by_folio(folio, pin, contact, at)
        .await
        .expect("looked up")
    {
        LookedUp::Found { case, own, pin_right } => {
            assert_eq!(case.id, id);
            Some((own, pin_right))
        }
        LookedUp::TooMany => None,
        LookedUp::Unknown => panic!("it is there"),
    };
    assert_eq!(look(None, Some(ana), town.now).await, Some((true, None)));
    assert_eq!(look(None, Some(bea), town.now).await, Some((false, None)));
    assert_eq!(look(None, None, town.now).await, Some((false, None)));
    assert_eq!(look(Some(&pin()), Some(bea), town.now).await, Some((false, Some(true))));
    let folio_hash = test.store.folio_key(folio).expect("a key");
    for _ in 0..5 {
        assert_eq!(look(Some(&wrong), Some(bea), town.now).await, Some((false, Some(false))));
        let tried = Change::Tried { folio_hash: folio_hash.clone(), right: false };
        town.write(BEA, vec![tried]).await.expect("counted");
    }
    // Neither she nor anybody else tries this folio any more, for an hour.
    assert_eq!(look(Some(&pin()), Some(bea), town.now).await, None);
    assert_eq!(look(Some(&pin()), Some(ana), town.now).await, None);
    town.pass(1);
    assert_eq!(look(Some(&pin()), Some(bea), town.now).await, Some((false, Some(true))));
    let unknown = test.store.find_case_by_folio(town.folio(), None, None, town.now).await;
    assert_eq!(unknown, Ok(LookedUp::Unknown));
    assert_eq!(test.store.find_case_id(folio).await, Ok(Some(id)));
});

both!(likely_duplicates_are_open_cases_of_the_place_and_category, |test| {
    let mut town = Town::new(&test.store);
    let one = town.open(ANA, town.case("uno")).await;
    town.pass(2);
    let two = town.open(BEA, town.case("dos")).await;
    let similar = async |since| {
        let found = test.store.list_similar(TLAPA, "water", since, 9).await.expect("found");
        found.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(similar(cabildo_tests::stores::START).await, [two, one]);
    assert_eq!(similar(town.now.plus(-HOUR)).await, [two]);
    assert!(test.store.list_similar(TLAPA, "roads", town.now, 9).await.expect("found").is_empty());
    town.act(officer(1), two, Act::SetState { to: CaseState::Resolved, with: Box::default() })
        .await
        .expect("closed");
    assert_eq!(similar(cabildo_tests::stores::START).await, [one]);
});
