//! Cards about what worked, on both engines: to whom the dialogue, the report and a broadcast tell one, and what people
//! say of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cabildo_bot::channels::gateway::{Gateway, OutboundMessage};
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::broadcast::audience::{self, Audience};
use cabildo_bot::domain::broadcast::{Draft, State as Broadcasting};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::highlight::card::{self, Card, Text};
use cabildo_bot::domain::municipality::MunicipalityId;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::time::HOUR;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::demands::Known;
use cabildo_bot::engine::highlights::{Cards, HighlightReply};
use cabildo_bot::engine::reply::Reply;
use cabildo_bot::engine::{Inbound, step};
use cabildo_bot::jobs;
use cabildo_bot::report::{self, Subject};
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::Store;
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::highlights::{Act, Wanted};
use cabildo_tests::broadcasts::{changes, let_go};
use cabildo_tests::cases::officer;
use cabildo_tests::demands::phone;
use cabildo_tests::stores::START;
use uuid::Uuid;

use super::highlights::{CARD, HUIXTAN, approve, does, facts, proposes, published, text, withdraw};

const PHONE: &str = "+525512345678";
const CHAT: &str = "714004001";

/// A municipality that has Huixtán among those like it.
fn peer() -> String {
    let facts = facts();
    let own = facts.by_key(HUIXTAN).expect("Huixtán");
    let near = |id| facts.peer_groups.peers(id, Family::NEAREST);
    let found =
        near(own).into_iter().find(|it| near(it.municipality).iter().any(|it| it.municipality == own));
    facts.municipality(found.expect("a municipality like it").municipality).key.clone()
}

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

