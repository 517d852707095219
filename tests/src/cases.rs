//! Cases of a test: citizens who open them, officers who act on them.

use std::sync::atomic::{AtomicU64, Ordering};

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::case::clock::Dues;
use cabildo_bot::domain::case::{Anonymity, CaseKind, Confidentiality, Folio, Pin};
use cabildo_bot::domain::privacy::{Deadlines, Right};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{DAY, HOUR, UnixMillis};
use cabildo_bot::ids::IdMaker;
use cabildo_bot::store::cases::{Act, Acted, Acting, Change, FullCase, NewCase};
use cabildo_bot::store::inbox::{self, Outcome};
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::{Error, Store, demands, privacy};
use uuid::Uuid;

use crate::stores::{START, inbound};

/// The municipality of most cases.
pub const TLAPA: &str = "12066";

/// Citizens and officers of one store, and their clock.
pub struct Town<'a> {
    /// The store.
    pub store: &'a Store,
    /// The present instant.
    pub now: UnixMillis,
    drawn: AtomicU64,
    ids: IdMaker,
}

impl<'a> Town<'a> {
    /// A town at the instant at which tests begin.
    pub fn new(store: &'a Store) -> Self {
        Self { store, now: START, drawn: AtomicU64::new(1), ids: IdMaker::new() }
    }

