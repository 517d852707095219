//! The service that is not there: what is asked of it is answered from a few cases.

use std::collections::BTreeMap;

use cabildo_admin_tui::api::demands::Picture;
use cabildo_admin_tui::api::{Act, Answer, Ask, Deed, Failure};
use cabildo_admin_tui::data::{
    Acted, Canned, Case, CasePage, Category, Citizen, Count, Entry, Held, Me, Office, Person, Preview,
    PreviewChannel, Queues, Row, Thread,
};
use cabildo_admin_tui::desk_data::{
    Audit, Chain, Feedback, Figures, Indicator, Notice, Part, Sent, Unknown, User,
};
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::screens::table::Page;
use cabildo_staff_api::case::CaseQuery;
use uuid::Uuid;

use super::demands::Demands;
use super::highlights::Highlights;

/// When the tests take place: 2026-11-18 09:06 UTC.
pub const NOW: i64 = 1_794_992_760_000;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn person(number: u128, name: &str) -> Person {
    Person { id: id(number), name: SafeText::line(name) }
}

pub fn me() -> Me {
    let acts = [
        "read_cases",
        "work_cases",
        "read_events",
        "read_desk",
        "moderate",
        "read_unknown",
        "read_health",
        "read_audit",
        "verify_audit",
        "read_accounts",
        "read_demands",
        "work_demands",
        "moderate_demands",
        "answer_demands",
        "verify_people",
        "write",
        "approve",
        "read_reports",
    ];
    Me {
        person: person(1_000, "Teresa Morales"),
        name: SafeText::own("teresa"),
        acts: acts.iter().map(|it| Code::new(it)).collect(),
    }
}

/// A case of the morning.
pub fn row(number: u128, folio: &str, place: &str, text: &str) -> Row {
    Row {
        id: id(number),
        folio: SafeText::line(folio),
        kind: Code::new("complaint"),
        state: Code::new("received"),
        version: 1,
        municipality: Code::new("12066"),
        municipality_name: SafeText::own("Tlapa de Comonfort"),
        category: Code::new("water"),
        office: Code::new("agua"),
        urgent: false,
        disputed: false,
        place: Some(SafeText::line(place)),
        preview: Some(SafeText::line(text)),
        priority: Code::new("normal"),
        confidentiality: Code::new("open"),
        assignee: None,
        opened_at: NOW - 3_600_000 - number as i64 * 60_000,
        updated_at: NOW - number as i64 * 180_000,
        due_at: Some(NOW + 5_400_000 * number as i64 - 7_000_000),
        waiting_since: None,
        snoozed_until: None,
        joined: 1,
    }
}

/// The cases that the service has.
pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row(
            1,
            "4F7K2X",
            "San José",
            "Tubo roto frente a la primaria, la calle se inunda y los niños pasan por ahí",
        ),
        row(2, "7QH3MP", "Centro", "Sin luz desde el lunes, tres cuadras"),
        row(3, "9WD4TA", "Centro", "Tampoco hay luz en mi casa"),
        row(4, "2KX8RB", "La Loma", "¿Cuándo abre la clínica el sábado?"),
        row(5, "6PN5VC", "La Loma", "No pasa la basura desde hace dos semanas"),
        row(6, "8TC2ZD", "", ""),
    ];
    rows[0].urgent = true;
    rows[1].priority = Code::new("high");
    rows[3].state = Code::new("answered");
    rows[3].waiting_since = Some(NOW - 600_000);
    rows[3].assignee = Some(person(2_000, "Luis Karam"));
    rows[4].state = Code::new("assigned");
    rows[4].assignee = Some(me().person);
    rows[5].confidentiality = Code::new("confidential");
    rows[5].preview = None;
    rows[5].place = None;
    rows
}

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It can't be reached.
    Away,
    /// Somebody else was always first.
    Taken,
    /// It never answers.
    Silent,
}

pub fn entry(number: u128, from: &str, text: &str) -> Entry {
    Entry {
        id: id(number),
        from: Code::new(from),
        author: (from == "staff" || from == "note").then(|| person(2_000, "Luis Karam")),
        pages: SafeText::pages(text),
        at: NOW - 3_600_000 + number as i64 * 60_000,
        media: Vec::new(),
        send: (from == "staff").then(|| Code::new("delivered")),
    }
}

