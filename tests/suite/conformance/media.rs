//! Files of messages, and who left a channel.

use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
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
