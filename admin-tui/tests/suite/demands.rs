//! Demands as the service of the tests has them, and what becomes of them.

use cabildo_admin_tui::api::demands::{Act, Answer, Ask, Picture};
use cabildo_admin_tui::api::{Deed, Failure};
use cabildo_admin_tui::data::PreviewChannel;
use cabildo_admin_tui::demand_data::{
    Acta, AnswerPreview, Answered, Author, AuthorMessage, Change, Cluster, Commitment, Demand, DemandDone,
    DemandPage, DemandRow, Leader, Likeness, Merge, OfficeRecord, Similar, Support,
};
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::screens::table::Page;
use uuid::Uuid;

use super::service::{Mood, NOW, id, person, row as case_row};

const DAY: i64 = 86_400_000;

/// A demand in a state.
pub fn demand(number: u128, code: &str, state: &str, text: &str, total: u64) -> DemandRow {
    let silent_at = (state == "silent").then_some(NOW - DAY);
    let state = if state == "silent" { "with_authority" } else { state };
    DemandRow {
        id: id(number),
        code: SafeText::line(code),
        state: Code::new(state),
        mark: SafeText::line(match state {
            "moderation" => "M",
            "collecting" => "J",
            "reached" => "L",
            "with_authority" => "A",
            _ => "R",
        }),
        version: 3,
        municipality: Code::new("12066"),
        municipality_name: SafeText::own("Tlapa de Comonfort"),
        topic: Code::new("agua"),
        office: Code::new("agua"),
        office_name: Some(SafeText::own("Agua Potable")),
        text: SafeText::line(text),
        by_leader: true,
        support: Support {
            total,
            phone: total.saturating_sub(7),
            verified: total.min(7),
            paper: 30,
            flagged: if state == "collecting" { 12 } else { 0 },
            new_senders: 5,
        },
        threshold: 214,
        missing: 214_u64.saturating_sub(total),
        merged_into: None,
        created_at: NOW - 20 * DAY,
        collect_until: Some(NOW + 41 * DAY),
        answer_due: Some(NOW + 2 * DAY),
        silent_at,
        reason: None,
    }
}

/// The service's part about demands.
pub struct Demands {
    pub rows: Vec<DemandRow>,
    pub leaders: Vec<Leader>,
    pub messages: Vec<AuthorMessage>,
    /// What hostile people wrote, where it is to be seen.
    pub hostile: Option<String>,
    /// Whether the author of a demand is asked before it is merged.
    pub asks: bool,
    /// Photos of lists that wait.
    pub pictures: Vec<(Uuid, i64)>,
    /// The steps of the promise, and its version.
    pub steps: (Vec<(SafeText, Option<SafeText>, Code)>, i64),
}

impl Demands {
    pub fn new() -> Self {
        let rows = vec![
            demand(3_101, "316", "moderation", "Que arreglen la bomba de agua de San José", 3),
            demand(3_102, "321", "moderation", "Queremos alumbrado en la calle Hidalgo", 3),
            demand(3_103, "317", "collecting", "Agua diario en la colonia San José", 177),
            demand(3_104, "318", "collecting", "Agua todos los días en San José", 41),
            demand(3_105, "305", "reached", "Un doctor de fijo en la clínica", 214),
            demand(3_106, "301", "with_authority", "Que pase la basura dos veces por semana", 230),
            demand(3_107, "299", "silent", "Puente peatonal en la primaria", 260),
            demand(3_108, "290", "answered", "Semáforo en el crucero", 300),
        ];
        let leader = |number: u128, words: &str| Leader {
            id: id(number),
            contact: id(number + 50),
            municipality_name: SafeText::own("Tlapa de Comonfort"),
            state: Code::new("asked"),
            words: SafeText::line(words),
            reason: None,
            version: 1,
            asked_at: NOW - number as i64 * 60_000,
        };
        Self {
            rows,
            leaders: vec![
                leader(3_201, "Rosa Cano, comité del agua de San José"),
                leader(3_202, "Juan, vecino"),
            ],
            messages: vec![AuthorMessage {
                id: id(3_301),
                demand: id(3_103),
                municipality: Code::new("12066"),
                text: SafeText::own("Nos vemos el sábado a las 10 en la cancha. Gracias por firmar."),
                state: Code::new("waiting"),
                version: 1,
                written_at: NOW - 7_200_000,
            }],
            hostile: None,
            asks: false,
            pictures: Vec::new(),
            steps: (vec![(SafeText::own("Comprar el equipo"), None, Code::new("finished"))], 2),
        }
    }