/// What it has, and what happened to it.
pub struct Service {
    pub mood: Mood,
    pub rows: Vec<Row>,
    pub entries: BTreeMap<u128, Vec<Entry>>,
    pub writers: Vec<(Person, i64)>,
    /// Acts that arrived, with version and key.
    pub acts: Vec<(Uuid, Act, i64, Uuid)>,
    /// Who signs in.
    pub who: Me,
    /// The first piece of feedback that still waits.
    pub first_feedback: u128,
    sends: u128,
    /// The topic of each case.
    pub topic: Option<String>,
    /// Notices that were said to be seen.
    pub seen: Vec<Uuid>,
    /// Cases that were looked at.
    looked: Vec<Uuid>,
    /// Cases whose texts were asked for, in any way that is kept in the audit trail.
    pub read: Vec<Uuid>,
    /// Rows of a page, where it is not all of them.
    pub page: usize,
    /// Whether nobody of a case gets messages.
    pub alone: bool,
    /// What citizens read.
    pub locale: &'static str,
    /// The list that was asked for last.
    pub query: Option<CaseQuery>,
    /// Demands and what belongs to them.
    pub demands: Demands,
    /// Cards, broadcasts and charts.
    pub highlights: Highlights,
}

impl Service {
    /// With the cases of the morning.
    pub fn new() -> Self {
        let entries = vec![
            entry(
                1,
                "citizen",
                "Tubo roto frente a la primaria, la calle se inunda y los niños pasan por ahí. Nadie viene desde las 6. Manden a alguien por favor",
            ),
            entry(2, "bot", "Recibido. Folio 4F7K2X. Agua te responde a más tardar el 20/11."),
            entry(3, "note", "Hablé con la cuadrilla: van a las 11."),
            entry(4, "staff", "La cuadrilla va en camino."),
        ];
        Self {
            mood: Mood::Well,
            rows: rows(),
            entries: BTreeMap::from([(1, entries)]),
            writers: Vec::new(),
            acts: Vec::new(),
            who: me(),
            first_feedback: 301,
            sends: 0,
            topic: None,
            seen: Vec::new(),
            looked: Vec::new(),
            read: Vec::new(),
            page: usize::MAX,
            alone: false,
            locale: "es-MX",
            query: None,
            demands: Demands::new(),
            highlights: Highlights::new(),
        }
    }

