//! What must not go out or stay: news to who wants none, invitations out of sealed cases, texts that no moderator read,
//! words of who was erased; and the photo of a case that a voided list does not take along.

use cabildo_bot::domain::case::Confidentiality;
use cabildo_bot::domain::demand::Code;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::cases;
use cabildo_bot::store::demands::{Act, Acting, Change, NewActa, NewDemand, NoticeKind};
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::{Error, Store};
use cabildo_tests::cases::{TLAPA, Town, officer};
use uuid::Uuid;

const ANA: &str = "+525570001";
const BEA: &str = "+525570103";
const LUZ: &str = "+525570207";
const ID: Uuid = Uuid::from_u128(500);

async fn does(store: &Store, town: &Town<'_>, act: Act) -> Result<(), Error> {
    let version = store.get_demand(ID).await?.version;
    let acting = Acting { demand_id: ID, version, staff_id: officer(1), act, at: town.now };
    store.act_on_demand(acting).await.map(|_| ())
}

/// A demand that two others confirmed: it waits for a moderator.
async fn written(town: &Town<'_>) {
    let new = NewDemand {
        id: ID,
        code: Code::new(317).expect("a code"),
        municipality: TLAPA.to_owned(),
        topic: "agua".to_owned(),
        office: None,
        text: "Agua potable en el Centro".to_owned(),
        threshold: 900,
    };
    town.demand(ANA, Change::Opened(Box::new(new), None)).await.expect("opened");
    for phone in [BEA, LUZ] {
        town.demand(phone, Change::Confirmed { demand_id: ID, home: None }).await.expect("confirmed");
    }
}

/// Queues the first notice of a kind to everybody whom it is for.
async fn sends(store: &Store, town: &Town<'_>, kind: NoticeKind) -> usize {
    loop {
        let notice = store.next_demand_notice().await.expect("a store").expect("a notice");
        let wanted = notice.kind == kind;
        let people = store.list_notice_recipients(&notice, 50).await.expect("people");
        let count = people.len();
        let message = |contact: Uuid| NewOutbound {
            purpose: Purpose::Broadcast,
            campaign: Some(format!("demand-{}", notice.demand.id.simple())),
            ..town.outbound(contact, "x")
        };
        let batch = people.into_iter().map(|it| {
            let contact = it.contact_id;
            (it, wanted.then(|| message(contact)))
        });
        store.send_demand_notice(&notice, batch.collect(), town.now).await.expect("sent");
        store.send_demand_notice(&notice, Vec::new(), town.now).await.expect("done");
        if wanted {
            return count;
        }
    }
}

both!(news_that_wait_do_not_go_to_who_wants_none_any_more, |test| {
    let town = Town::new(&test.store);
    let store = &test.store;
    written(&town).await;
    does(store, &town, Act::Publish { office: None }).await.expect("public");
    town.demand(ANA, Change::Written { demand_id: ID, text: "Nos vemos".to_owned() }).await.expect("written");
    let message = store.get_full_demand(ID).await.expect("it").messages[0].clone();
    let act = Act::DecideMessage { message_id: message.id, version: message.version, refused: None };
    does(store, &town, act).await.expect("sent");
    assert_eq!(sends(store, &town, NoticeKind::Message).await, 3);
    let queued = async || {
        let sql = "SELECT state FROM outbox WHERE campaign IS NOT NULL ORDER BY state, id";
        test.texts(sql).await.into_iter().filter(|it| it == "queued").count()
    };
    assert_eq!(queued().await, 3);
    town.demand(BEA, Change::Muted { demand_id: ID }).await.expect("muted");
    assert_eq!(queued().await, 2);
    town.demand(LUZ, Change::Retired { demand_id: ID }).await.expect("taken back");
    assert_eq!(queued().await, 1, "the author's own waits");
});

