//! What the unit tests share: people, rows, answers.

use uuid::Uuid;

use crate::data::{Acted, Me, Person, Row};
use crate::keymap::Keymap;
use crate::safe::{Code, SafeText};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::theme::Theme;
use crate::words::Words;

/// The account that is signed in.
pub(crate) const ME: u128 = 1_000;
/// When the tests take place.
pub(crate) const NOW: i64 = 1_795_000_000_000;

pub(crate) fn person(id: u128) -> Person {
    let name = if id == ME { "Teresa Morales" } else { "Luis Karam" };
    Person { id: Uuid::from_u128(id), name: SafeText::own(name) }
}

pub(crate) fn me() -> Me {
    let acts = ["read_cases", "work_cases", "read_events", "read_desk"];
    Me {
        person: person(ME),
        name: SafeText::own("teresa"),
        acts: acts.iter().map(|it| Code::new(it)).collect(),
    }
}

pub(crate) fn shared() -> Shared {
    let mut shared = Shared::new(Words::of("en"), Theme::Ansi, Keymap::default(), Settings::default());
    shared.now = NOW;
    shared.me = Some(me());
    shared.link = crate::api::Link::Live;
    shared
}

pub(crate) fn row(id: u128) -> Row {
    Row {
        id: Uuid::from_u128(id),
        folio: SafeText::line(&format!("4F7K{id:02}")),
        kind: Code::new("complaint"),
        state: Code::new("received"),
        version: 1,
        municipality: Code::new("12066"),
        municipality_name: SafeText::own("Tlapa de Comonfort"),
        category: Code::new("water"),
        office: Code::new("agua"),
        urgent: false,
        disputed: false,
        place: Some(SafeText::own("San José")),
        preview: Some(SafeText::own("Tubo roto frente a la primaria")),
        priority: Code::new("normal"),
        confidentiality: Code::new("open"),
        assignee: None,
        opened_at: NOW - 600_000,
        updated_at: NOW - 180_000,
        due_at: Some(NOW + 5_400_000),
        waiting_since: None,
        snoozed_until: None,
        joined: 1,
    }
}

/// The answer to an act: the case as it is then.
pub(crate) fn answer_row(row: &Row, version: i64, change: impl FnOnce(&mut Row)) -> Acted {
    let mut row = Row { version, ..row.clone() };
    change(&mut row);
    Acted { row: Some(row), send: None, text: None }
}
