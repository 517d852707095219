//! Cards, broadcasts and charts as the service of the tests has them, and what becomes of them.

use cabildo_admin_tui::api::broadcasts::{self, BroadcastAct};
use cabildo_admin_tui::api::highlights::{self, CardAct};
use cabildo_admin_tui::api::{Answer, Failure};
use cabildo_admin_tui::broadcast_data::{
    Audience, Broadcast, BroadcastRow, Draft, People, Preview, Progress,
};
use cabildo_admin_tui::chart_data::{Series, SeriesPoint};
use cabildo_admin_tui::highlight_data::{
    Adoption, Candidate, CardAudience, CardText, Highlight, HighlightRow, Moved,
};
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::screens::table::Page;
use uuid::Uuid;

use super::service::{Mood, NOW, id, me, person};

const DAY: i64 = 86_400_000;
/// Who is signed in, where the tests ask.
fn own() -> cabildo_admin_tui::data::Person {
    me().person
}

fn previews(text: &SafeText) -> Vec<Preview> {
    let units = text.as_str().chars().count() as u64;
    let of = |language: &'static str, channel: &'static str, kind: &str, encoding: &str| Preview {
        language: SafeText::own(language),
        channel: SafeText::own(channel),
        kind: Code::new(kind),
        encoding: Code::new(encoding),
        units,
        bytes: if encoding == "gsm7" { (units * 7).div_ceil(8) } else { text.as_str().len() as u64 },
        segments: if kind == "sms" { units.div_ceil(153).max(1) } else { 1 },
        offending: None,
        price: if kind == "sms" { 350 } else { 0 },
        text: text.clone(),
    };
    vec![of("es-MX", "kannel", "sms", "gsm7"), of("es-MX", "telegram", "telegram", "utf8")]
}

fn moved() -> Moved {
    Moved {
        label: SafeText::own("Viviendas con piso de tierra"),
        unit: SafeText::own("%"),
        before: (2010, SafeText::own("41.2")),
        after: (2020, SafeText::own("12.9")),
        source: SafeText::own("CONEVAL 2020"),
    }
}

fn card(number: u128, code: u32, state: &str, title: &'static str) -> Highlight {
    let text = CardText {
        theme: Code::new("housing"),
        title: SafeText::own(title),
        done: SafeText::own("Firmes de cemento con mano de obra de los barrios, casa por casa"),
        cost: SafeText::own("$4,100 por casa"),
        contact: SafeText::own("Dirección de Obras Públicas"),
        learned: SafeText::own("Sin arena cerca el costo se duplica"),
        evidence: vec![SafeText::own("https://example.org/pisos")],
        sdg: Some(11),
    };
    let shown = SafeText::line(&format!("{code} {title}: {} ALTO para no recibir", text.done.as_str()));
    Highlight {
        row: HighlightRow {
            id: id(number),
            code: SafeText::number(code),
            state: Code::new(state),
            version: 2,
            municipality: Code::new("12041"),
            municipality_name: SafeText::own("Malinaltepec"),
            theme: Code::new("housing"),
            topic: Code::new("casa"),
            title: SafeText::own(title),
            updated_at: NOW - DAY,
        },
        figure: Some(moved()),
        text,
        editable: state == "draft",
        withdrawable: state != "withdrawn",
        approvable: state == "in_review",
        hash: SafeText::own("3fa9c1d20b77aa10"),
        author: (Some(person(2_000, "Luis Karam")), NOW - 2 * DAY),
        editors: Vec::new(),
        approvals: Vec::new(),
        findings: Vec::new(),
        cleared: None,
        reason: None,
        previews: previews(&shown),
        feedback: [Some(40), Some(15), None],
        adoptions: Vec::new(),
    }
}