    fn listed(&self, queue: &str) -> Vec<DemandRow> {
        let fits = |it: &&DemandRow| match queue {
            "silent" => it.silent_at.is_some(),
            "flagged" => it.support.flagged > 0,
            state => it.state == state,
        };
        let rows = self.rows.iter().filter(fits).cloned();
        rows.map(|it| self.spoiled(it)).collect()
    }

    fn spoiled(&self, it: DemandRow) -> DemandRow {
        let Some(text) = &self.hostile else { return it };
        let line = SafeText::line(text);
        DemandRow {
            code: line.clone(),
            mark: line.clone(),
            municipality_name: line.clone(),
            office_name: Some(line.clone()),
            text: line.clone(),
            reason: Some(line),
            ..it
        }
    }

    pub fn answer(&mut self, ask: Ask) -> Result<Answer, Failure> {
        Ok(match ask {
            Ask::List { queue, .. } => {
                let items = self.listed(queue.as_str());
                Answer::List(DemandPage { total: items.len() as u64, items, next: None })
            }
            Ask::Counts => {
                let queues = [
                    "moderation",
                    "collecting",
                    "reached",
                    "with_authority",
                    "answered",
                    "followed",
                    "silent",
                    "flagged",
                ];
                let counts = queues.iter().map(|it| (Code::new(it), self.listed(it).len() as u64));
                Answer::Counts(counts.collect())
            }
            Ask::One(one) => Answer::One(Box::new(self.whole(one)?)),
            Ask::OfCase(_) => Answer::OfCase(Vec::new()),
            Ask::Messages(_) => {
                let mut items = self.messages.clone();
                items.retain(|it| it.state == "waiting");
                if let Some(text) = &self.hostile {
                    for it in &mut *items {
                        it.text = SafeText::new(text);
                    }
                }
                Answer::Messages(Page { items, next: None })
            }
            Ask::Leaders(state, _) => {
                let mut items = self.leaders.clone();
                items.retain(|it| it.state == state);
                if let Some(text) = &self.hostile {
                    for it in &mut *items {
                        it.words = SafeText::line(text);
                    }
                }
                Answer::Leaders(Page { items, next: None })
            }
            Ask::Commitments(_) => Answer::Commitments(Page { items: vec![self.promise()], next: None }),
            Ask::Picture(..) => Answer::Picture(Picture(vec![0xff, 0xd8])),
            Ask::Offices(_) => Answer::Offices(vec![OfficeRecord {
                name: SafeText::own("Agua Potable"),
                answered: 4,
                in_time: 3,
                silent: 1,
            }]),
            Ask::Preview(_, draft) => {
                let text = SafeText::new(&format!("Demanda 301: {}. {}", draft.verdict, draft.reason));
                let channel = |kind: &str, encoding: &str, price: i64| PreviewChannel {
                    kind: Code::new(kind),
                    text: text.clone(),
                    encoding: Code::new(encoding),
                    units: text.as_str().chars().count() as u64,
                    left: 100,
                    segments: 1,
                    offending: None,
                    price,
                };
                Answer::Preview(AnswerPreview {
                    channels: vec![channel("sms", "gsm7", 350), channel("telegram", "utf8", 0)],
                    people: 230,
                    price: 80_500,
                })
            }
            Ask::Reveal(..) => Answer::Number(SafeText::own("+52 757 100 0041"), 1),
            Ask::Verify(..) => Answer::Verified(true),
            Ask::Similar(case) => {
                if case != id(2) {
                    return Ok(Answer::Similar(Vec::new()));
                }
                let likeness =
                    Likeness { score: 82, text: 90, category: 100, place: 100, time: 70, metres: Some(40) };
                let text = self.hostile.as_deref().unwrap_or("Tampoco hay luz en mi casa");
                let row = case_row(3, "9WD4TA", "Centro", text);
                let other = case_row(7, "5LB2QN", "Centro", "Se fue la luz otra vez");
                let less = Likeness { score: 44, metres: None, ..likeness };
                Answer::Similar(vec![
                    Similar { row, likeness, likely: true },
                    Similar { row: other, likeness: less, likely: false },
                ])
            }
            Ask::Clusters(municipality) => {
                let text = self.hostile.as_deref().unwrap_or("No hay agua en San José desde hace una semana");
                let cases = (1..5).map(|it| case_row(it, &format!("CASE0{it}"), "San José", text)).collect();
                Answer::Clusters(vec![Cluster {
                    municipality,
                    category: Code::new("water"),
                    topic: Code::new("agua"),
                    joined: 9,
                    likeness: Likeness {
                        score: 71,
                        text: 80,
                        category: 100,
                        place: 90,
                        time: 40,
                        metres: None,
                    },
                    cases,
                }])
            }
            Ask::Act { demand, act, version, .. } => {
                let version = self.act(demand, &act, version)?;
                Answer::Done(DemandDone { id: demand, version, state: Code::default() })
            }
            Ask::Open(..) | Ask::Decide { .. } => return Err(Failure::new("not_found")),
        })
    }

