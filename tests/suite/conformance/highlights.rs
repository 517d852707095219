//! Cards about what worked, on both engines: who may do what to one and when, what people say of it, who took it over,
//! and what the dialogue shows of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use cabildo_bot::channels::gateway::{Gateway, OutboundMessage};
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::broadcast::audience::Audience;
use cabildo_bot::domain::broadcast::{Draft, State as Broadcasting};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::figure::Figure;
use cabildo_bot::domain::highlight::card::{self, Card, Moved, State, Text, Theme, hash};
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::time::HOUR;
use cabildo_bot::jobs;
use cabildo_bot::report::{self, Subject};
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::highlights::{Act, Acted, Acting, NewHighlight, SignKind, Wanted};
use cabildo_bot::store::{Error, Store};
use cabildo_tests::broadcasts::{changes, let_go};
use cabildo_tests::cases::officer;
use cabildo_tests::demands::phone;
use cabildo_tests::stores::START;
use uuid::Uuid;

const HUIXTAN: &str = "07038";
const CARD: Uuid = Uuid::from_u128(900);
const PHONE: &str = "+525512345678";
const CHAT: &str = "714004001";

fn facts() -> Arc<Facts> {
    static FACTS: OnceLock<Arc<Facts>> = OnceLock::new();
    Arc::clone(FACTS.get_or_init(|| Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"))))
}

/// A municipality that has Huixtán among those like it.
fn peer() -> String {
    let facts = facts();
    let own = facts.by_key(HUIXTAN).expect("Huixtán");
    let near = |id| facts.peer_groups.peers(id, Family::NEAREST);
    let found =
        near(own).into_iter().find(|it| near(it.municipality).iter().any(|it| it.municipality == own));
    facts.municipality(found.expect("a municipality like it").municipality).key.clone()
}

fn text() -> Text {
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

async fn proposes(store: &Store, id: Uuid, author: Uuid, place: &str, text: Text) -> Acted {
    let topic = "casa".to_owned();
    let new = NewHighlight { id, municipality: place.to_owned(), topic, text, staff_id: author, at: START };
    store.propose_highlight(new, None).await.expect("proposed")
}

/// Does an act on the version that is there.
async fn does(store: &Store, id: Uuid, staff_id: Uuid, act: Act) -> Result<Acted, Error> {
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

fn approve() -> Act {
    Act::Approve { hash: "seen".to_owned() }
}

fn clear() -> Act {
    Act::Clear { hash: "seen".to_owned() }
}

fn withdraw() -> Act {
    Act::Withdraw { reason: "ya no aplica".to_owned() }
}

/// A card that is published.
async fn published(store: &Store, id: Uuid, place: &str) -> Acted {
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

/// A service with an SMS and a Telegram channel, and the people who write to it.
struct World {
    service: Arc<Service>,
    clock: Clock,
}

impl World {
    fn new(store: &Store) -> Self {
        let gateways = ["sms", "tg"].map(|id| (id.to_owned(), Gateway::Memory(std::sync::Mutex::default())));
        let clock = Clock::fixed(START);
        let mut service = Service::new(store.clone(), facts(), clock.clone(), HashMap::from(gateways));
        service.sending.limits.unasked_per_day = 100;
        Self { service: Arc::new(service), clock }
    }

    fn message(&self, kind: ChannelKind, address: &str, text: &str) -> NewInbound {
        self.clock.advance(1_000);
        NewInbound {
            channel_id: if kind == ChannelKind::Sms { "sms" } else { "tg" }.to_owned(),
            kind,
            external_id: Some(Uuid::from_u128(self.clock.now().0.unsigned_abs().into()).to_string()),
            address: address.to_owned(),
            text: text.to_owned(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: self.clock.now(),
        }
    }

    /// What a phone reads in the answer, and its segments.
    async fn sms(&self, text: &str) -> Vec<(String, u32)> {
        let answer =
            self.service.answer(self.message(ChannelKind::Sms, PHONE, text)).await.expect("an answer");
        self.service.answer_written(&answer).await.expect("written");
        jobs::process_all_jobs(&self.service).await.expect("jobs");
        answer.replies.iter().map(|it| (it.rendered.text.clone(), it.rendered.segments)).collect()
    }

    /// What a chat reads.
    async fn chat(&self, text: &str) -> String {
        let before = self.pushed().len();
        self.service.accept(self.message(ChannelKind::Telegram, CHAT, text)).await.expect("kept");
        jobs::process_all_jobs(&self.service).await.expect("jobs");
        self.pushed().split_off(before).join("\n")
    }

    fn pushed(&self) -> Vec<String> {
        let Some(Gateway::Memory(sent)) = self.service.gateways.get("tg") else { panic!("a gateway") };
        let sent = sent.lock().expect("the messages");
        sent.iter().filter(|it: &&OutboundMessage| it.address == CHAT).map(|it| it.text.clone()).collect()
    }

    async fn helped(&self) -> [u64; 3] {
        self.service.store.get_full_highlight(CARD).await.expect("it").helped
    }

    async fn contact(&self, channel: &str, address: &str) -> Uuid {
        self.service.store.find_contact(channel, address).await.expect("a store").expect("a contact")
    }
}

fn code(text: &str) -> String {
    let found = text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6);
    found.unwrap_or_else(|| panic!("no code: {text}")).to_owned()
}

both!(a_person_says_once_whether_a_card_helped, |test| {
    let world = World::new(&test.store);
    let store = &test.store;
    published(store, CARD, HUIXTAN).await;
    world.service.refresh_highlights().await.expect("read");
    world.sms(&peer()).await;
    for (digit, expected) in [("1", [1, 0, 0]), ("2", [0, 1, 0]), ("3", [0, 0, 1])] {
        let shown = world.sms("VER 10").await;
        let [(card, segments), (question, 1)] = &shown[..] else { panic!("{shown:?}") };
        assert!(card.contains("Piso firme por faenas. 412 pisos") && *segments <= 2, "{card}");
        assert!(card.contains("De 39.3 a 17.7%") && card.contains("2015-2020, CONEVAL"), "{card}");
        assert_eq!(question, "¿Te sirvio? 1 Si 2 Mas o menos 3 No");
        assert!(world.sms(digit).await[0].0.starts_with("Gracias"));
        assert_eq!(world.helped().await, expected);
    }
    // The same person by Telegram, later.
    let given = code(&world.sms("VINCULA").await[0].0);
    world.chat("VER 10").await;
    assert!(world.chat("1").await.contains("Gracias"));
    assert_eq!(world.helped().await, [1, 0, 1]);
    world.chat(&format!("VINCULA {given}")).await;
    world.chat("si").await;
    assert_eq!(world.helped().await, [1, 0, 0], "what she said last, on whichever channel");
    world.sms("VER 10").await;
    world.sms("2").await;
    assert_eq!(world.helped().await, [0, 1, 0]);
    world.chat("VER 10").await;
    world.chat("1").await;
    assert_eq!(world.helped().await, [1, 0, 0], "the last word of the person counts");
    // The same answer again and again within an hour would be that to a machine.
    world.clock.advance(2 * HOUR);
    // Parted they are two, each with what it said itself.
    world.chat("VINCULA NO").await;
    world.sms("VER 10").await;
    world.sms("3").await;
    assert_eq!(world.helped().await, [1, 0, 1]);
    // A card that was withdrawn meanwhile keeps nothing, and is shown to nobody.
    world.sms("VER 10").await;
    does(store, CARD, officer(1), withdraw()).await.expect("withdrawn");
    world.service.refresh_highlights().await.expect("read");
    assert!(world.sms("3").await[0].0.starts_with("No hay una practica"), "and says so");
    assert_eq!(world.helped().await, [1, 0, 1]);
    assert!(world.sms("VER 10").await[0].0.starts_with("No hay una practica"));
    // Who is erased said nothing.
    let chat = world.contact("tg", CHAT).await;
    assert_eq!(store.erase_contact(chat, None, world.clock.now()).await, Ok(true));
    assert_eq!(world.helped().await, [0, 0, 1]);
});

both!(a_published_card_is_told_to_municipalities_like_its_own, |test| {
    let world = World::new(&test.store);
    let store = &test.store;
    world.sms(&peer()).await;
    assert!(world.sms("VER").await[0].0.starts_with("Aun no hay practicas publicadas"));
    assert!(!world.sms("MEJORES casa").await[0].0.contains("VER"));
    published(store, CARD, HUIXTAN).await;
    let facts = facts();
    let id = facts.by_key(&peer()).expect("a municipality");
    let subject = Subject {
        facts: &facts,
        municipality: id,
        family: Family::NEAREST,
        locale: "es-MX",
        day: "2026-01-05",
    };
    let practices = report::practices(store, subject).await.expect("practices");
    assert_eq!(practices.len(), 1);
    assert_eq!(
        (practices[0].place.as_str(), practices[0].title.as_str()),
        ("Huixtán, Chiapas", "Piso firme por faenas")
    );
    assert!(practices[0].moved.contains("39.3") && practices[0].moved.contains("17.7%"));
    jobs::process_all_jobs(&world.service).await.expect("jobs");
    let best = world.sms("MEJORES casa").await;
    assert!(best[0].0.contains("VER 10") && best[0].1 == 1, "{best:?}");
    let list = world.sms("VER").await;
    assert!(list[0].0.contains("VER 10 Huixtan, Chis (casa)") && list[0].1 == 1, "{list:?}");
    // Those that do worse tell the best nothing.
    world.sms(HUIXTAN).await;
    assert!(!world.sms("MEJORES casa").await[0].0.contains("VER"));
    // Elsewhere nobody is told of it, but it can be read.
    world.sms("Guadalajara, Jalisco").await;
    assert!(world.sms("VER").await[0].0.starts_with("Aun no hay practicas publicadas"));
    assert!(world.sms("VER 10").await[0].0.contains("Piso firme"));
    // A word of the dialogue leaves the question; another text ends it.
    assert!(world.sms("AYUDA").await[0].0.contains("Escribe tu municipio"));
    assert!(world.sms("1").await[0].0.starts_with("Gracias"));
    world.sms("VER 10").await;
    world.sms("Guadalajara, Jalisco").await;
    assert!(!world.sms("3").await[0].0.starts_with("Gracias"));
    assert_eq!(world.helped().await, [1, 0, 0]);
});

both!(a_broadcast_of_a_card_goes_out_only_while_the_card_is_what_was_approved, |test| {
    let world = World::new(&test.store);
    let store = &test.store;
    // Noon where they are.
    world.clock.advance(6 * HOUR);
    for number in 0..12 {
        let news = Change::Subscribed {
            kind: SubscriptionKind::Topic,
            topic: "casa".to_owned(),
            municipality: peer(),
            consent: 1,
        };
        changes(store, ("sms", ChannelKind::Sms), &phone(number), news, world.clock.now()).await;
    }
    let first = published(store, CARD, HUIXTAN).await.version;
    let audience = Audience {
        peers_of: Some(HUIXTAN.to_owned()),
        topic: Some("casa".to_owned()),
        ..Audience::default()
    };
    let areas = audience.areas(&facts()).expect("municipalities like it");
    let sent = async |version: i64| {
        let draft = Draft {
            title: "Piso firme".to_owned(),
            texts: BTreeMap::from([("es-MX".to_owned(), "Huixtan puso 412 pisos".to_owned())]),
            audience: audience.clone(),
            channels: BTreeSet::from(["sms".to_owned()]),
            send_at: None,
            tags: BTreeSet::new(),
            highlight_id: Some(CARD),
            highlight_version: Some(version),
            correction_of: None,
        };
        let id = let_go(store, draft, areas.clone(), 12, world.clock.now()).await;
        jobs::process_all_jobs(&world.service).await.expect("jobs");
        let it = store.get_broadcast(id).await.expect("a broadcast");
        (it.state, it.reason, it.progress.sent, it.progress.queued)
    };
    assert_eq!(sent(first).await, (Broadcasting::Done, None, 12, 0));
    let barred = || (Broadcasting::Held, Some("highlight".to_owned()), 0, 0);
    does(store, CARD, officer(1), withdraw()).await.expect("withdrawn");
    assert_eq!(sent(first).await, barred());
    // Other words under the same number are another card.
    let other = Text { cost: "9 mdp".to_owned(), ..text() };
    does(store, CARD, officer(1), Act::Edit(other)).await.expect("written anew");
    assert_eq!(sent(first).await, barred());
    does(store, CARD, officer(1), Act::Submit).await.expect("submitted");
    let second = does(store, CARD, officer(2), approve()).await.expect("published").version;
    assert_eq!(sent(first).await, barred());
    assert_eq!(sent(second).await, (Broadcasting::Done, None, 12, 0));
});

both!(what_was_asked_before_a_card_goes_on_after_it, |test| {
    let world = World::new(&test.store);
    published(&test.store, CARD, HUIXTAN).await;
    world.service.refresh_highlights().await.expect("read");
    world.sms(&peer()).await;
    let asked = world.sms("IDIOMA").await;
    assert!(asked[0].0.contains("2 English"), "{asked:?}");
    assert_eq!(world.sms("VER 10").await.len(), 1, "nothing else is asked");
    // It is the language that this answers.
    world.sms("1").await;
    assert_eq!(world.helped().await, [0, 0, 0]);
    // And a day later nobody means the card.
    assert_eq!(world.sms("VER 10").await.len(), 2);
    world.clock.advance(25 * HOUR);
    world.sms("1").await;
    assert_eq!(world.helped().await, [0, 0, 0]);
});