fn broadcast(number: u128, state: &str, title: &'static str, people: u64) -> Broadcast {
    let text = SafeText::own("El lunes no hay agua de 9 a 14 h en el Centro. ALTO para no recibir");
    let exact = matches!(state, "sending" | "held" | "done" | "stopped");
    Broadcast {
        row: BroadcastRow {
            id: id(number),
            title: SafeText::own(title),
            state: Code::new(state),
            version: 4,
            author: person(2_000, "Luis Karam"),
            correction: false,
            send_at: None,
            approvals: (u64::from(exact), 1),
            people: People { count: people, exact, few: people < 11 },
            updated_at: NOW - 3_600_000,
        },
        draft: Draft {
            title: SafeText::own(title),
            texts: vec![(SafeText::own("es-MX"), text.clone())],
            audience: Audience {
                places: vec![SafeText::own("municipality:12066")],
                topic: Some(SafeText::own("agua")),
                ..Audience::default()
            },
            channels: vec![SafeText::own("kannel"), SafeText::own("telegram")],
            ..Draft::default()
        },
        hash: SafeText::own("b07a44e19c3d5512"),
        editors: Vec::new(),
        approvals: if exact { vec![(person(2_001, "Eva Solís"), NOW - 7_200_000)] } else { Vec::new() },
        type_people: people > 10_000,
        municipalities: vec![SafeText::own("12066")],
        previews: previews(&text),
        price: people as i64 * 350,
        quiet: (21, 8),
        warnings: if people < 11 { vec![Code::new("few")] } else { Vec::new() },
        reason: None,
        begins_at: None,
        progress: exact.then(|| Progress {
            people,
            waiting: people / 2,
            queued: people / 10,
            sent: people - people / 2 - people / 10 - 3,
            failed: 0,
            passed_over: 3,
            cancelled: 0,
        }),
    }
}

/// The service's part about cards, broadcasts and charts.
pub struct Highlights {
    pub cards: Vec<Highlight>,
    pub broadcasts: Vec<Broadcast>,
    /// What hostile people wrote, where it is to be seen.
    pub hostile: Option<String>,
    /// With what the next act is refused.
    pub refusal: Option<Failure>,
    /// Municipality, group and days of the charts that were asked for last.
    pub charted: Option<(String, String, u32)>,
}

impl Highlights {
    pub fn new() -> Self {
        let mut found = card(4_102, 13, "in_review", "Brigadas de salud por teléfono");
        found.findings = vec![(Code::new("contact"), Code::new("phone"), SafeText::own("757 100 0041"))];
        found.approvable = false;
        let mut published = card(4_104, 9, "published", "Agua por tandeo publicado");
        published.adoptions = vec![Adoption {
            name: SafeText::own("Tlapa de Comonfort"),
            from: SafeText::own("Malinaltepec"),
            since: SafeText::own("2026-05-01"),
        }];
        Self {
            cards: vec![
                card(4_101, 12, "in_review", "Pisos firmes barrio por barrio"),
                found,
                card(4_103, 14, "draft", "Compras a la vista de todos"),
                published,
            ],
            broadcasts: vec![
                broadcast(4_201, "submitted", "Corte de agua del lunes", 240),
                broadcast(4_202, "submitted", "Vacunas en noviembre", 24_500),
                broadcast(4_203, "draft", "Reunión del comité", 5),
                broadcast(4_204, "sending", "Campaña de limpieza", 1_200),
                broadcast(4_205, "done", "Horario de oficinas", 300),
            ],
            hostile: None,
            refusal: None,
            charted: None,
        }
    }

    fn line(&self, own: &SafeText) -> SafeText {
        self.hostile.as_deref().map_or_else(|| own.clone(), SafeText::line)
    }

    fn card_row(&self, it: &HighlightRow) -> HighlightRow {
        HighlightRow {
            title: self.line(&it.title),
            municipality_name: self.line(&it.municipality_name),
            code: self.line(&it.code),
            ..it.clone()
        }
    }

    fn broadcast_row(&self, it: &BroadcastRow) -> BroadcastRow {
        BroadcastRow { title: self.line(&it.title), ..it.clone() }
    }

    fn shown(&self, previews: &[Preview]) -> Vec<Preview> {
        let one = |it: &Preview| Preview {
            text: self.line(&it.text),
            channel: self.line(&it.channel),
            ..it.clone()
        };
        previews.iter().map(one).collect()
    }

