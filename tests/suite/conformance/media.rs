//! Files of messages, and who left a channel.

use cabildo_bot::domain::demand::Code;
use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::Error;
use cabildo_bot::store::demands::{Act, Acting, Change, NewActa, NewDemand};
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
use cabildo_tests::cases::{TLAPA, Town};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

fn photo() -> NewMedia {
    NewMedia { kind: MediaKind::Photo, sizes: vec![("file".to_owned(), 7)], seconds: None }
}

both!(a_file_is_claimed_by_one_kept_sealed_and_deleted, |test| {
    let (store, id) = (&test.store, Uuid::from_u128(1));
    store.accept_inbound(inbound("+5255", "a", "x"), id, Uuid::from_u128(2)).await.expect("kept");
    for _ in 0..2 {
        store.add_media(id, "telegram", vec![photo()], START).await.expect("noted");
    }
    assert_eq!(store.count_media("wanted").await, Ok(1));
    let claimed = store.claim_media(START, 9).await.expect("claimed");
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].tries, claimed[0].sizes.clone()), (1, photo().sizes));
    assert!(store.claim_media(START, 9).await.expect("claimed").is_empty());
    // The lease lapses; what the first one says then counts no more.
    let later = START.plus(120_000);
    let second = store.claim_media(later, 9).await.expect("claimed");
    assert_eq!(second[0].tries, 2);
    let kept = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
    let media = claimed[0].id;
    assert_eq!(store.settle_media(media, 1, kept.clone(), later).await, Ok(false));
    let again = Fetched::Again(later.plus(5), "cut");
    assert_eq!(store.settle_media(media, 2, again, later).await, Ok(true));
    assert!(store.claim_media(later, 9).await.expect("claimed").is_empty());
    assert_eq!(store.claim_media(later.plus(5), 9).await.expect("claimed").len(), 1);
    assert_eq!(store.settle_media(media, 3, kept.clone(), later).await, Ok(true));
    assert_eq!(store.settle_media(media, 3, kept, later).await, Ok(false));
    let files = store.list_media(id).await.expect("opened");
    assert_eq!((files[0].state.as_str(), files[0].content.as_deref()), ("kept", Some(b"picture".as_slice())));
    assert_eq!(store.expire_media(START.plus(DAY - 1), 9).await, Ok(0));
    assert_eq!(store.expire_media(START.plus(DAY), 9).await, Ok(1));
    assert!(store.list_media(id).await.expect("none").is_empty());
});

both!(a_photo_of_a_list_belongs_to_its_demand_and_waits_longer, |test| {
    let town = Town::new(&test.store);
    let id = Uuid::from_u128(500);
    let new = NewDemand {
        id,
        code: Code::new(317).expect("a code"),
        municipality: TLAPA.to_owned(),
        topic: "agua".to_owned(),
        office: None,
        text: "Agua potable en el Centro".to_owned(),
        threshold: 900,
    };
    town.demand("+525570001", Change::Opened(Box::new(new), None)).await.expect("opened");
    let pictured = || Change::Pictured { demand_id: id };
    assert_eq!(town.demand("+525570001", pictured()).await, Err(Error::Conflict), "it is a draft");
    for phone in ["+525570103", "+525570207"] {
        town.demand(phone, Change::Confirmed { demand_id: id, home: None }).await.expect("confirmed");
    }
    let version = test.store.get_demand(id).await.expect("it").version;
    let (staff_id, act) = (Uuid::from_u128(7), Act::Publish { office: None });
    test.store
        .act_on_demand(Acting { demand_id: id, version, staff_id, act, at: town.now })
        .await
        .expect("public");
    // The photo of the first message is noted after it was dealt with, the one of the second before.
    let first = town.demand("+525570001", pictured()).await.expect("sent");
    assert_eq!(test.store.find_pictured_demand(first).await, Ok(Some(id)));
    assert_eq!(test.store.find_pictured_demand(id).await, Ok(None));
    test.store.add_media(first, "telegram", vec![photo()], town.now).await.expect("noted");
    let full = async || test.store.get_full_demand(id).await.expect("it");
    assert!(full().await.pictures.is_empty(), "it is not there yet");
    let claimed = test.store.claim_media(town.now, 9).await.expect("claimed");
    let kept = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
    assert_eq!(test.store.settle_media(claimed[0].id, 1, kept, town.now).await, Ok(true));
    assert_eq!(full().await.pictures, [(claimed[0].id, town.now)]);
    assert_eq!(full().await.changes.iter().filter(|it| it.kind == "demand_acta_sent").count(), 1);
    assert_eq!(test.store.expire_media(town.now.plus(29 * DAY), 9).await, Ok(0));
    let acta = NewActa {
        id: Uuid::from_u128(600),
        folio: "A-1".to_owned(),
        heads: 64,
        held_on: "2026-09-13".to_owned(),
        place: None,
        media_id: Some(claimed[0].id),
    };
    let version = test.store.get_demand(id).await.expect("it").version;
    let acting = Acting { demand_id: id, version, staff_id, act: Act::AddActa(acta), at: town.now };
    test.store.act_on_demand(acting).await.expect("entered");
    assert!(full().await.pictures.is_empty(), "it is entered");
    assert_eq!(test.store.expire_media(town.now.plus(400 * DAY), 9).await, Ok(0));
});

both!(news_of_old_about_who_left_changes_nothing, |test| {
    let store = &test.store;
    assert_eq!(store.note_membership("kannel", "+5255", true, START).await, Ok(false));
    let id = Uuid::from_u128(1);
    store.accept_inbound(inbound("+5255", "a", "x"), id, Uuid::from_u128(2)).await.expect("kept");
    let gone = async || store.get_contact(Uuid::from_u128(2)).await.expect("a contact").gone_at.is_some();
    for (left, at, changes, expected) in [
        (true, 10, true, true),
        (true, 10, false, true),
        (false, 20, true, false),
        (true, 15, false, false),
        (true, 20, false, false),
        (true, 21, true, true),
    ] {
        let noted = store.note_membership("kannel", "+5255", left, START.plus(at)).await;
        assert_eq!((noted, gone().await), (Ok(changes), expected), "{left} {at}");
    }
});