both!(nobody_is_invited_out_of_a_sealed_case_or_to_what_no_moderator_read, |test| {
    let town = Town::new(&test.store);
    let store = &test.store;
    written(&town).await;
    let (open, sealed) =
        (town.open("+525570301", town.case("uno")).await, town.open("+525570409", town.case("dos")).await);
    let link = |case_ids: Vec<Uuid>, invite| Act::LinkCases { case_ids, invite };
    assert_eq!(does(store, &town, link(vec![open], true)).await, Err(Error::Refused("demand_transition")));
    does(store, &town, link(vec![sealed], false)).await.expect("linked");
    does(store, &town, Act::Publish { office: None }).await.expect("public");
    town.act(officer(1), sealed, cases::Act::Close(Confidentiality::Confidential)).await.expect("sealed");
    does(store, &town, link(vec![open], true)).await.expect("linked");
    assert_eq!(sends(store, &town, NoticeKind::Invited).await, 1, "only the open one's");
});

both!(who_is_erased_leaves_no_words_in_the_news_of_her_demand, |test| {
    let town = Town::new(&test.store);
    let store = &test.store;
    written(&town).await;
    does(store, &town, Act::Publish { office: None }).await.expect("public");
    let text = "Nos vemos en casa de Rosa".to_owned();
    town.demand(ANA, Change::Written { demand_id: ID, text }).await.expect("written");
    let message = store.get_full_demand(ID).await.expect("it").messages[0].clone();
    let act = Act::DecideMessage { message_id: message.id, version: message.version, refused: None };
    does(store, &town, act).await.expect("sent");
    let details = "SELECT detail FROM demand_notices WHERE kind = 'message'";
    assert!(test.texts(details).await[0].contains("Rosa"));
    let author = town.contact(ANA).await;
    assert_eq!(store.erase_contact(author, None, town.now).await, Ok(true));
    assert_eq!(test.texts(details).await, ["{}"]);
    // It is not under way any more.
    while let Some(notice) = store.next_demand_notice().await.expect("a store") {
        assert_ne!(notice.kind, NoticeKind::Message);
        let people = store.list_notice_recipients(&notice, 50).await.expect("people");
        let batch = people.into_iter().map(|it| (it, None)).collect();
        store.send_demand_notice(&notice, batch, town.now).await.expect("sent");
        store.send_demand_notice(&notice, Vec::new(), town.now).await.expect("done");
    }
});

both!(a_list_that_was_a_mistake_leaves_the_photo_to_its_case_and_to_another_list, |test| {
    let town = Town::new(&test.store);
    let store = &test.store;
    written(&town).await;
    does(store, &town, Act::Publish { office: None }).await.expect("public");
    let case = town.open("+525570301", town.case("uno")).await;
    let inbox = store.list_case_messages(case, None, 1, true).await.expect("a thread")[0]
        .inbox_id
        .expect("a message");
    let photo = NewMedia { kind: MediaKind::Photo, sizes: vec![("f".to_owned(), 7)], seconds: None };
    let sent = town.demand(ANA, Change::Pictured { demand_id: ID }).await.expect("sent");
    let mut files = Vec::new();
    for id in [inbox, sent] {
        store.add_media(id, "telegram", vec![photo.clone()], town.now).await.expect("noted");
        let file = store.claim_media(town.now, 1).await.expect("claimed").remove(0);
        let kept = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
        assert_eq!(store.settle_media(file.id, file.tries, kept, town.now).await, Ok(true));
        files.push(file.id);
    }
    let acta = |number: u128, media: Uuid| NewActa {
        id: Uuid::from_u128(600 + number),
        folio: format!("A-{number}"),
        heads: 10,
        held_on: "2026-09-13".to_owned(),
        place: None,
        media_id: Some(media),
    };
    let (of_case, of_leader) = (files[0], files[1]);
    for (number, media) in [(1, of_case), (2, of_leader), (3, of_leader)] {
        does(store, &town, Act::AddActa(acta(number, media))).await.expect("entered");
    }
    let void =
        |number: u128| Act::VoidActa { acta_id: Uuid::from_u128(600 + number), reason: "error".to_owned() };
    for number in [1, 2] {
        does(store, &town, void(number)).await.expect("voided");
    }
    assert_eq!(
        store.expire_media(town.now.plus(2 * DAY), 9).await,
        Ok(0),
        "the case and the third list have them"
    );
    does(store, &town, void(3)).await.expect("voided");
    assert_eq!(store.expire_media(town.now.plus(2 * DAY), 9).await, Ok(1));
});