    /// A number that was not drawn before.
    pub fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }

    /// A folio that was not drawn before.
    pub fn folio(&self) -> Folio {
        Folio::from_random((self.draw() * 7_919).to_be_bytes())
    }

    /// A complaint of the town's.
    pub fn case(&self, text: &str) -> NewCase {
        let folio = self.folio();
        NewCase {
            id: self.ids.id(self.now),
            folio,
            pin_key: self.store.pin_key(folio, &pin()).expect("a key"),
            kind: CaseKind::Complaint,
            municipality: TLAPA.to_owned(),
            category: "water".to_owned(),
            office: "waterworks".to_owned(),
            topic: None,
            text: text.to_owned(),
            place: Some("San José".to_owned()),
            location: Some((17.5, -98.5)),
            anonymity: Anonymity::HiddenFromPublic,
            confidentiality: Confidentiality::Open,
            answers: vec![("since".to_owned(), "lunes".to_owned())],
            dues: Dues {
                first_answer: Some(self.now.plus(DAY)),
                update: Some(self.now.plus(5 * DAY)),
                solution: Some(self.now.plus(10 * DAY)),
            },
            linked_to: None,
            urgent: false,
            began_at: None,
        }
    }

    /// A message of a phone that changes something; gives its id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn write(&self, phone: &str, changes: Vec<Change>) -> Result<Uuid, Error> {
        self.message(phone, changes.into_iter().map(|it| inbox::Change::Case(Box::new(it))).collect()).await
    }

    /// A message of a phone that changes something of demands; gives its id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn demand(&self, phone: &str, change: demands::Change) -> Result<Uuid, Error> {
        self.message(phone, vec![inbox::Change::Demand(Box::new(change))]).await
    }

    /// A phone writes a stop word.
    pub async fn stop(&self, phone: &str) {
        self.message(phone, vec![inbox::Change::Stopped]).await.expect("stopped");
    }

    /// A phone asks for its data to be corrected; gives the id of the request, which is due in 28 days.
    pub async fn ask(&self, phone: &str, text: &str) -> Uuid {
        let (id, due) = (self.ids.id(self.now), self.now.plus(28 * DAY));
        let request = privacy::NewRequest {
            id,
            right: Right::Correction,
            channel: "sms",
            municipality: TLAPA.to_owned(),
            locale: None,
            text: text.to_owned(),
            answered: false,
            deadlines: Deadlines { first_alarm: due.plus(-14 * DAY), second_alarm: due.plus(-7 * DAY), due },
            erase_at: None,
        };
        let asked = inbox::Change::Privacy(Box::new(privacy::Change::Asked(request)));
        self.message(phone, vec![asked]).await.expect("asked");
        id
    }

    async fn message(&self, phone: &str, changes: Vec<inbox::Change>) -> Result<Uuid, Error> {
        let id = self.ids.id(self.now);
        let external = format!("m{}", self.draw());
        let message = inbox::NewInbound { received_at: self.now, ..inbound(phone, &external, "x") };
        let known = self.store.find_contact("kannel", phone).await?;
        let contact = known.as_ref().map_or_else(|| self.ids.id(self.now), |it| *it);
        let version = match &known {
            Some(known) => self.store.find_conversation(*known).await?.version,
            None => 0,
        };
        let outcome = Outcome {
            state: "{\"locale\":\"es-MX\"}".to_owned(),
            version,
            changes,
            replies: Vec::new(),
            at: self.now,
            counters: None,
            folded_into: None,
        };
        self.store.answer_inbound(message, id, contact, outcome).await?;
        Ok(id)
    }

    /// A phone opens a case; gives the case's id.
    pub async fn open(&self, phone: &str, case: NewCase) -> Uuid {
        let id = case.id;
        self.write(phone, vec![Change::Opened(Box::new(case))]).await.expect("opened");
        id
    }

    /// The contact of a phone.
    pub async fn contact(&self, phone: &str) -> Uuid {
        self.store.find_contact("kannel", phone).await.expect("read").expect("a contact")
    }

    /// A case in full.
    pub async fn full(&self, id: Uuid) -> FullCase {
        self.store.find_case(id, true).await.expect("read").expect("a case")
    }

    /// An officer acts on a case as it is now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn act(&self, officer: Uuid, id: Uuid, act: Act) -> Result<Acted, Error> {
        let version = self.full(id).await.version;
        self.act_at(officer, id, version, act).await
    }

    /// An officer acts on a case as it was in a version.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn act_at(&self, officer: Uuid, id: Uuid, version: i64, act: Act) -> Result<Acted, Error> {
        let (case_id, staff_id, at) = (id, officer, self.now);
        let acting = Acting { case_id, version, staff_id, act, update_due: None, news: Vec::new(), at };
        self.store.act_on_case(acting).await
    }

    /// A message of ours to a contact, held for ten seconds.
    pub fn outbound(&self, contact_id: Uuid, text: &str) -> NewOutbound {
        NewOutbound {
            id: self.ids.id(self.now),
            contact_id,
            purpose: Purpose::News,
            campaign: None,
            rendered: Rendered {
                kind: ReplyKind::Notice,
                text: text.to_owned(),
                municipality: None,
                choices: Vec::new(),
                edit: false,
                segments: 1,
                picture: None,
            },
            not_before: self.now.plus(10_000),
            at: self.now,
        }
    }

    /// An answer of staff to a contact; gives the id of its message in the thread.
    pub fn reply(&self, contact_id: Uuid, text: &str, wait: bool) -> (Uuid, Act) {
        let message_id = self.ids.id(self.now);
        let outbound = Box::new(self.outbound(contact_id, text));
        (message_id, Act::Reply { message_id, text: text.to_owned(), outbound, wait })
    }

    /// What may be sent now; it is claimed.
    pub async fn due_texts(&self) -> Vec<String> {
        let due = self.store.list_due("kannel", self.now, 99).await.expect("due");
        let ids = due.into_iter().map(|it| it.id).collect();
        let claimed = self.store.claim_these(ids, self.now).await.expect("claimed");
        claimed.into_iter().map(|it| it.content.expect("a message").1.text).collect()
    }

    /// Time goes by, in hours.
    pub fn pass(&mut self, hours: i64) {
        self.now = self.now.plus(hours * HOUR);
    }
}

/// The PIN of every case of a test.
pub fn pin() -> Pin {
    Pin::from_random(4_321_u64.to_be_bytes())
}

/// An officer.
pub fn officer(number: u128) -> Uuid {
    Uuid::from_u128(0x5000 + number)
}