    pub fn answer(&mut self, ask: Ask, now: i64) -> Result<Answer, Failure> {
        if self.mood == Mood::Away {
            return Err(Failure::new("unreachable"));
        }
        Ok(match ask {
            Ask::SignIn(_) | Ask::Me => Answer::Me(Box::new(self.who.clone())),
            Ask::SetUp(_) | Ask::SignOut | Ask::Draft { .. } => Answer::Done,
            Ask::Highlights(ask) => Answer::Highlights(Box::new(self.highlights.answer(*ask)?)),
            Ask::Broadcasts(ask) => {
                Answer::Broadcasts(Box::new(self.highlights.answer_about_broadcasts(*ask)?))
            }
            Ask::Series(municipality, ..) | Ask::Figures(municipality, _) if municipality == "tlapa" => {
                return Err(Failure::new("not_found"));
            }
            Ask::Series(municipality, group, days) => self.highlights.chart(&municipality, &group, days),
            Ask::Chart(chart, language) => {
                let asked = format!("{} {language}", chart.file_name());
                Answer::Chart(Picture(asked.into_bytes()))
            }
            Ask::Demands(ask) => Answer::Demands(Box::new(self.demands.answer(*ask)?)),
            Ask::Queues => {
                let counts =
                    [("unassigned", 187), ("mine", 12), ("due", 3), ("waiting", 40), ("disputed", 2)];
                let queues = counts.iter().map(|(code, count)| (Code::new(code), *count)).collect();
                let view = (id(70), SafeText::own("Baches"), Count { count: 31, more: false });
                Answer::Queues(Queues { queues, views: vec![view] })
            }
            // As the service does: a queue takes nothing beside it.
            Ask::Cases(query)
                if query.queue.is_some()
                    && [&query.search, &query.state, &query.label, &query.assignee]
                        .iter()
                        .any(|it| it.is_some()) =>
            {
                return Err(Failure::new("invalid_parameter"));
            }
            Ask::Cases(query) => {
                let wanted = query.search.clone().unwrap_or_default().to_lowercase();
                let hit = |it: &&Row| {
                    let text =
                        it.preview.as_ref().map(ToString::to_string).unwrap_or_default().to_lowercase();
                    text.contains(&wanted) || it.folio.as_str().to_lowercase() == wanted
                };
                let mut rows: Vec<Row> = self.rows.iter().filter(hit).cloned().collect();
                let total = Count { count: rows.len() as u64, more: false };
                if query.sort.as_deref() == Some("oldest") {
                    rows.reverse();
                }
                let from: usize = query.after.as_deref().and_then(|it| it.parse().ok()).unwrap_or(0);
                let next = from.saturating_add(self.page);
                let next = (next < rows.len()).then(|| next.to_string());
                let rows = rows.into_iter().skip(from).take(self.page).collect();
                self.query = Some(*query);
                Answer::Cases(CasePage { rows, next, total })
            }
            Ask::Case(case) => {
                self.looked.push(case);
                self.read.push(case);
                Answer::Case(Box::new(self.case(case).ok_or_else(|| Failure::new("not_found"))?))
            }
            Ask::Thread(case, _) => {
                self.read.push(case);
                let entries = self.entries.get(&case.as_u128()).cloned().unwrap_or_default();
                Answer::Thread(Thread { entries, next: None })
            }
            Ask::Act { case, act, version, key } => return self.act(case, &act, version, key, now),
            Ask::Preview(asked) => {
                let missing =
                    if asked.text.contains("{phone}") { vec![SafeText::own("phone")] } else { Vec::new() };
                let units = asked.text.chars().count() as u64;
                Answer::Preview(Preview {
                    channels: vec![PreviewChannel {
                        kind: Code::new("sms"),
                        text: SafeText::new(&asked.text.replace("{folio}", "4F7K2X")),
                        encoding: Code::new("gsm7"),
                        units,
                        left: 160_u64.saturating_sub(units),
                        segments: 1,
                        offending: None,
                        price: 350,
                    }],
                    missing,
                })
            }
            Ask::Canned(_) => {
                let canned = |letter: &str, title: &str, text: &str| Canned {
                    letter: SafeText::line(letter),
                    title: SafeText::line(title),
                    texts: BTreeMap::from([("es-MX".to_owned(), SafeText::typed(text))]),
                };
                Answer::Canned(vec![
                    canned("A", "Acuse", "Recibimos su reporte {folio}."),
                    canned("D", "Dirección", "¿En qué calle y junto a qué es?"),
                    canned("T", "Teléfono", "Llame al {phone}."),
                ])
            }
            Ask::Labels(_) => Answer::Labels(vec![SafeText::own("bache"), SafeText::own("fuga")]),
            Ask::Offices(_) => {
                let office = |code: &str, name: &str, phone: Option<&str>| Office {
                    code: Code::new(code),
                    name: BTreeMap::from([("en".to_owned(), SafeText::line(name))]),
                    phone: phone.map(SafeText::line),
                };
                Answer::Offices(vec![
                    office("agua", "Water", Some("757 100 0001")),
                    office("cfe", "CFE", None),
                ])
            }
            Ask::Categories(_) => Answer::Categories(vec![Category {
                code: Code::new("water"),
                name: BTreeMap::from([
                    ("en".to_owned(), SafeText::own("Drinking water")),
                    ("es-MX".to_owned(), SafeText::own("Agua potable")),
                ]),
            }]),
            Ask::Colleagues(place) => {
                if place.as_str() != "12066" {
                    return Err(Failure::new("not_found"));
                }
                Answer::Colleagues(vec![me().person, person(2_000, "Luis Karam"), person(2_001, "Alma Ruiz")])
            }
            Ask::Feedback(state, _) => {
                let piece = |number: u128, text: &str| Feedback {
                    id: id(number),
                    kind: Code::new("suggestion"),
                    municipality: Code::new("12066"),
                    text: SafeText::new(text),
                    state: state.clone(),
                    reason: Code::default(),
                    version: 3,
                    created_at: NOW - number as i64 * 60_000,
                    decided_at: None,
                };
                let mut items = if state == "waiting" {
                    vec![
                        piece(
                            301,
                            "Pongan más botes de basura en el parque, los que hay se llenan el domingo.",
                        ),
                        piece(302, "Gracias por arreglar la luz"),
                    ]
                } else {
                    Vec::new()
                };
                items.retain(|it| it.id >= id(self.first_feedback));
                Answer::Feedback(Page { items, next: None })
            }
            Ask::Unknown(state, _) => Answer::Unknown(Page {
                items: vec![Unknown {
                    id: id(401),
                    municipality: Code::new("12066"),
                    text: Some(SafeText::own("kien me ayuda con mi acta")),
                    messages: 7,
                    state,
                    version: 2,
                    first_at: NOW - 86_400_000,
                    last_at: NOW - 600_000,
                }],
                next: None,
            }),
            Ask::Outbox(part, _) => {
                let state = match part.as_str() {
                    "held" => "queued",
                    "sent" => "delivered",
                    _ => "failed",
                };
                Answer::Outbox(Page {
                    items: vec![Sent {
                        id: id(501),
                        send: id(502),
                        case: Some(id(1)),
                        staff: id(1_000),
                        channel: SafeText::own("telco"),
                        state: Code::new(state),
                        failure: Code::new(if state == "failed" { "rejected" } else { "" }),
                        segments: 1,
                        attempt: 1,
                        until_at: if state == "queued" { NOW + 8_000 } else { NOW - 60_000 },
                        created_at: NOW - 2_000,
                    }],
                    next: None,
                })
            }
            Ask::Notices(_) => {
                let kinds = [("assigned", 4, true), ("answered", 3, false), ("due", 2, false)];
                let waits = |(at, (kind, case, by)): (usize, &(&str, usize, bool))| Notice {
                    id: id(601 + at as u128),
                    kind: Code::new(kind),
                    row: self.rows[*case].clone(),
                    by: by.then(|| person(2_000, "Luis Karam")),
                    at: NOW - 300_000 * (at as i64 + 1),
                };
                let items: Vec<Notice> = kinds
                    .iter()
                    .enumerate()
                    .filter(|it| it.1.1 < self.rows.len())
                    .map(waits)
                    .filter(|it| !self.seen.contains(&it.id) && !self.looked.contains(&it.row.id))
                    .collect();
                let total = items.len() as u64;
                Answer::Notices(Page { items, next: None }, total)
            }
            Ask::Audit(_) => Answer::Audit(Page {
                items: vec![Audit {
                    seq: 4_211,
                    at: NOW - 60_000,
                    actor: Some(id(1_000)),
                    act: Code::new("case_read"),
                    target_kind: Code::new("case"),
                    target_id: SafeText::line(&id(1).to_string()),
                    detail: SafeText::own("{\"confidentiality\":\"confidential\"}"),
                }],
                next: None,
            }),
            Ask::Verify => Answer::Chain(Chain { sound: true, entries: 4_211, problem: None }),
            Ask::Users(_) => Answer::Users(Page {
                items: vec![User {
                    id: id(1_000),
                    name: SafeText::own("teresa"),
                    shown_name: SafeText::own("Teresa Morales"),
                    state: Code::new("active"),
                    office: Code::new("agua"),
                    roles: vec![(Code::new("caseworker"), SafeText::own("municipality:12066"))],
                    grants: vec![Code::new("restricted")],
                    second_factor: true,
                    signed_in_at: Some(NOW - 3_600_000),
                }],
                next: None,
            }),
            Ask::Health => {
                let part = |group: &str, code: &str, name: &str, count, more, bad| Part {
                    group: Code::new(group),
                    code: Code::new(code),
                    name: SafeText::line(name),
                    count,
                    more,
                    bad,
                };
                Answer::Health(vec![
                    part("alarm", "gateway_down", "telco", 1, None, true),
                    part("alarm", "disk_low", "disk_low", 1, None, true),
                    part("fact", "ok", "", 1, None, false),
                    part("gateway", "", "telco", 0, Some(NOW - 600_000), true),
                    part("gateway", "", "telegram", 100, None, false),
                    part("queue", "queued", "", 41, Some(660_000), true),
                    part("percent", "disk_free", "", 63, None, false),
                    part("budget", "", "sms", 1_200, Some(5_000), false),
                    part("backup", "", "", NOW - 1_800_000, None, false),
                ])
            }
            Ask::Figures(municipality, _) => {
                let peers =
                    [("Tlapa de Comonfort", "61.2"), ("Chilapa de Álvarez", "58.0"), ("Olinalá", "40.5")];
                let indicator = |topic: &str, label: &str| Indicator {
                    label: SafeText::line(label),
                    topic: SafeText::line(topic),
                    unit: SafeText::own("%"),
                    lower_is_better: false,
                    year: 2020,
                    value: Ok(SafeText::own("58.0")),
                    rank: Some((2, 3)),
                    median: Some(SafeText::own("58.0")),
                    verdict: Code::new("mid"),
                    peers: peers
                        .iter()
                        .map(|it| (Code::new("12066"), SafeText::own(it.0), SafeText::own(it.1)))
                        .collect(),
                    trend: vec![
                        (2010, Some(SafeText::own("41.0"))),
                        (2015, None),
                        (2020, Some(SafeText::own("58.0"))),
                    ],
                };
                Answer::Figures(Box::new(Figures {
                    municipality,
                    name: SafeText::own("Tlapa de Comonfort, Guerrero"),
                    indicators: vec![
                        indicator("AGUA", "Viviendas con agua entubada"),
                        indicator("LUZ", "Viviendas sin luz"),
                        indicator("BASURA", "Viviendas con recolección de basura"),
                    ],
                }))
            }
            Ask::Deed { deed, version, .. } => {
                if let Deed::Demand { .. } | Deed::Leader { .. } | Deed::OpenDemand(_) = &deed {
                    let version = self.demands.decide(&deed, version, self.mood)?;
                    return Ok(self.demands.told(&deed, version));
                }
                if let Deed::Highlight(act) = deed {
                    return self.highlights.decide(*act, version, self.mood);
                }
                if let Deed::Broadcast(act) = deed {
                    return self.highlights.decide_about_broadcasts(*act, version, self.mood);
                }
                if let Deed::Seen(ids) = deed {
                    self.seen.extend(ids);
                }
                Answer::Deed(version + 1)
            }
        })
    }