both!(a_card_that_cannot_be_read_is_left_out_of_lists_and_ends_none, |test| {
    let store = &test.store;
    for number in 0..6 {
        published(store, Uuid::from_u128(930 + number), HUIXTAN).await;
    }
    // The newest, one within, and two of them one after the other.
    for damage in [
        "UPDATE highlights SET text = 'x' WHERE code = 12 RETURNING state",
        "UPDATE highlights SET code = 5000000000 WHERE code = 13 RETURNING state",
        "UPDATE highlights SET text = (SELECT o.text FROM highlights AS o WHERE o.code = 10) WHERE code = 15 \
         RETURNING state",
    ] {
        assert!(!test.texts(damage).await.is_empty(), "{damage}");
    }
    let whole = [934, 931, 930];
    let ids = |found: Vec<Card>| found.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>();
    for limit in 1..8 {
        // As those do who read on until a page is not full.
        let (mut listed, mut shown) = (Vec::new(), Vec::new());
        loop {
            let after = listed.last().copied().map(Uuid::from_u128);
            let page = Page { after, limit };
            let found = store.list_highlights(&Wanted::default(), &Within::country(), page).await;
            let found = ids(found.expect("a page"));
            listed.extend(&found);
            if found.len() < limit as usize {
                break;
            }
        }
        loop {
            let before = shown.last().copied().map(Uuid::from_u128);
            let found = ids(store.list_published_highlights(before, limit).await.expect("a page"));
            shown.extend(&found);
            if found.len() < limit as usize {
                break;
            }
        }
        assert_eq!((listed.as_slice(), shown.as_slice()), (&whole[..], &whole[..]), "{limit} a page");
    }
    // Alone it says that it is damaged.
    assert!(store.find_highlight(Uuid::from_u128(932)).await.is_err());
    // The report of a municipality like it, and the dialogue, have the rest.
    let facts = facts();
    let municipality = facts.by_key(&peer()).expect("a municipality");
    let family = Family::NEAREST;
    let subject = Subject { facts: &facts, municipality, family, locale: "es-MX", day: "2026-01-05" };
    assert_eq!(report::practices(store, subject).await.expect("practices").len(), 3);
    let world = World::new(store);
    world.service.refresh_highlights().await.expect("read");
    world.sms(&peer()).await;
    let list = world.sms("VER").await;
    for (code, stands) in [("VER 10", true), ("VER 11", true), ("VER 12", false), ("VER 14", true)] {
        assert_eq!(list[0].0.contains(code), stands, "{code}: {list:?}");
    }
    assert!(world.sms("MEJORES casa").await[0].0.contains("VER 14"));
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

both!(a_card_is_shown_reported_and_sent_to_the_same_municipalities, |test| {
    let store = &test.store;
    let facts = facts();
    let casa = facts.topic("casa").expect("a topic");
    let mut among: BTreeMap<MunicipalityId, usize> = BTreeMap::new();
    for peer in facts.ids().flat_map(|it| facts.peer_groups.peers(it, Family::NEAREST)) {
        *among.entry(peer.municipality).or_default() += 1;
    }
    let count = |it: &MunicipalityId| among.get(it).copied().unwrap_or(0);
    // From the one that the fewest are compared with to the one that the most are.
    let mut movers: Vec<MunicipalityId> =
        facts.ids().filter(|it| card::moved(&facts, *it, casa).is_ok()).collect();
    movers.sort_by_key(count);
    let sample: Vec<MunicipalityId> = (0..5).map(|it| movers[it * (movers.len() - 1) / 4]).collect();
    assert!(count(&sample[0]) < 20 && count(&sample[4]) > 20, "nearness that is not mutual");
    let key = |id: MunicipalityId| facts.municipality(id).key.as_str();
    let title = |number: usize| format!("Piso firme {}", ["A", "B", "C", "D", "E"][number]);
    let mut sent = BTreeSet::new();
    for (number, teller) in sample.iter().enumerate() {
        let id = Uuid::from_u128(940 + number as u128);
        proposes(store, id, officer(1), key(*teller), Text { title: title(number), ..text() }).await;
        does(store, id, officer(1), Act::Submit).await.expect("submitted");
        does(store, id, officer(2), approve()).await.expect("published");
        let audience = Audience { peers_of: Some(key(*teller).to_owned()), ..Audience::default() };
        let areas = audience.areas(&facts).expect("municipalities like it");
        sent.extend(audience::municipalities(&facts, &areas).into_iter().map(|reader| (reader, number)));
        // None that it is compared with is left out, nor one that is compared with it.
        let reader = |id: MunicipalityId| (key(id).to_owned(), number);
        for peer in facts.peer_groups.peers(*teller, Family::NEAREST) {
            assert!(sent.contains(&reader(peer.municipality)));
        }
        assert!(!sent.contains(&reader(*teller)), "it knows its own");
    }
    let cards = store.list_published_highlights(None, 9).await.expect("cards");
    let codes: Vec<u32> = cards.iter().rev().map(|it| it.code).collect();
    let cards = Arc::new(Cards::default().with(cards.into_iter().map(|it| (it.id, Some(it)))));
    let (mut shown, mut reported) = (BTreeSet::new(), BTreeSet::new());
    for municipality in facts.ids() {
        let reader = key(municipality);
        let conversation =
            Conversation { home: Some(reader.to_owned()), notice: 1, ..Conversation::default() };
        let inbound = Inbound {
            channel: ChannelKind::Sms,
            text: "VER".to_owned(),
            location: None,
            payload: None,
            at: START,
            link: None,
            cases: None,
            demands: Known::default(),
            cards: Arc::clone(&cards),
            privacy: None,
        };
        let done = step(&conversation, &inbound, &facts);
        for reply in done.replies.iter().chain(&done.next.more) {
            let Reply::Highlight(HighlightReply::List { items, .. }) = reply else { continue };
            let number = |code: u32| codes.iter().position(|it| *it == code).expect("one of them");
            shown.extend(items.iter().map(|it| (reader.to_owned(), number(it.code))));
        }
        // Whichever family the figures stand in.
        let family = Family::ALL[municipality.index() % 5];
        let subject = Subject { facts: &facts, municipality, family, locale: "es-MX", day: "2026-01-05" };
        let practices = report::practices(store, subject).await.expect("practices");
        let number = |it: &report::Practice| (0..5).find(|number| title(*number) == it.title);
        reported.extend(practices.iter().map(|it| (reader.to_owned(), number(it).expect("one of them"))));
    }
    assert_eq!(shown, sent, "VER and the audience");
    assert_eq!(reported, sent, "the report and the audience");
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