    /// Does what was decided; gives the version that it led to.
    pub fn decide(&mut self, deed: &Deed, version: i64, mood: Mood) -> Result<i64, Failure> {
        match deed {
            Deed::Demand { id: one, act } => {
                if mood == Mood::Taken
                    && let Some(row) = self.rows.iter_mut().find(|it| it.id == *one)
                {
                    row.version += 1;
                    row.state = Code::new("withdrawn");
                    let theirs = Box::new(row.clone());
                    return Err(Failure { demand: Some(theirs), ..Failure::new("version_conflict") });
                }
                self.act(*one, act, version)
            }
            Deed::Leader { id: one, refused } => {
                let leader = self.leaders.iter_mut().find(|it| it.id == *one);
                let leader = leader.ok_or_else(|| Failure::new("not_found"))?;
                leader.state = Code::new(if refused.is_some() { "refused" } else { "verified" });
                leader.reason.clone_from(refused);
                leader.version += 1;
                Ok(leader.version)
            }
            Deed::OpenDemand(new) => {
                self.rows.push(demand(3_190, "330", "collecting", &new.text, 0));
                Ok(1)
            }
            _ => Err(Failure::new("not_found")),
        }
    }

    /// What the service says of it: of a merge, whether it is done.
    pub fn told(&self, deed: &Deed, version: i64) -> cabildo_admin_tui::api::Answer {
        match deed {
            Deed::Demand { id: one, act } if matches!(**act, Act::Merge(..)) => {
                let state = if self.asks { "collecting" } else { "merged" };
                let done = DemandDone { id: *one, version, state: Code::new(state) };
                cabildo_admin_tui::api::Answer::Demands(Box::new(Answer::Done(done)))
            }
            _ => cabildo_admin_tui::api::Answer::Deed(version),
        }
    }

    fn act(&mut self, one: Uuid, act: &Act, version: i64) -> Result<i64, Failure> {
        let row = self.rows.iter_mut().find(|it| it.id == one).ok_or_else(|| Failure::new("not_found"))?;
        if row.version != version {
            return Err(Failure { demand: Some(Box::new(row.clone())), ..Failure::new("version_conflict") });
        }
        row.version += 1;
        let to = match act {
            Act::Publish(_) => Some("collecting"),
            Act::Reject(_) => Some("rejected"),
            Act::HandOver(_) => Some("with_authority"),
            Act::Answer(_) => Some("answered"),
            Act::Promise(_) => Some("followed"),
            Act::UpdatePromise(seen, promise) => {
                if *seen != self.steps.1 {
                    let rule = SafeText::own("commitment_is_newer");
                    return Err(Failure { detail: rule, ..Failure::new("state_conflict") });
                }
                let step = |it: &cabildo_staff_api::commitment::PromiseStep| {
                    (
                        SafeText::line(&it.title),
                        it.due_on.as_deref().map(SafeText::line),
                        Code::new(&it.state),
                    )
                };
                self.steps = (promise.milestones.iter().map(step).collect(), seen + 1);
                None
            }
            Act::Merge(..) if self.asks => None,
            Act::Merge(into, _) => {
                row.merged_into = Some(*into);
                Some("merged")
            }
            Act::Unmerge(_) => {
                row.merged_into = None;
                Some("collecting")
            }
            Act::ClearFlags(..) => {
                row.support.flagged = 0;
                None
            }
            Act::AddActa { heads, .. } => {
                row.support.paper += u64::from(*heads);
                None
            }
            _ => None,
        };
        if let Some(to) = to {
            row.state = Code::new(to);
        }
        Ok(row.version)
    }

