//! Joining a phone and a Telegram chat, through the real service on both engines.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use cabildo_bot::channels::gateway::{Gateway, OutboundMessage};
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::time::MINUTE;
use cabildo_bot::jobs;
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::Store;
use cabildo_tests::stores::START;
use uuid::Uuid;

const PHONE: &str = "+525512345678";
const CHAT: &str = "714004001";

/// A service with an SMS and a Telegram channel, and the people who write to it.
struct World {
    service: Arc<Service>,
    clock: Clock,
}

fn facts() -> Arc<Facts> {
    static FACTS: OnceLock<Arc<Facts>> = OnceLock::new();
    Arc::clone(FACTS.get_or_init(|| Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"))))
}

impl World {
    fn new(store: &Store) -> Self {
        let gateways = ["sms", "tg"].map(|id| (id.to_owned(), Gateway::Memory(std::sync::Mutex::default())));
        let clock = Clock::fixed(START);
        let service = Service::new(store.clone(), facts(), clock.clone(), HashMap::from(gateways));
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

    /// What a phone reads in the answer.
    async fn sms(&self, phone: &str, text: &str) -> String {
        let answer =
            self.service.answer(self.message(ChannelKind::Sms, phone, text)).await.expect("an answer");
        self.service.answer_written(&answer).await.expect("written");
        jobs::process_all_jobs(&self.service).await.expect("jobs");
        join(answer.replies.iter().map(|it| it.rendered.text.clone()))
    }

    /// What a chat reads.
    async fn chat(&self, chat: &str, text: &str) -> String {
        let before = self.pushed("tg", chat).len();
        self.service.accept(self.message(ChannelKind::Telegram, chat, text)).await.expect("kept");
        jobs::process_all_jobs(&self.service).await.expect("jobs");
        join(self.pushed("tg", chat).into_iter().skip(before))
    }

    /// What was pushed to an address.
    fn pushed(&self, channel: &str, address: &str) -> Vec<String> {
        let Some(Gateway::Memory(sent)) = self.service.gateways.get(channel) else { panic!("a gateway") };
        let sent = sent.lock().expect("the messages");
        sent.iter().filter(|it: &&OutboundMessage| it.address == address).map(|it| it.text.clone()).collect()
    }

    async fn person(&self, channel: &str, address: &str) -> Option<Uuid> {
        let store = &self.service.store;
        let contact = store.find_contact(channel, address).await.expect("a store").expect("a contact");
        store.find_person(contact).await.expect("a store")
    }
}

/// Replies as one text, in which nobody's number may stand.
fn join(texts: impl Iterator<Item = String>) -> String {
    let text = texts.collect::<Vec<_>>().join("\n");
    for hidden in ["5512345678", "5599", "714004001", "999111", "888222"] {
        assert!(!text.contains(hidden), "{text}");
    }
    text
}

/// The code in a text.
fn code(text: &str) -> String {
    let found = text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6);
    found.unwrap_or_else(|| panic!("no code: {text}")).to_owned()
}

both!(a_code_of_the_phone_joins_the_chat_after_its_yes, |test| {
    let world = World::new(&test.store);
    let asked = world.sms(PHONE, "VINCULA").await;
    assert!(asked.contains("Telegram"), "{asked}");
    let code = code(&asked);
    let question = world.chat(CHAT, &format!("vincula {code}")).await;
    assert!(question.contains("1 Sí 2 No"), "{question}");
    assert_eq!((world.person("sms", PHONE).await, world.person("tg", CHAT).await), (None, None));
    let done = world.chat(CHAT, "si").await;
    assert!(done.contains("una sola persona"), "{done}");
    let person = world.person("sms", PHONE).await.expect("a person");
    assert_eq!(world.person("tg", CHAT).await, Some(person));
    let told = world.pushed("sms", PHONE);
    assert!(told.len() == 1 && told[0].contains("VINCULA NO"), "{told:?}");
    // News goes where the person wrote last.
    let contact = async |channel, address| {
        test.store.find_contact(channel, address).await.expect("a store").expect("a contact")
    };
    assert_eq!(test.store.reach(person).await, Ok(Some(contact("tg", CHAT).await)));
    assert!(world.sms(PHONE, "tlapa").await.contains("71.8%"), "an answer goes where it was asked");
    assert_eq!(test.store.reach(person).await, Ok(Some(contact("sms", PHONE).await)));
    test.store.note_membership("tg", CHAT, true, START).await.expect("left");
    world.clock.advance(1_000);
    assert_eq!(test.store.reach(person).await, Ok(Some(contact("sms", PHONE).await)));
    // The way back.
    let parted = world.sms(PHONE, "VINCULA NO").await;
    assert!(parted.contains("ya no"), "{parted}");
    assert_eq!(world.person("sms", PHONE).await, None);
    let again = world.sms(PHONE, "vincula no").await;
    assert!(again.contains("no esta unido"), "{again}");
});

both!(a_code_of_the_chat_needs_one_that_is_sent_to_the_number, |test| {
    let world = World::new(&test.store);
    let first = code(&world.chat(CHAT, "VINCULA").await);
    // The sender of an SMS is only a claim: whoever forges it reads nothing of the answer.
    let back = world.sms(PHONE, &format!("VINCULA {first}")).await;
    let second = code(&back);
    assert_ne!(first, second);
    for forged in ["1", "SI", &format!("VINCULA {second}"), &format!("VINCULA {first}")] {
        world.sms(PHONE, forged).await;
        assert_eq!(
            (world.person("sms", PHONE).await, world.person("tg", CHAT).await),
            (None, None),
            "{forged}"
        );
    }
    // Nobody but the chat that asked can use it.
    let other = world.chat("999111", &format!("VINCULA {second}")).await;
    assert!(other.contains("no sirve"), "{other}");
    assert!(world.chat(CHAT, &format!("VINCULA {second}")).await.contains("1 Sí 2 No"));
    world.chat(CHAT, "1").await;
    assert!(world.person("tg", CHAT).await.is_some());
    assert_eq!(world.person("sms", PHONE).await, world.person("tg", CHAT).await);
});

both!(a_code_is_good_once_for_ten_minutes_and_not_for_guessing, |test| {
    let world = World::new(&test.store);
    let ask = async || code(&world.sms(PHONE, "VINCULA").await);
    // One's own.
    let own = ask().await;
    let text = world.sms(PHONE, &format!("VINCULA {own}")).await;
    assert!(text.contains("otro canal"), "{text}");
    // Over.
    world.clock.advance(10 * MINUTE);
    assert!(world.chat(CHAT, &format!("VINCULA {own}")).await.contains("no sirve"));
    // Replaced.
    let old = ask().await;
    let new = ask().await;
    assert!(world.chat(CHAT, &format!("VINCULA {old}")).await.contains("no sirve"));
    // Another phone.
    let text = world.sms("+525599000001", &format!("VINCULA {new}")).await;
    assert!(text.contains("no sirve"), "{text}");
    // Declined, and then used up.
    assert!(world.chat(CHAT, &format!("VINCULA {new}")).await.contains("1 Sí 2 No"));
    assert!(world.chat(CHAT, "no").await.contains("no se unió"));
    assert!(world.chat("999111", &format!("VINCULA {new}")).await.contains("no sirve"));
    assert!(world.chat(CHAT, "si").await.to_lowercase().contains("no entendí"), "there is no question left");
    // A yes that comes too late.
    world.clock.advance(10 * MINUTE);
    let late = ask().await;
    assert!(world.chat(CHAT, &format!("VINCULA {late}")).await.contains("1 Sí 2 No"));
    world.clock.advance(11 * MINUTE);
    assert!(world.chat(CHAT, "1").await.contains("no sirve"));
    // Three wrong ones, and the right one does not help for ten minutes.
    let right = ask().await;
    let wrong = (0..4)
        .map(|it| format!("VINCULA {:06}", (right.parse::<u32>().expect("digits") + 1 + it) % 1_000_000));
    for (number, wrong) in wrong.enumerate() {
        let text = world.chat("888222", &wrong).await;
        assert_eq!(text.contains("no sirve"), number < 3, "{text}");
        assert_eq!(text.contains("Espera 10 minutos"), number == 3, "{text}");
    }
    assert!(world.chat("888222", &format!("VINCULA {right}")).await.contains("Espera 10 minutos"));
    world.clock.advance(10 * MINUTE);
    let right = ask().await;
    assert!(world.chat("888222", &format!("VINCULA {right}")).await.contains("1 Sí 2 No"));
    for (channel, address) in [("sms", PHONE), ("tg", CHAT), ("tg", "888222"), ("tg", "999111")] {
        assert_eq!(world.person(channel, address).await, None);
    }
    assert_eq!(world.pushed("sms", PHONE), Vec::<String>::new());
});

both!(of_two_people_with_one_code_only_one_is_asked, |test| {
    let world = World::new(&test.store);
    for round in 0..5 {
        let code = code(&world.sms(&format!("+52559900001{round}"), "VINCULA").await);
        for chat in ["999111", "888222"] {
            // Both are on disk before either is handled.
            let message =
                world.message(ChannelKind::Telegram, &format!("{chat}{round}"), &format!("VINCULA {code}"));
            world.service.accept(message).await.expect("kept");
        }
        jobs::process_all_jobs(&world.service).await.expect("jobs");
        let asked = ["999111", "888222"].map(|chat| {
            let texts = world.pushed("tg", &format!("{chat}{round}"));
            (texts.iter().any(|it| it.contains("1 Sí 2 No")), texts.iter().any(|it| it.contains("no sirve")))
        });
        assert!(
            asked == [(true, false), (false, true)] || asked == [(false, true), (true, false)],
            "{asked:?}"
        );
    }
});

both!(two_persons_are_never_melted_into_one, |test| {
    let world = World::new(&test.store);
    let join = async |phone: &str, chat: &str| {
        let code = code(&world.sms(phone, "VINCULA").await);
        world.chat(chat, &format!("VINCULA {code}")).await;
        world.chat(chat, "1").await;
    };
    join(PHONE, CHAT).await;
    join("+525599000001", "999111").await;
    let (first, second) = (world.person("sms", PHONE).await, world.person("tg", "999111").await);
    assert!(first.is_some() && second.is_some() && first != second);
    // The chat of the first joins the second's phone: it alone moves.
    join("+525599000001", CHAT).await;
    assert_eq!(world.person("tg", CHAT).await, second);
    assert_eq!(world.person("sms", PHONE).await, first);
});
