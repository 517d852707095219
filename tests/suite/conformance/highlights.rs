//! Cards about what worked, on both engines: who may do what to one and when, and who took it over.

use std::sync::{Arc, OnceLock};

use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::figure::Figure;
use cabildo_bot::domain::highlight::card::{self, Card, Moved, State, Text, Theme, hash};
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::highlights::{Act, Acted, Acting, NewHighlight, SignKind, Wanted};
use cabildo_bot::store::{Error, Store};
use cabildo_tests::cases::officer;
use cabildo_tests::stores::START;
use uuid::Uuid;

pub(super) const HUIXTAN: &str = "07038";
pub(super) const CARD: Uuid = Uuid::from_u128(900);

pub(super) fn facts() -> Arc<Facts> {
    static FACTS: OnceLock<Arc<Facts>> = OnceLock::new();
    Arc::clone(FACTS.get_or_init(|| Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"))))
}

pub(super) fn text() -> Text {
    Text {
        theme: Theme::Housing,
        title: "Piso firme por faenas".to_owned(),
        done: "412 pisos con tequio y material del municipio".to_owned(),
        cost: "4.1 mdp".to_owned(),
        contact: "Obras Publicas".to_owned(),
        learned: String::new(),
        evidence: Vec::new(),
        sdg: Some(11),
    }
}

pub(super) async fn proposes(store: &Store, id: Uuid, author: Uuid, place: &str, text: Text) -> Acted {
    let topic = "casa".to_owned();
    let new = NewHighlight { id, municipality: place.to_owned(), topic, text, staff_id: author, at: START };
    store.propose_highlight(new, None).await.expect("proposed")
}

/// Does an act on the version that is there.
pub(super) async fn does(store: &Store, id: Uuid, staff_id: Uuid, act: Act) -> Result<Acted, Error> {
    let card = store.find_highlight(id).await?.ok_or(Error::NotFound)?;
    let version = card.version;
    let act = match act {
        Act::Approve { .. } => Act::Approve { hash: hash(&card, &moved(&card)) },
        act => act,
    };
    let acting = Acting { highlight_id: id, version, staff_id, act, at: START.plus(version) };
    store.act_on_highlight(acting, None).await
}

fn moved(it: &Card) -> Moved {
    let facts = facts();
    let (id, topic) = (facts.by_key(&it.municipality), facts.topic(&it.topic));
    // Where nothing moved no card is shown; the store asks for none of it.
    let none = (0, Figure::new(0, 0));
    let unmoved = || Moved { series: String::new(), before: none, after: none };
    let found = id.zip(topic).and_then(|(id, topic)| card::moved(&facts, id, topic).ok());
    found.unwrap_or_else(unmoved)
}

pub(super) fn approve() -> Act {
    Act::Approve { hash: "seen".to_owned() }
}

fn clear() -> Act {
    Act::Clear { hash: "seen".to_owned() }
}

pub(super) fn withdraw() -> Act {
    Act::Withdraw { reason: "ya no aplica".to_owned() }
}

/// A card that is published.
pub(super) async fn published(store: &Store, id: Uuid, place: &str) -> Acted {
    proposes(store, id, officer(1), place, text()).await;
    does(store, id, officer(1), Act::Submit).await.expect("submitted");
    does(store, id, officer(2), approve()).await.expect("published")
}

async fn signs(store: &Store, id: Uuid) -> Vec<(SignKind, Uuid)> {
    let full = store.get_full_highlight(id).await.expect("it");
    full.signs.iter().map(|it| (it.kind, it.staff_id)).collect()
}

both!(a_card_is_published_by_who_did_not_write_it_and_an_edit_takes_that_away, |test| {
    let store = &test.store;
    let first = proposes(store, CARD, officer(1), HUIXTAN, text()).await;
    assert_eq!((first.code, first.version, first.state), (10, 1, State::Draft));
    // Numbers count up.
    assert_eq!(proposes(store, Uuid::from_u128(901), officer(1), HUIXTAN, text()).await.code, 11);
    assert_eq!(does(store, CARD, officer(2), approve()).await, Err(Error::Refused("highlight_state")));
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    assert_eq!(does(store, CARD, officer(1), approve()).await, Err(Error::Refused("highlight_own")));
    // Who edits it is an author of it, too; and it is a draft again.
    let edited = Act::Edit(Text { cost: String::new(), ..text() });
    assert_eq!(does(store, CARD, officer(2), edited).await.map(|it| it.state), Ok(State::Draft));
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    assert_eq!(does(store, CARD, officer(2), approve()).await, Err(Error::Refused("highlight_own")));
    let rejected = Act::Reject { reason: "falta el costo".to_owned() };
    assert_eq!(does(store, CARD, officer(3), rejected).await.map(|it| it.state), Ok(State::Draft));
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    // An act on another version changes nothing.
    let stale = Acting { highlight_id: CARD, version: 2, staff_id: officer(3), act: approve(), at: START };
    assert_eq!(store.act_on_highlight(stale, None).await, Err(Error::Conflict));
    let done = does(store, CARD, officer(3), approve()).await.expect("published");
    assert_eq!(done.state, State::Published);
    let card = store.find_highlight(CARD).await.expect("a store").expect("a card");
    assert!(card.published_at.is_some() && card.reason.is_none());
    assert_eq!(signs(store, CARD).await, [(SignKind::Edited, officer(2)), (SignKind::Approved, officer(3))]);
    // What everybody reads is not changed under their eyes.
    assert_eq!(
        does(store, CARD, officer(1), Act::Edit(text())).await,
        Err(Error::Refused("highlight_is_published"))
    );
    assert_eq!(does(store, CARD, officer(3), approve()).await, Err(Error::Refused("highlight_state")));
    assert_eq!(does(store, CARD, officer(1), withdraw()).await.map(|it| it.state), Ok(State::Withdrawn));
    assert_eq!(does(store, CARD, officer(1), Act::Edit(text())).await.map(|it| it.state), Ok(State::Draft));
    assert_eq!(
        signs(store, CARD).await,
        [(SignKind::Edited, officer(2)), (SignKind::Edited, officer(1))],
        "no approval survives an edit"
    );
    let events = store.list_events(0, 50).await.expect("events");
    let kinds: Vec<&str> =
        events.iter().filter(|it| it.highlight_id == Some(CARD)).map(|it| it.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "highlight_proposed",
            "highlight_submitted",
            "highlight_edited",
            "highlight_submitted",
            "highlight_rejected",
            "highlight_submitted",
            "highlight_approved",
            "highlight_withdrawn",
            "highlight_edited"
        ]
    );
    assert!(events.iter().all(|it| it.contact_id.is_none() && it.municipality.as_deref() == Some(HUIXTAN)));
});

both!(personal_data_waits_for_somebody_else_and_what_is_written_lies_sealed, |test| {
    let store = &test.store;
    let with = Text { contact: "Dudas con Rosa al 55 1234 5678".to_owned(), ..text() };
    proposes(store, CARD, officer(1), HUIXTAN, with.clone()).await;
    let blocked = Err(Error::Refused("highlight_personal_data"));
    assert_eq!(does(store, CARD, officer(1), Act::Submit).await, blocked);
    assert_eq!(does(store, CARD, officer(1), clear()).await, Err(Error::Refused("highlight_own")));
    assert_eq!(does(store, CARD, officer(2), clear()).await.map(|it| it.state), Ok(State::Draft));
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    // What was found harmless was found so in the other text.
    does(store, CARD, officer(1), Act::Edit(with)).await.expect("edited");
    assert_eq!(does(store, CARD, officer(1), Act::Submit).await, blocked);
    does(store, CARD, officer(2), Act::Withdraw { reason: "Quita a Rosa".to_owned() })
        .await
        .expect("withdrawn");
    let stored = test.texts("SELECT text || ' ' || reason FROM highlights").await;
    assert!(stored.iter().all(|it| it.matches('\u{1}').count() == 2 && !it.contains("Rosa")), "{stored:?}");
    let card = store.find_highlight(CARD).await.expect("a store").expect("a card");
    assert_eq!(card.reason.as_deref(), Some("Quita a Rosa"));
});

both!(lists_are_cut_to_places_but_for_what_everybody_reads, |test| {
    let store = &test.store;
    for (number, place) in (0..5).zip([HUIXTAN, HUIXTAN, "12066", "12066", "20570"]) {
        proposes(store, Uuid::from_u128(910 + number), officer(1), place, text()).await;
    }
    published(store, Uuid::from_u128(920), "20570").await;
    let list = async |state, places: &[&str], within: &Within, after, limit| {
        let places = places.iter().map(|it| (*it).to_owned()).collect();
        let page = Page { after, limit };
        let found = store.list_highlights(&Wanted { state, places }, within, page).await.expect("a page");
        found.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>()
    };
    let country = Within::country();
    assert_eq!(list(None, &[], &country, None, 9).await, [920, 914, 913, 912, 911, 910]);
    assert_eq!(list(None, &[], &country, None, 2).await, [920, 914]);
    assert_eq!(list(None, &[], &country, Some(Uuid::from_u128(914)), 2).await, [913, 912]);
    let guerrero = Within { country: false, keys: vec!["12".to_owned()] };
    assert_eq!(list(None, &[], &guerrero, None, 9).await, [920, 913, 912]);
    assert_eq!(list(Some(State::Draft), &[], &guerrero, None, 9).await, [913, 912]);
    assert_eq!(list(None, &["07", "20570"], &country, None, 9).await, [920, 914, 911, 910]);
    assert_eq!(list(None, &[], &Within::default(), None, 9).await, [920]);
    let published = store.list_published_highlights(None, 9).await.expect("cards");
    assert_eq!(published.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>(), [920]);
    let changed = store.list_changed_highlights((START, Uuid::nil()), 2).await.expect("cards");
    assert_eq!(changed.iter().map(|it| it.1.as_u128()).collect::<Vec<_>>(), [910, 911]);
    // One that can't be read any more is in nobody's way.
    test.texts("UPDATE highlights SET text = 'x' WHERE code = 10 RETURNING state").await;
    let changed = store.list_changed_highlights((START, Uuid::nil()), 2).await.expect("cards");
    assert_eq!(changed.iter().map(|it| it.2.is_some()).collect::<Vec<_>>(), [false, true]);
});

both!(a_chain_of_adoptions_begins_with_the_card, |test| {
    let store = &test.store;
    let adopt = |municipality: &str, learned_from: &str| Act::Adopt {
        municipality: municipality.to_owned(),
        learned_from: learned_from.to_owned(),
        adopted_on: "2026-05-01".to_owned(),
    };
    proposes(store, CARD, officer(1), HUIXTAN, text()).await;
    assert_eq!(
        does(store, CARD, officer(4), adopt("12066", HUIXTAN)).await,
        Err(Error::Refused("highlight_state"))
    );
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    let version = does(store, CARD, officer(2), approve()).await.expect("published").version;
    let unknown = Err(Error::Refused("highlight_learned_from"));
    assert_eq!(does(store, CARD, officer(4), adopt("12066", "20570")).await, unknown);
    assert_eq!(does(store, CARD, officer(4), adopt("12066", "12066")).await, unknown);
    let first = does(store, CARD, officer(4), adopt("12066", HUIXTAN)).await.expect("adopted");
    assert_eq!(first.version, version, "what others do is no version of the card");
    does(store, CARD, officer(5), adopt("20570", "12066")).await.expect("adopted from the adopter");
    for again in [adopt("20570", HUIXTAN), adopt(HUIXTAN, "12066")] {
        assert_eq!(does(store, CARD, officer(5), again).await, Err(Error::Refused("highlight_is_adopted")));
    }
    let full = store.get_full_highlight(CARD).await.expect("it");
    let chain: Vec<(&str, &str)> =
        full.adoptions.iter().map(|it| (it.municipality.as_str(), it.learned_from.as_str())).collect();
    assert_eq!(chain.len(), 2);
    assert!(chain.contains(&("12066", HUIXTAN)) && chain.contains(&("20570", "12066")));
    let events = store.list_events(0, 50).await.expect("events");
    let adopted = events.iter().filter(|it| it.kind == "highlight_adopted");
    assert_eq!(adopted.filter_map(|it| it.municipality.as_deref()).collect::<Vec<_>>(), ["12066", "20570"]);
});