    pub fn answer(&mut self, ask: highlights::Ask) -> Result<highlights::Answer, Failure> {
        use highlights::{Answer, Ask};
        let missing = || Failure::new("not_found");
        Ok(match ask {
            Ask::List(state, _) => {
                let rows = self.cards.iter().filter(|it| it.row.state == state);
                Answer::List(Page { items: rows.map(|it| self.card_row(&it.row)).collect(), next: None })
            }
            Ask::One(one) => {
                let it = self.cards.iter().find(|it| it.row.id == one).ok_or_else(missing)?;
                let text = CardText {
                    done: self.line(&it.text.done),
                    contact: self.line(&it.text.contact),
                    ..it.text.clone()
                };
                Answer::One(Box::new(Highlight {
                    row: self.card_row(&it.row),
                    previews: self.shown(&it.previews),
                    text,
                    ..it.clone()
                }))
            }
            Ask::Candidates => {
                let candidate = |key: &str, name: &'static str| Candidate {
                    municipality: Code::new(key),
                    municipality_name: self.line(&SafeText::own(name)),
                    topic: Code::new("casa"),
                    figure: moved(),
                    group_change: SafeText::own("-9.4"),
                    rank: (2, 14),
                };
                Answer::Candidates(vec![candidate("12041", "Malinaltepec"), candidate("12043", "Metlatónoc")])
            }
            Ask::Audience(_) => Answer::Audience(CardAudience {
                places: vec![self.line(&SafeText::own("Tlapa de Comonfort, Guerrero"))],
                subscribers: SafeText::own("40"),
            }),
            Ask::Check(_, _, text) => {
                let digits = text.contact.as_str().chars().filter(char::is_ascii_digit).count();
                let phone = (Code::new("contact"), Code::new("phone"), self.line(&text.contact));
                Answer::Found(if digits < 10 { Vec::new() } else { vec![phone] })
            }
            Ask::Act { .. } => return Err(Failure::new("not_understood")),
        })
    }

    pub fn answer_about_broadcasts(&mut self, ask: broadcasts::Ask) -> Result<broadcasts::Answer, Failure> {
        use broadcasts::{Answer, Ask};
        let missing = || Failure::new("not_found");
        Ok(match ask {
            Ask::List(state, _) => {
                let rows = self.broadcasts.iter().filter(|it| it.row.state == state);
                Answer::List(Page { items: rows.map(|it| self.broadcast_row(&it.row)).collect(), next: None })
            }
            Ask::One(one) => {
                let it = self.broadcasts.iter().find(|it| it.row.id == one).ok_or_else(missing)?;
                Answer::One(Box::new(Broadcast {
                    row: self.broadcast_row(&it.row),
                    previews: self.shown(&it.previews),
                    ..it.clone()
                }))
            }
            Ask::Act { .. } => return Err(Failure::new("not_understood")),
        })
    }

    /// The figures of charts.
    pub fn chart(&mut self, municipality: &Code, group: &Code, days: u32) -> Answer {
        self.charted = Some((municipality.as_str().to_owned(), group.as_str().to_owned(), days));
        Answer::Series(Box::new(self.series(group.as_str(), days)))
    }

    fn series(&self, group: &str, days: u32) -> Series {
        let point = |key: &str, people: Option<u64>, kept: Option<u64>, disputed: Option<u64>| SeriesPoint {
            key: Code::new(key),
            people,
            kept,
            disputed,
        };
        let points = match group {
            "topic" => vec![
                point("water", Some(120), Some(88), Some(15)),
                point("streetlights", Some(45), Some(61), None),
                point("rubbish", Some(15), None, None),
            ],
            "office" => {
                vec![point("agua", Some(120), Some(88), Some(15)), point("calles", Some(60), Some(70), None)]
            }
            _ => (0..days.min(30))
                .map(|it| {
                    let people = u64::from(it % 5) * 15;
                    let key = format!("2026-11-{:02}", it + 1);
                    point(&key, Some(people).filter(|it| *it > 0), None, None)
                })
                .collect(),
        };
        Series {
            municipality: Code::new("12066"),
            name: self.line(&SafeText::own("Tlapa de Comonfort")),
            people: Some(180),
            points,
            others: true,
        }
    }

    fn refuses(&mut self, mood: Mood) -> Result<(), Failure> {
        if mood == Mood::Taken {
            return Err(Failure::new("version_conflict"));
        }
        self.refusal.take().map_or(Ok(()), Err)
    }

    /// Something that is decided about cards, as the service would.
    pub fn decide(&mut self, act: highlights::Act, version: i64, mood: Mood) -> Result<Answer, Failure> {
        self.refuses(mood)?;
        let begins = act.begins();
        let done = match act {
            highlights::Act::Propose(municipality, topic, text) => {
                let mut new = card(4_199, 15, "draft", "");
                new.row.title = text.title.clone();
                (new.row.municipality, new.row.topic) = (municipality, topic);
                new.author = (Some(own()), NOW);
                new.text = *text;
                self.cards.push(new);
                highlights::Answer::Done(id(4_199), 1)
            }
            highlights::Act::Card(one, act) => self.on_card(one, act, version)?,
        };
        Ok(match done {
            highlights::Answer::Done(_, version) if !begins => Answer::Deed(version),
            it => Answer::Highlights(Box::new(it)),
        })
    }

    /// The same about broadcasts.
    pub fn decide_about_broadcasts(
        &mut self,
        act: broadcasts::Act,
        version: i64,
        mood: Mood,
    ) -> Result<Answer, Failure> {
        self.refuses(mood)?;
        let begins = act.begins();
        let done = match act {
            broadcasts::Act::Compose(draft) => {
                let mut new = broadcast(4_299, "draft", "", 0);
                new.row.title = draft.title.clone();
                new.row.author = own();
                new.draft = *draft;
                self.broadcasts.push(new);
                broadcasts::Answer::Done(id(4_299), 1)
            }
            broadcasts::Act::Broadcast(one, act) => self.on_broadcast(one, act, version)?,
        };
        Ok(match done {
            broadcasts::Answer::Done(_, version) if !begins => Answer::Deed(version),
            it => Answer::Broadcasts(Box::new(it)),
        })
    }

    fn on_card(&mut self, one: Uuid, act: CardAct, version: i64) -> Result<highlights::Answer, Failure> {
        let it =
            self.cards.iter_mut().find(|it| it.row.id == one).ok_or_else(|| Failure::new("not_found"))?;
        if it.row.version != version {
            return Err(Failure::new("version_conflict"));
        }
        it.row.version += 1;
        match act {
            CardAct::Edit(text) => {
                it.row.title = text.title.clone();
                it.text = *text;
                it.row.state = Code::new("draft");
            }
            CardAct::Submit => it.row.state = Code::new("in_review"),
            CardAct::Clear(_) => it.cleared = Some((Some(own()), NOW)),
            CardAct::Approve(_) => {
                it.row.state = Code::new("published");
                it.approvals = vec![(Some(own()), NOW)];
            }
            CardAct::Reject(why) => {
                it.row.state = Code::new("draft");
                it.reason = Some(why);
            }
            CardAct::Withdraw(why) => {
                it.row.state = Code::new("withdrawn");
                it.reason = Some(why);
            }
            CardAct::Adopt(..) => {}
            CardAct::Broadcast(channels, _) => {
                let mut new = broadcast(4_298, "draft", "Agua por tandeo publicado", 40);
                new.draft.highlight = Some(one);
                new.draft.channels = channels;
                self.broadcasts.push(new);
                return Ok(highlights::Answer::Drafted(id(4_298), 1));
            }
        }
        Ok(highlights::Answer::Done(one, it.row.version))
    }

    fn on_broadcast(
        &mut self,
        one: Uuid,
        act: BroadcastAct,
        version: i64,
    ) -> Result<broadcasts::Answer, Failure> {
        let it = self
            .broadcasts
            .iter_mut()
            .find(|it| it.row.id == one)
            .ok_or_else(|| Failure::new("not_found"))?;
        let names = !matches!(
            act,
            BroadcastAct::Hold(_)
                | BroadcastAct::Stop(_)
                | BroadcastAct::Approve(..)
                | BroadcastAct::Release(..)
        );
        if names && it.row.version != version {
            return Err(Failure::new("version_conflict"));
        }
        let to = match act {
            BroadcastAct::Edit(draft) => {
                it.row.title = draft.title.clone();
                it.draft = *draft;
                Some("draft")
            }
            BroadcastAct::Submit => Some("submitted"),
            BroadcastAct::Approve(hash, _) if hash != it.hash => {
                return Err(Failure::new("version_conflict"));
            }
            BroadcastAct::Approve(_, people) if it.type_people && people != Some(it.row.people.count) => {
                return Err(Failure { detail: SafeText::own("people"), ..Failure::new("invalid") });
            }
            BroadcastAct::Approve(..) => Some("approved"),
            BroadcastAct::Hold(why) => {
                it.reason = Some(why);
                Some("held")
            }
            BroadcastAct::Release(..) => Some("sending"),
            BroadcastAct::Stop(why) => {
                it.reason = Some(why);
                Some("stopped")
            }
            BroadcastAct::Withdraw => Some("withdrawn"),
            BroadcastAct::Test(_) => return Ok(broadcasts::Answer::Tested(2, 1)),
            BroadcastAct::Correct => {
                let mut new = broadcast(4_297, "draft", "Corrección: Horario de oficinas", 300);
                new.row.correction = true;
                self.broadcasts.push(new);
                return Ok(broadcasts::Answer::Done(id(4_297), 1));
            }
        };
        it.row.version += 1;
        if let Some(to) = to {
            it.row.state = Code::new(to);
        }
        Ok(broadcasts::Answer::Done(one, it.row.version))
    }
}