    fn case(&self, case: Uuid) -> Option<Case> {
        let row = self.rows.iter().find(|it| it.id == case)?.clone();
        Some(Case {
            sealed: row.sealed(),
            place: row.place.clone(),
            row,
            topic: self.topic.as_deref().map(SafeText::line),
            labels: vec![SafeText::own("fuga")],
            scheduled_for: None,
            referral: None,
            rating: None,
            anonymity: Code::new("hidden_from_public"),
            answers: Vec::new(),
            people: if self.alone {
                Vec::new()
            } else {
                vec![Citizen {
                    role: Code::new("opener"),
                    channel: SafeText::own("telco"),
                    shown: SafeText::own("+***-**-41"),
                    locale: Some(SafeText::own(self.locale)),
                    reachable: true,
                }]
            },
            first_answer_due: Some(NOW + 5_400_000),
            solution_due: Some(NOW + 86_400_000),
            writers: self.writers.clone(),
            next_states: ["in_review", "in_progress", "resolved", "closed_unfixed"]
                .iter()
                .map(|it| Code::new(it))
                .collect(),
        })
    }

    fn act(&mut self, case: Uuid, act: &Act, version: i64, key: Uuid, now: i64) -> Result<Answer, Failure> {
        let Some(row) = self.rows.iter_mut().find(|it| it.id == case) else {
            return Err(Failure::new("not_found"));
        };
        if self.mood == Mood::Taken || row.version != version {
            let current = Row {
                version: row.version + 1,
                state: Code::new("in_progress"),
                assignee: Some(person(2_000, "Luis Karam")),
                ..row.clone()
            };
            *row = current.clone();
            return Err(Failure { current: Some(Box::new(current)), ..Failure::new("version_conflict") });
        }
        self.acts.push((case, act.clone(), version, key));
        row.version += 1;
        row.updated_at = now;
        let (mut send, mut text) = (None, None);
        match act {
            Act::Assign { to, .. } => {
                row.assignee.clone_from(to);
                if to.is_some() && row.state == "received" {
                    row.state = Code::new("assigned");
                }
            }
            Act::State { to, .. } => row.state = to.clone(),
            Act::Part => row.state = Code::new("in_review"),
            Act::Priority(to) => row.priority = to.clone(),
            Act::TakeBack(_) => text = Some(SafeText::own("lo retirado")),
            _ => {}
        }
        if matches!(act, Act::Reply { .. } | Act::State { .. }) {
            self.sends += 1;
            let until = now + 10_000;
            send = Some(Held { id: id(90_000 + self.sends), until, recipients: 1, segments: 1 });
        }
        Ok(Answer::Acted(Box::new(Acted { row: Some(row.clone()), send, text })))
    }
}
