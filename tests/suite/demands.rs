//! Demands from outside: phones behind a real gateway write, sign and read; staff acts in between, the service
//! starts anew in the middle. `CABILDO_LONG=1` for the attack of ten thousand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use cabildo_bot::app::App;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::{Code, DemandState, Progress, Verdict, Votes};
use cabildo_bot::domain::time::{DAY, HOUR, UnixMillis};
use cabildo_bot::jobs;
use cabildo_bot::service::NewInbound;
use cabildo_bot::store::Location;
use cabildo_bot::store::demands::{Act, Acting, Demand, Promise};
use cabildo_tests::fault::{KEY, configuration};
use cabildo_tests::postgres;
use cabildo_tests::serving::{PATIENCE, facts};
use tokio::net::TcpListener;
use uuid::Uuid;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const ME: Uuid = Uuid::from_u128(7);

/// A town with phones.
pub(crate) struct Town<'a> {
    pub(crate) app: App,
    location: &'a Location,
    folder: &'a Path,
    pub(crate) clock: Clock,
    smsbox: MockServer,
    client: reqwest::Client,
    sent: AtomicU32,
}

async fn start(location: &Location, folder: &Path, clock: &Clock, sendsms: &str) -> App {
    let more = "[channels.telco.sending]\nper_minute = 60000\n";
    let toml = configuration(location, sendsms, 1, more);
    let mut config = Config::from_toml(&toml).expect("a configuration");
    config.data.dir = Some(folder.join("data"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    App::start(&config, facts(), clock.clone(), listener).await.expect("a start")
}

impl<'a> Town<'a> {
    pub(crate) async fn new(location: &'a Location, folder: &'a Path) -> Self {
        let smsbox = MockServer::start().await;
        let taken = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
        Mock::given(method("GET")).and(path("/sendsms")).respond_with(taken).mount(&smsbox).await;
        // Half past ten in the morning in Mexico.
        let clock = Clock::fixed(UnixMillis(1_790_008_200_000));
        let app = start(location, folder, &clock, &format!("{}/sendsms", smsbox.uri())).await;
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { app, location, folder, clock, smsbox, client, sent: AtomicU32::new(0) }
    }

    /// The service ends and starts anew.
    async fn restart(self) -> Self {
        let Self { app, location, folder, clock, smsbox, client, sent } = self;
        app.shutdown().await;
        let app = start(location, folder, &clock, &format!("{}/sendsms", smsbox.uri())).await;
        Self { app, location, folder, clock, smsbox, client, sent }
    }

    /// A text of a phone; what it reads.
    pub(crate) async fn sms(&self, from: &str, text: &str) -> String {
        self.clock.advance(1);
        let id = self.sent.fetch_add(1, Ordering::Relaxed).to_string();
        let url = format!("http://{}/webhooks/sms/telco", self.app.address());
        let query = [
            ("key", KEY),
            ("from", from),
            ("text", text),
            ("id", &id),
            ("charset", "UTF-8"),
            ("coding", "0"),
        ];
        let response = self.client.get(url).query(&query).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{text}");
        response.text().await.expect("a text")
    }

    /// Does what there is to do, and waits for what the service's own tasks have under way.
    pub(crate) async fn settle(&self) {
        let end = Instant::now() + PATIENCE;
        loop {
            jobs::process_all_jobs(self.app.service()).await.expect("jobs");
            let states = self.app.service().store.count_outbound().await.expect("counts");
            let busy = states.iter().any(|(state, _)| matches!(state.as_str(), "claimed" | "dispatched"));
            if !busy || Instant::now() > end {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What was pushed that holds these words: texts by number.
    pub(crate) async fn pushed(&self, words: &str) -> BTreeMap<String, Vec<String>> {
        self.settle().await;
        let value = |it: &Request, name: &str| {
            it.url.query_pairs().find(|(key, _)| key == name).map(|it| it.1.into_owned()).unwrap_or_default()
        };
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for it in self.smsbox.received_requests().await.unwrap_or_default() {
            let text = value(&it, "text");
            if text.contains(words) {
                found.entry(value(&it, "to")).or_default().push(text);
            }
        }
        found
    }

    pub(crate) async fn demand(&self, code: &str) -> Demand {
        let code: Code = code.parse().expect("a code");
        let found = self.app.service().store.find_demand_by_code(code).await.expect("a store");
        found.expect("a demand")
    }

    pub(crate) async fn act(&self, code: &str, act: Act) -> DemandState {
        let it = self.demand(code).await;
        let at = self.clock.now();
        let acting = Acting { demand_id: it.id, version: it.version, staff_id: ME, act, at };
        self.app.service().store.act_on_demand(acting).await.expect("done").state
    }

    /// Somebody writes a demand and two others confirm it; its code.
    pub(crate) async fn draft(&self, numbers: [u64; 3], place: &str, text: &str) -> String {
        let author = phone(numbers[0]);
        self.sms(&author, place).await;
        let asked = self.sms(&author, &format!("DEMANDA {text}")).await;
        assert!(asked.contains("1 Si 2 No"), "{asked}");
        let check = self.sms(&author, "1").await;
        assert!(check.contains(text) && check.contains("1 Si"), "{check}");
        let opened = self.sms(&author, "si").await;
        let code = opened.strip_prefix("Tu demanda es la ").and_then(|it| it.split('.').next());
        let code = code.unwrap_or_else(|| panic!("{opened}")).to_owned();
        assert!(opened.contains(&format!("CONFIRMO {code}")), "{opened}");
        // It is there for nobody else.
        let other = phone(numbers[1]);
        for word in ["FIRMO", "RETIRO", "COMPROMISO", "BAJA"] {
            let reply = self.sms(&other, &format!("{word} {code}")).await;
            assert!(reply.starts_with("No hay una demanda"), "{word}: {reply}");
        }
        for number in &numbers[1..] {
            let reply = self.sms(&phone(*number), &format!("CONFIRMO {code}")).await;
            assert!(reply.contains(text), "{reply}");
        }
        assert_eq!(self.demand(&code).await.state, DemandState::Moderation);
        self.act(&code, Act::Publish { office: None }).await;
        code
    }

    /// Nobody signs for an hour, and totals are told.
    pub(crate) async fn told(&self) {
        self.clock.advance(HOUR);
        self.settle().await;
    }

    /// The code that was pushed to a number last, in a message with these words.
    pub(crate) async fn code(&self, to: &str, words: &str) -> String {
        let pushed = self.pushed(words).await;
        let text =
            pushed.get(to).and_then(|it| it.last()).unwrap_or_else(|| panic!("no {words}: {pushed:?}"));
        let digits = text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6);
        digits.unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    /// Somebody signs, and says yes to the title where it is asked.
    pub(crate) async fn sign(&self, from: &str, code: &str) -> String {
        let mut reply = self.sms(from, &format!("FIRMO {code}")).await;
        if reply.is_empty() {
            // A busy machine took over two seconds: what would have been in the answer was pushed.
            reply = self.pushed("").await.get(from).and_then(|it| it.last()).cloned().unwrap_or_default();
        }
        if reply.contains("¿La firmas?") { self.sms(from, "1").await } else { reply }
    }
}

/// Numbers that stand in no row.
pub(crate) fn phone(number: u64) -> String {
    format!("+5275{:08}", 10_000_000 + number * 997)
}

/// A municipality in which so many are needed that the phones are enough, and its threshold.
pub(crate) fn place() -> (String, u64) {
    let facts = facts();
    let fits = |it: &u32| (30_000..31_000).contains(it);
    let found = facts.municipalities.iter().find(|it| it.population.as_ref().is_some_and(fits));
    let found = found.expect("a municipality");
    (found.key.clone(), facts.manifest.demands.of(found.population))
}

/// A text without its numbers.
fn wording(text: &str) -> String {
    text.chars().filter(|it| !it.is_ascii_digit()).collect()
}

async fn from_draft_to_promise(location: &Location, folder: &Path) {
    let (place, threshold) = place();
    let mut town = Town::new(location, folder).await;
    let one = town.draft([0, 1, 2], &place, "Agua potable para la colonia Centro").await;
    let two = town.draft([3, 4, 5], &place, "Agua de pozo para la colonia Centro").await;
    // The receipt says the running total, and the same words a second time.
    let first = town.sign(&phone(10), &one).await;
    assert!(first.contains("Van 4, faltan"), "{first}");
    let again = town.sign(&phone(10), &one).await;
    assert_eq!(wording(&again), wording(&first));
    let gone = town.sms(&phone(10), &format!("RETIRO {one}")).await;
    let none = town.sms(&phone(900), &format!("RETIRO {one}")).await;
    assert_eq!(wording(&gone), wording(&none), "nothing says whether a number signed");
    assert_eq!(town.demand(&one).await.support.total(), 3);

    // Five hundred phones: 10..350 sign the first, 250..510 the second, a hundred of them both.
    for number in 10..350 {
        town.sign(&phone(number), &one).await;
        if number == 180 {
            town = town.restart().await;
        }
    }
    for number in 250..510 {
        town.sign(&phone(number), &two).await;
    }
    for number in (10..50).chain(260..280) {
        town.sign(&phone(number), &one).await;
    }
    for number in (100..110).chain(300..310) {
        town.sms(&phone(number), &format!("RETIRO {one}")).await;
    }
    let total = |it: &Demand| it.support.total();
    assert_eq!(total(&town.demand(&one).await), 3 + 340 - 20);
    assert_eq!(total(&town.demand(&two).await), 3 + 260);
    assert_eq!(town.demand(&one).await.support.flagged, 0, "people are no machine");

    // Staff asks for a merge, the author of the second says yes.
    let parent_id = town.demand(&one).await.id;
    let merge = Act::Merge { parent_id, merge_id: Uuid::from_u128(99), reason: "piden lo mismo".to_owned() };
    town.act(&two, merge).await;
    let asked = town.pushed("Nadie pierde su firma").await;
    assert_eq!(asked.keys().collect::<Vec<_>>(), [&phone(3)]);
    // Who writes an SMS only claims to be her: the yes counts with the code that came to her number.
    let proof = town.sms(&phone(3), "SI").await;
    assert!(proof.contains("clave de 6"), "{proof}");
    let digits = town.code(&phone(3), "Tu clave para unir").await;
    let done = town.sms(&phone(3), &digits).await;
    assert!(done.contains(&format!("tu {two} sigue en la {one}")), "{done}");
    // 10..510 without the ten who took it back from the first and did not sign the second; those who did
    // sign the second count through it.
    assert_eq!(total(&town.demand(&one).await), 6 + 500 - 10);
    let told = town.pushed(&format!("sigue ahora en la {one}")).await;
    // Her author had her three messages of the day, and reads this one tomorrow.
    assert_eq!(told.len(), 262, "all who signed the second");
    let through = town.sms(&phone(520), &format!("FIRMO {two}")).await;
    assert!(through.contains(&one), "{through}");
    town.sms(&phone(520), "NO").await;
    let undo = Act::Unmerge { reason: "son dos pozos".to_owned() };
    town.clock.advance(DAY);
    let told = town.pushed(&format!("sigue ahora en la {one}")).await;
    assert!(told.len() == 263 && told.values().all(|it| it.len() == 1));
    town.act(&two, undo).await;
    assert_eq!(total(&town.demand(&one).await), 323);
    assert_eq!(total(&town.demand(&two).await), 263);
    let told = town.pushed(&format!("vuelve a ir aparte de la {one}")).await;
    assert!(told.len() == 263 && told.values().all(|it| it.len() == 1));

    // It has enough, and the authority gets it; each supporter reads it once.
    assert!(threshold <= 323, "{threshold}");
    town.clock.advance(DAY);
    town.sms(&phone(20), &format!("BAJA {one}")).await;
    town.sms(&phone(21), "STOP").await;
    let told = town.pushed("debe contestar antes del").await;
    let code = format!("La {one} junto");
    let mut numbers: BTreeSet<String> = BTreeSet::new();
    for (number, texts) in &told {
        assert_eq!(texts.iter().filter(|it| it.contains(&code)).count(), 1, "{number}: {texts:?}");
        numbers.insert(number.clone());
    }
    let state = town.demand(&one).await;
    assert_eq!(state.state, DemandState::WithAuthority);
    // It was handed over as soon as it had enough, to those who had signed by then.
    assert!(numbers.len() as u64 >= threshold, "{}", numbers.len());
    town = town.restart().await;
    town.settle().await;
    assert_eq!(town.pushed(&code).await.values().map(Vec::len).sum::<usize>(), told.len(), "once");

    // The answer, within two segments, to every supporter but those who want none.
    let reason = "Se perfora un pozo en la calle Hidalgo y se cambia la red de la colonia en dos etapas.";
    let answer = Act::Answer {
        verdict: Verdict::Partly,
        reason: reason.to_owned(),
        cost: Some(2_500_000_000),
        due_on: Some("2027-03-01".to_owned()),
    };
    town.clock.advance(DAY);
    town.act(&one, answer).await;
    let told = town.pushed("Respuesta a la").await;
    assert_eq!(told.len(), 323 - 2);
    assert!(
        told.values().all(|it| it.len() == 1 && it[0].contains("aceptada en parte") && it[0].len() <= 306)
    );
    assert!(!told.contains_key(&phone(20)) && !told.contains_key(&phone(21)));
    let late = town.sms(&phone(30), &format!("RETIRO {one}")).await;
    assert!(late.contains("ya tiene respuesta"), "{late}");
    let promise = Promise {
        title: "Pozo en la colonia Centro".to_owned(),
        owner: "Agua potable".to_owned(),
        due_on: Some("2027-03-01".to_owned()),
        state: Progress::InProgress,
        percent: 30,
        milestones: Vec::new(),
    };
    town.clock.advance(DAY);
    assert_eq!(town.act(&one, Act::Promise(promise)).await, DemandState::Followed);
    let read = town.sms(&phone(800), &format!("COMPROMISO {one}")).await;
    assert!(read.contains("Pozo en la colonia Centro") && read.contains("30%"), "{read}");
    let voted = town.sms(&phone(30), &format!("CUMPLE {one} a medias")).await;
    let stranger = town.sms(&phone(801), &format!("CUMPLE {one} no")).await;
    assert_eq!(voted, stranger, "nothing says who signed");
    let store = &town.app.service().store;
    let full = store.get_full_demand(state.id).await.expect("it");
    assert_eq!(full.commitment.map(|it| it.votes), Some(Votes { yes: 0, no: 0, half: 1 }));
    let wrong = store.check_demands().await.expect("a store");
    assert!(wrong.0.is_empty() && wrong.1.is_empty(), "{wrong:?}");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demand_lives_from_draft_to_promise_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    from_draft_to_promise(&location, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demand_lives_from_draft_to_promise_on_postgres() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::Postgres(database.url.clone());
    from_draft_to_promise(&location, folder.path()).await;
}

/// Numbers in a row sign while others write: honest totals stay, and the others are answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attack_in_a_row_is_shown_apart_while_others_are_answered() {
    let attackers: u64 = if std::env::var_os("CABILDO_LONG").is_some() { 10_000 } else { 200 };
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    let (place, _) = place();
    let town = Town::new(&location, folder.path()).await;
    let code = town.draft([0, 1, 2], &place, "Agua potable para la colonia Centro").await;
    for number in 10..30 {
        town.sign(&phone(number), &code).await;
    }
    let row = |number: u64| format!("+5276{:08}", 90_000_055 + number);
    let attack = async {
        for number in 0..attackers {
            town.sign(&row(number), &code).await;
        }
    };
    let others = async {
        let (mut times, mut late) = (Vec::new(), Vec::new());
        for number in 0..attackers / 4 {
            let began = Instant::now();
            let reply = town.sms(&phone(2_000 + number), "tlapa").await;
            times.push(began.elapsed());
            // Where the machine is slow the answer is pushed after the call.
            if reply.is_empty() {
                late.push(phone(2_000 + number));
            } else {
                assert!(reply.contains("Tlapa"), "{reply}");
            }
        }
        times.sort_unstable();
        (times, late)
    };
    let ((), (times, late)) = tokio::join!(attack, others);
    let pushed = town.pushed("Tlapa").await;
    for number in &late {
        assert!(pushed.contains_key(number), "one of the others has no answer");
    }
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(Duration::ZERO);
    println!(
        "{attackers} in a row; others answered: p50 {:?}, p95 {:?}, max {:?}; {} of {} after the call",
        at(50),
        at(95),
        times.last(),
        late.len(),
        times.len(),
    );
    let it = town.demand(&code).await;
    assert_eq!((it.support.total(), it.support.flagged), (23, attackers));
    // What people read is the honest total.
    town.told().await;
    let shown = town.sms(&phone(40), &format!("DEMANDA {code}")).await;
    assert!(shown.contains("Van 23"), "{shown}");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_find_demands_and_are_offered_what_others_carry() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    let town = Town::new(&location, folder.path()).await;
    let code = town.draft([0, 1, 2], "12066", "Agua potable para la colonia Centro").await;
    town.settle().await;
    let reader = phone(50);
    town.sms(&reader, "tlapa").await;
    town.sms(&reader, "agua").await;
    let offered = town.pushed(&format!("personas ya lo piden (agua). Sumate: FIRMO {code}")).await;
    assert_eq!(offered.keys().collect::<Vec<_>>(), [&reader]);
    // From the figure to the act in one word; what is signed is shown first.
    let asked = town.sms(&reader, "FIRMO").await;
    assert!(asked.contains("colonia Centro") && asked.contains("1 Si 2 No"), "{asked}");
    let signed = town.sms(&reader, "1").await;
    assert!(signed.contains("Van 4"), "{signed}");
    town.told().await;
    town.sms(&reader, "tlapa").await;
    let list = town.sms(&reader, "DEMANDAS").await;
    assert!(list.contains(&format!("{code} agua (4)")), "{list}");
    assert!(town.sms(&reader, "DEMANDAS salud").await.contains("no hay demandas"));
    assert!(
        town.sms(&reader, "MIS DEMANDAS").await.contains("No has escrito"),
        "what she signed is listed nowhere"
    );
    assert!(town.sms(&phone(0), "MIS DEMANDAS").await.contains(&code));
    // A poster's link opens the same question in a chat, with its buttons.
    let chat = |text: &str, payload: Option<String>| NewInbound {
        channel_id: "telegram".to_owned(),
        kind: ChannelKind::Telegram,
        external_id: Some(text.to_owned()),
        address: "714004001".to_owned(),
        text: text.to_owned(),
        location: None,
        payload,
        pressed: None,
        provider_at: None,
        received_at: town.clock.now(),
    };
    let service = town.app.service();
    let asked = service.answer(chat("/start", Some(format!("firmo_{code}")))).await.expect("an answer");
    let question = &asked.replies[0].rendered;
    assert!(
        question.text.contains("colonia Centro") && question.text.contains("¿La firmas?"),
        "{}",
        question.text
    );
    assert_eq!(question.choices.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let signed = service.answer(chat("1", None)).await.expect("an answer");
    assert!(signed.replies[0].rendered.text.contains("Van 5"), "{}", signed.replies[0].rendered.text);
    let gone = service.answer(chat(&format!("RETIRO {code}"), None)).await.expect("an answer");
    assert!(gone.replies[0].rendered.text.contains("Van 4"), "{}", gone.replies[0].rendered.text);
    // Exact words only, and everyday words mean no demand.
    for text in [format!("FIRMA {code}"), format!("RETIRA {code}")] {
        let reply = town.sms(&reader, &text).await;
        assert!(!reply.contains("tu firma está") && !reply.contains("no hay firma"), "{text}: {reply}");
    }
    assert_eq!(town.demand(&code).await.support.total(), 4);
    // News by topic, each with a yes of its own.
    let asked = town.sms(&reader, "AVISOS agua").await;
    assert!(asked.contains("BAJA AGUA") && asked.contains("1 Si"), "{asked}");
    assert!(town.sms(&reader, "1").await.contains("te aviso"));
    assert!(town.sms(&reader, "AVISOS").await.contains("agua"));
    let left = town.sms(&reader, "BAJA agua").await;
    assert!(left.contains("no te aviso de agua"), "{left}");
    assert!(town.sms(&reader, "LIDER").await.contains("grupo o comunidad"));
    assert!(town.sms(&reader, "Rosa del comite del agua").await.contains("te llama"));
    assert!(town.sms(&reader, "LIDER").await.contains("Ya tenemos"));
    // Who guesses at drafts sees none, and soon nothing.
    for number in 0..6 {
        let reply = town.sms(&reader, &format!("CONFIRMO {}", 100 + number)).await;
        let found = if number < 5 { "No hay una demanda" } else { "muchas claves" };
        assert!(reply.contains(found) || reply.contains(&code), "{number}: {reply}");
    }
    town.app.shutdown().await;
}

/// What others carry is offered after a bad figure and after a report: of that topic, in that municipality, and with
/// the same words to who signed it already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_carry_is_offered_after_a_bad_figure_and_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    let town = Town::new(&location, folder.path()).await;
    let food = town.draft([0, 1, 2], "12066", "Comida caliente en las escuelas").await;
    let water = town.draft([3, 4, 5], "12066", "Agua potable para la colonia Centro").await;
    town.settle().await;
    assert_eq!(
        (town.demand(&food).await.topic.as_str(), town.demand(&water).await.topic.as_str()),
        ("comida", "agua")
    );
    let offer = |code: &str| format!("Sumate: FIRMO {code}");
    // A bad figure, with code and total; the code signs.
    let (reader, signer, stranger) = (phone(50), phone(51), phone(52));
    for it in [&reader, &signer, &stranger] {
        town.sms(it, "tlapa").await;
    }
    assert!(town.pushed(&offer(&food)).await.is_empty(), "the headline is about no topic");
    assert!(town.sms(&signer, &format!("FIRMO {food}")).await.contains("Van 4"));
    town.told().await;
    for it in [&reader, &signer] {
        assert!(town.sms(it, "comida").await.contains("38.3%"));
    }
    let offered = town.pushed(&offer(&food)).await;
    let line = format!("4 personas ya lo piden (comida). Sumate: FIRMO {food}");
    assert_eq!(offered[&reader], [line]);
    assert_eq!(offered[&signer], offered[&reader], "who signed it reads what everybody reads");
    assert_eq!(offered.len(), 2, "{offered:?}");
    assert!(town.pushed(&offer(&water)).await.is_empty(), "another topic");
    let signed = town.sms(&reader, &format!("FIRMO {food}")).await;
    assert!(signed.contains("Van 5"), "{signed}");
    // Another topic, and the same in another municipality.
    town.sms(&stranger, "salud").await;
    town.sms(&stranger, "compara ometepec comida").await;
    let elsewhere = phone(53);
    town.sms(&elsewhere, "ometepec").await;
    town.sms(&elsewhere, "comida").await;
    for code in [&food, &water] {
        let offered = town.pushed(&offer(code)).await;
        assert!(!offered.contains_key(&stranger) && !offered.contains_key(&elsewhere), "{offered:?}");
    }
    // A complaint: the demand of its topic where it is.
    let reports = async |from: &str, text: &str| {
        let mut told = town.sms(from, text).await;
        for _ in 0..4 {
            if told.contains("Folio") {
                return;
            }
            told = town.sms(from, if told.contains("¿Donde es?") { "col. Centro" } else { "1" }).await;
        }
        panic!("{told}");
    };
    town.sms(&stranger, "tlapa").await;
    reports(&stranger, "QUEJA no hay agua en la col. Centro desde el lunes").await;
    reports(&elsewhere, "QUEJA no hay agua en la col. Centro desde el lunes").await;
    let offered = town.pushed(&offer(&water)).await;
    assert_eq!(offered.keys().collect::<Vec<_>>(), [&stranger], "{offered:?}");
    assert_eq!(offered[&stranger], [format!("3 personas ya lo piden (agua). Sumate: FIRMO {water}")]);
    let signed = town.sms(&stranger, &format!("FIRMO {water}")).await;
    assert!(signed.contains("Van 4"), "{signed}");
    // Of a road nobody asks for anything.
    let driver = phone(54);
    town.sms(&driver, "tlapa").await;
    reports(&driver, "QUEJA bache enorme en la calle Rosales").await;
    for code in [&food, &water] {
        assert!(!town.pushed(&offer(code)).await.contains_key(&driver), "{code}");
    }
    town.app.shutdown().await;
}