    fn promise(&self) -> Commitment {
        let text = |plain: &'static str| self.hostile.as_deref().map_or(SafeText::own(plain), SafeText::line);
        let spoiled =
            |plain: &SafeText| self.hostile.as_deref().map_or_else(|| plain.clone(), SafeText::line);
        Commitment {
            id: id(3_401),
            demand: id(3_108),
            municipality_name: SafeText::own("Tlapa de Comonfort"),
            title: text("Poner el semáforo del crucero"),
            owner: text("Obras Públicas"),
            due_on: Some(SafeText::own("2027-03-01")),
            state: Code::new("in_progress"),
            percent: 40,
            steps: self.steps.0.iter().map(|it| (spoiled(&it.0), it.1.clone(), it.2.clone())).collect(),
            votes: (12, 3, 4),
            version: self.steps.1,
        }
    }

    fn whole(&self, one: Uuid) -> Result<Demand, Failure> {
        let row = self.rows.iter().find(|it| it.id == one).ok_or_else(|| Failure::new("not_found"))?.clone();
        let text = |plain: &'static str| self.hostile.as_deref().map_or(SafeText::own(plain), SafeText::line);
        let answered = row.state == "answered";
        let days = [3, 9, 21, 40, 12, 0, 5, 30, 57].iter().enumerate();
        let change = |kind: &str, days: i64, by: &str, to: &str| Change {
            kind: Code::new(kind),
            at: NOW - days * DAY,
            by: Code::new(by),
            author: (by == "staff").then(|| person(2_000, "Luis Karam")),
            was: None,
            became: Some(SafeText::line(to)),
            detail: (by == "staff").then(|| text("Bien escrita")),
        };
        Ok(Demand {
            author: Some(Author {
                contact: id(3_501),
                shown: SafeText::own("+***-**-41"),
                reachable: true,
                verified: true,
                leadership: Code::new("verified"),
            }),
            flags: if row.support.flagged > 0 { (12, 12, 4) } else { (0, 0, 0) },
            answer: answered.then(|| Answered {
                verdict: Code::new("partly"),
                reason: text("Hay dinero para un semáforo, no para dos."),
                cost: Some(1_200_000_000),
                due_on: Some(SafeText::own("2027-03-01")),
                by: Some(person(2_000, "Luis Karam")),
                at: NOW - DAY,
            }),
            commitment: answered.then(|| self.promise()),
            days: days.map(|(at, it)| (SafeText::line(&format!("2026-11-{:02}", 18 - at)), *it, 1)).collect(),
            regions: vec![(text("Tlapa de Comonfort"), 150), (text("Alcozauca"), 15)],
            others: true,
            cases: vec![case_row(1, "4F7K2X", "San José", text("Tubo roto frente a la primaria").as_str())],
            linked: 1,
            changes: vec![
                change("demand_confirmed", 19, "citizen", "moderation"),
                change("demand_published", 18, "staff", "collecting"),
            ],
            actas: vec![Acta {
                id: id(3_601),
                folio: text("A-17"),
                heads: 30,
                held_on: SafeText::own("2026-11-10"),
                place: Some(text("Cancha de San José")),
                picture: true,
                called: 5,
                confirmed: 4,
                voided: false,
            }],
            pictures: self.pictures.clone(),
            messages: self.messages.iter().filter(|it| it.demand == one).cloned().collect(),
            merges: vec![Merge {
                child: id(3_199),
                parent: row.id,
                state: Code::new("undone"),
                reason: text("Eran dos pozos"),
                asked_at: NOW - 5 * DAY,
            }],
            endorsements: vec![text("Comité del Agua")],
            notices: vec![(Code::new("published"), 3)],
            row: self.spoiled(row),
        })
    }
}
