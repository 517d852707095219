//! Broadcasts through the staff API and the real sending: from a draft to phones and chats, and what ends it.

use cabildo_bot::domain::channel::ChannelKind;
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::broadcasts::{CHAT, WORDS, asks, crowd};
use cabildo_tests::demands::{OTHER, TLAPA, code, phone, refusal};
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, get, person, write};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const MINUTE: i64 = 60_000;

/// Two channels that take everything, without quiet hours; `more` comes behind it.
struct Town {
    serving: Serving,
    api: BotApi,
    smsbox: MockServer,
}

impl Town {
    async fn open(more: &str) -> Self {
        let (api, smsbox) = (BotApi::start().await, MockServer::start().await);
        let taken = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
        Mock::given(path("/sendsms")).respond_with(taken).mount(&smsbox).await;
        let toml = format!(
            "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\n[channels.telco]\ntype = \"kannel\"\n\
             key = \"0123456789abcdef0123456789abcdef\"\nsendsms_url = \"{}/sendsms\"\nusername = \"u\"\n\
             password = \"p\"\n[channels.telco.sending]\nprice = 250\n[channels.tg]\ntype = \"telegram\"\n\
             token = \"{TOKEN}\"\napi_url = \"{}\"\n{more}",
            smsbox.uri(),
            api.url()
        );
        Self { serving: Serving::start(&toml).await, api, smsbox }
    }

    async fn phones(&self, count: u64) {
        let (store, now) = (&self.serving.app.service().store, self.serving.clock.now());
        for number in 0..count {
            asks(store, ("telco", ChannelKind::Sms), &phone(number), TLAPA, now).await;
        }
    }

    async fn chats(&self, count: i64) {
        crowd(&self.serving.app.service().store, count, self.serving.clock.now()).await;
    }

    async fn editor(&self) -> Person {
        person(&self.serving, &[("editor", "country")]).await
    }

    async fn approver(&self) -> Person {
        person(&self.serving, &[("approver", "country")]).await
    }

    async fn post(&self, who: &Person, path: &str, body: Value) -> (u16, Value) {
        write(&self.serving, Method::POST, &format!("/staff/v1/broadcasts{path}"), who, &body).await
    }

    async fn read(&self, who: &Person, id: &str) -> Value {
        let (status, it) = get(&self.serving, &format!("/staff/v1/broadcasts/{id}"), who).await;
        assert_eq!(status, 200, "{it}");
        it
    }

    /// Begins one and submits it; its id and hash.
    async fn submitted(&self, who: &Person, draft: Value) -> (String, String) {
        let (status, it) = self.post(who, "", draft).await;
        assert_eq!(status, 201, "{it}");
        let id = it["id"].as_str().expect("an id").to_owned();
        let (status, it) = self.post(who, &format!("/{id}/submit"), json!({ "version": 1 })).await;
        assert_eq!((status, &it["state"]), (200, &json!("submitted")), "{it}");
        (id, it["hash"].as_str().expect("a hash").to_owned())
    }

    /// The same, approved, and a minute later.
    async fn begun(&self, who: &Person, draft: Value) -> String {
        let (id, hash) = self.submitted(who, draft).await;
        let approver = self.approver().await;
        let (status, it) = self.post(&approver, &format!("/{id}/approve"), json!({ "hash": hash })).await;
        assert_eq!((status, &it["state"]), (200, &json!("preparing")), "{it}");
        self.state(who, &id, "approved").await;
        self.serving.clock.advance(MINUTE);
        id
    }

    /// Waits until it is in this state.
    async fn state(&self, who: &Person, id: &str, state: &str) -> Value {
        self.until(who, id, |it| it["row"]["state"] == state).await
    }

    async fn until(&self, who: &Person, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let it = self.read(who, id).await;
            if fits(&it) {
                return it;
            }
            assert!(tokio::time::Instant::now() < end, "{it}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Chats that were sent these words, with how often.
    fn shown(&self, words: &str) -> Vec<i64> {
        self.api.shown().iter().filter(|it| it.text.contains(words)).map(|it| it.chat).collect()
    }

    /// Numbers that were sent these words.
    async fn pushed(&self, words: &str) -> Vec<String> {
        let requests = self.smsbox.received_requests().await.unwrap_or_default();
        let value = |it: &wiremock::Request, name: &str| {
            it.url.query_pairs().find(|(key, _)| key == name).map(|it| it.1.into_owned()).unwrap_or_default()
        };
        let with = |it: &&wiremock::Request| value(it, "text").contains(words);
        requests.iter().filter(with).map(|it| value(it, "to")).collect()
    }

    async fn close(self) {
        self.serving.app.shutdown().await;
    }
}

fn draft(channels: &[&str]) -> Value {
    json!({
        "title": "Junta",
        "texts": [{ "language": "es-MX", "text": WORDS }],
        "audience": { "places": [format!("municipality:{TLAPA}")], "topic": "agua" },
        "channels": channels,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_from_a_draft_to_phones_and_chats_by_four_eyes() {
    let town = Town::open("").await;
    town.phones(3).await;
    town.chats(10).await;
    let (editor, approver) = (town.editor().await, town.approver().await);
    let (id, hash) = town.submitted(&editor, draft(&["telco", "tg"])).await;
    let it = town.read(&approver, &id).await;
    assert_eq!(
        it["row"]["people"],
        json!({ "count": 15, "exact": false, "few": false }),
        "13 are told as 15"
    );
    assert_eq!((&it["row"]["approvals_needed"], &it["type_people"]), (&json!(1), &json!(false)));
    let sms = it["previews"].as_array().expect("previews").iter().find(|it| it["channel"] == "telco");
    let sms = sms.expect("one for the channel");
    let text = sms["text"].as_str().expect("a text");
    assert!(text.starts_with(WORDS) && text.ends_with("ALTO para no recibir mas."), "{text}");
    let units = text.chars().count() as u64;
    assert_eq!((sms["units"].as_u64(), sms["bytes"].as_u64()), (Some(units), Some((units * 7).div_ceil(8))));
    assert_eq!((&sms["segments"], &sms["price"]), (&json!(1), &json!(250)));
    // Nobody lets go what she wrote, nor something else than she saw.
    let both = person(&town.serving, &[("editor", "country"), ("approver", "country")]).await;
    let mut other = draft(&["telco", "tg"]);
    other["title"] = json!("Junta del agua");
    let body = json!({ "version": it["row"]["version"], "draft": other });
    let (status, edited) = town.post(&both, &format!("/{id}/edit"), body).await;
    assert_eq!((status, &edited["state"]), (200, &json!("draft")), "{edited}");
    let body = json!({ "version": edited["version"] });
    let (status, it) = town.post(&editor, &format!("/{id}/submit"), body).await;
    assert_eq!(status, 200, "{it}");
    let approve = |hash: &Value| json!({ "hash": hash });
    let path = format!("/{id}/approve");
    let own = town.post(&both, &path, approve(&it["hash"])).await;
    assert_eq!((code(&own), &own.1["detail"]), ((403, "not_allowed"), &json!("broadcast_is_own")));
    let stale = town.post(&approver, &path, approve(&json!(hash))).await;
    assert_eq!(code(&stale), (409, "version_conflict"));
    assert_eq!(stale.1["current"]["hash"], it["hash"]);
    let approved = town.post(&approver, &path, approve(&it["hash"])).await;
    assert_eq!((approved.0, &approved.1["state"]), (200, &json!("preparing")));
    let late = json!({ "version": approved.1["version"], "draft": draft(&["tg"]) });
    assert_eq!(town.post(&editor, &format!("/{id}/edit"), late).await.0, 409, "an edit after the approval");
    let waits = town.state(&editor, &id, "approved").await;
    assert_eq!(waits["begins_at"], json!(town.serving.clock.now().0 + MINUTE));
    assert!(town.shown(WORDS).is_empty() && town.pushed(WORDS).await.is_empty(), "it waits a minute");
    town.serving.clock.advance(MINUTE);
    let it = town.state(&editor, &id, "done").await;
    assert_eq!(it["row"]["people"], json!({ "count": 13, "exact": true, "few": false }));
    assert_eq!(it["progress"]["sent"], json!(13), "{it}");
    let (mut chats, mut phones) = (town.shown(WORDS), town.pushed(WORDS).await);
    chats.sort_unstable();
    phones.sort_unstable();
    assert_eq!(chats, (CHAT..CHAT + 10).collect::<Vec<_>>());
    assert_eq!(phones, (0..3).map(phone).collect::<Vec<_>>());
    // Every step is in the trail and in the feed.
    let auditor = person(&town.serving, &[("auditor", "country")]).await;
    let trail = format!("/staff/v1/audit?target_kind=broadcast&target_id={id}&limit=50");
    let (_, trail) = get(&town.serving, &trail, &auditor).await;
    let acts: Vec<&str> =
        trail["items"].as_array().expect("entries").iter().filter_map(|it| it["act"].as_str()).collect();
    for act in ["broadcast_opened", "broadcast_submitted", "broadcast_edited", "broadcast_approved"] {
        assert!(acts.contains(&act), "{act} in {acts:?}");
    }
    let events = town.serving.app.service().store.list_events(0, 1_000).await.expect("events");
    let of: Vec<&str> = events
        .iter()
        .filter(|it| it.broadcast_id.is_some_and(|it| it.to_string() == id))
        .map(|it| it.kind.as_str())
        .collect();
    for kind in
        ["broadcast_opened", "broadcast_approved", "broadcast_prepared", "broadcast_began", "broadcast_done"]
    {
        assert!(of.contains(&kind), "{kind} in {of:?}");
    }
    // A correction is ready at once, for the same people.
    let version = town.read(&editor, &id).await["row"]["version"].clone();
    let (status, it) = town.post(&editor, &format!("/{id}/correct"), json!({ "version": version })).await;
    assert_eq!(status, 201, "{it}");
    let it = town.read(&editor, it["id"].as_str().expect("an id")).await;
    assert_eq!(it["row"]["correction_of"], json!(id));
    assert_eq!(it["draft"]["texts"][0]["text"], json!(format!("Corrección: {WORDS}")));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_a_running_one_and_who_stops_meanwhile_gets_none() {
    // Four a second, and one by one: there is time to stop, on a busy machine too.
    let town = Town::open("[channels.tg.sending]\nper_minute = 240\nburst = 1\n").await;
    town.chats(200).await;
    let editor = town.editor().await;
    let id = town.begun(&editor, draft(&["tg"])).await;
    town.until(&editor, &id, |it| it["progress"]["queued"].as_u64() > Some(0)).await;
    // The last ones write the stop word, and somebody asks: she is answered at once.
    let quick = CHAT + 9_000;
    for chat in CHAT + 190..CHAT + 200 {
        town.api.write(chat, "ALTO");
    }
    for chat in CHAT + 190..CHAT + 200 {
        town.api.wait_sent(chat, 1).await;
    }
    let stopped: Vec<i64> =
        (CHAT + 190..CHAT + 200).filter(|chat| !town.shown(WORDS).contains(chat)).collect();
    let before = town.shown(WORDS).len();
    town.api.write(quick, "tlapa");
    town.api.wait_sent(quick, 1).await;
    let behind = town.shown(WORDS).len() - before;
    assert!(behind < 50, "{behind} went before the answer");
    let halt = json!({ "reason": "Cambió la fecha" });
    let (status, it) = town.post(&editor, &format!("/{id}/stop"), halt).await;
    assert_eq!((status, &it["state"]), (200, &json!("stopped")), "{it}");
    // What a gateway was called for before the stop may still be shown; nothing else is.
    let it = town.until(&editor, &id, |it| it["progress"]["queued"] == 0).await;
    let shown = town.shown(WORDS);
    let progress = |name: &str| it["progress"][name].as_u64().expect("a count");
    assert_eq!(progress("people"), 200);
    let all = ["waiting", "queued", "sent", "failed", "passed_over", "cancelled"].map(progress);
    assert_eq!(all.iter().sum::<u64>(), 200, "{it}");
    assert_eq!(progress("sent"), shown.len() as u64, "{it}");
    assert!(progress("cancelled") > 50, "{it}");
    let mut once = shown.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), shown.len(), "nobody twice");
    assert!(stopped.iter().all(|chat| !shown.contains(chat)), "after her stop word");
    // A queue that is woken has nothing of it any more.
    town.api.write(quick, "ometepec");
    town.api.wait_sent(quick, 2).await;
    assert_eq!(town.shown(WORDS).len(), shown.len());
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_ten_thousand_are_let_go_by_who_types_their_number_and_a_stop_holds_at_full_pace() {
    // Telegram's limits and the pace for them, a hundred times as fast.
    let town = Town::open("[channels.tg.sending]\nper_minute = 150000\nburst = 50\n").await;
    town.api.limit_at(100);
    town.chats(10_040).await;
    let (editor, first, second) = (town.editor().await, town.approver().await, town.approver().await);
    let (id, hash) = town.submitted(&editor, draft(&["tg"])).await;
    let it = town.read(&first, &id).await;
    assert_eq!((&it["type_people"], &it["row"]["approvals_needed"]), (&json!(true), &json!(2)), "{it}");
    assert_eq!(it["row"]["people"], json!({ "count": 10_040, "exact": false, "few": false }));
    let path = format!("/{id}/approve");
    for wrong in [json!({ "hash": hash }), json!({ "hash": hash, "people": 10_000 })] {
        let (status, problem) = town.post(&first, &path, wrong).await;
        assert_eq!((status, &problem["field"]), (422, &json!("people")), "{problem}");
    }
    let approve = json!({ "hash": hash, "people": 10_040 });
    let (status, it) = town.post(&first, &path, approve.clone()).await;
    assert_eq!((status, &it["state"]), (200, &json!("submitted")), "one is not enough");
    let (status, it) = town.post(&first, &path, approve.clone()).await;
    assert_eq!((status, &it["state"]), (200, &json!("submitted")), "nor is one who says so twice");
    let (status, it) = town.post(&second, &path, approve).await;
    assert_eq!((status, &it["state"]), (200, &json!("preparing")), "{it}");
    town.state(&editor, &id, "approved").await;
    town.serving.clock.advance(MINUTE);
    town.until(&editor, &id, |it| it["progress"]["sent"].as_u64() > Some(300)).await;
    let halt = json!({ "reason": "Cambió la fecha" });
    let (status, it) = town.post(&editor, &format!("/{id}/stop"), halt).await;
    let stopped = std::time::Instant::now();
    assert_eq!((status, &it["state"]), (200, &json!("stopped")), "{it}");
    let it = town.until(&editor, &id, |it| it["progress"]["queued"] == 0).await;
    let shown = town.api.shown();
    let times: Vec<_> = shown.iter().filter(|it| it.text.contains(WORDS)).map(|it| it.at).collect();
    let after = times.iter().filter(|it| **it > stopped).count();
    let last = times.iter().max().expect("some went").saturating_duration_since(stopped);
    eprintln!(
        "stop at full pace: {after} of {} went after it, the last {} ms later",
        times.len(),
        last.as_millis()
    );
    assert!(last.as_secs() < 2, "{after} after it, the last {last:?}");
    assert_eq!(it["progress"]["sent"].as_u64(), Some(times.len() as u64), "{it}");
    assert!(it["progress"]["cancelled"].as_u64() > Some(5_000), "{it}");
    assert_eq!(town.api.refused_by_limits(), 0);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_goes_to_the_configured_addresses_and_to_nobody_else() {
    let more = format!(
        "[broadcasts]\ntest_addresses = [\"telco:{}\", \"telco:{}\", \"telco:{}\", \"tg:{CHAT}\"]\n",
        phone(0),
        phone(1),
        phone(77)
    );
    let town = Town::open(&more).await;
    town.phones(12).await;
    town.chats(1).await;
    let editor = town.editor().await;
    let query = format!("from={}&text=ALTO&id=1", phone(1).replace('+', "%2B"));
    let key = "key=0123456789abcdef0123456789abcdef";
    town.serving.get(&format!("/webhooks/sms/telco?{key}&{query}")).await;
    let (id, _) = town.submitted(&editor, draft(&["telco"])).await;
    let version = town.read(&editor, &id).await["row"]["version"].clone();
    let body = json!({ "version": version, "language": "es-MX" });
    let (status, it) = town.post(&editor, &format!("/{id}/test"), body).await;
    // One stopped, one never wrote, one is on a channel that it does not take.
    assert_eq!((status, it), (200, json!({ "queued": 1, "passed_over": 3 })));
    let end = tokio::time::Instant::now() + PATIENCE;
    while town.pushed("PRUEBA").await.is_empty() {
        assert!(tokio::time::Instant::now() < end, "no test");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(town.pushed(WORDS).await, [phone(0)]);
    assert_eq!(town.pushed("PRUEBA").await, [phone(0)]);
    let extra = json!({ "version": version, "language": "es-MX", "address": phone(5) });
    assert_eq!(town.post(&editor, &format!("/{id}/test"), extra).await.0, 422, "no address can be named");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_and_silence_are_kept() {
    let more =
        "[[broadcasts.veda]]\nplaces = [\"state:20\"]\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n";
    let town = Town::open(more).await;
    town.phones(12).await;
    let (store, now) = (&town.serving.app.service().store, town.serving.clock.now());
    for number in 20..32 {
        asks(store, ("telco", ChannelKind::Sms), &phone(number), OTHER, now).await;
    }
    let country = town.editor().await;
    let local = person(&town.serving, &[("editor", "state:20"), ("approver", "state:20")]).await;
    // Who looks after one state writes to nobody in another, and does not read what goes there.
    assert_eq!(code(&town.post(&local, "", draft(&["telco"])).await), (403, "not_allowed"));
    let mut peers = draft(&["telco"]);
    peers["audience"] = json!({ "peers_of": OTHER });
    assert_eq!(code(&town.post(&local, "", peers).await), (403, "not_allowed"), "peers are elsewhere");
    let (id, hash) = town.submitted(&country, draft(&["telco"])).await;
    assert_eq!(get(&town.serving, &format!("/staff/v1/broadcasts/{id}"), &local).await.0, 404);
    for act in ["approve", "stop", "hold"] {
        let body = if act == "approve" { json!({ "hash": hash }) } else { json!({ "reason": "x" }) };
        assert_eq!(town.post(&local, &format!("/{id}/{act}"), body).await.0, 404, "{act}");
    }
    let (_, list) = get(&town.serving, "/staff/v1/broadcasts", &local).await;
    assert_eq!(list["items"], json!([]));
    // Where it is silent nothing is submitted, and what crosses it says so.
    let mut there = draft(&["telco"]);
    there["audience"]["places"] = json!([format!("municipality:{OTHER}")]);
    let (status, it) = town.post(&local, "", there).await;
    assert_eq!(status, 201, "{it}");
    let id = it["id"].as_str().expect("an id");
    let silent = town.post(&local, &format!("/{id}/submit"), json!({ "version": 1 })).await;
    assert_eq!((code(&silent), refusal(&silent)), ((409, "state_conflict"), "broadcast_veda"));
    let it = town.read(&local, id).await;
    assert!(it["warnings"].as_array().expect("warnings").contains(&json!("veda")), "{it}");
    // What can't be meant is refused by name.
    for (field, value) in [
        ("texts", json!([{ "language": "en", "text": "only English" }])),
        ("texts", json!([{ "language": "es-MX", "text": "agua ".repeat(95) }])),
        ("channels", json!(["nowhere"])),
        ("tags", json!(["weather"])),
        ("audience", json!({})),
        ("audience", json!({ "places": ["state:99"] })),
        ("audience", json!({ "places": ["country"], "topic": "nothing" })),
        ("audience", json!({ "places": ["country"], "demand": "0190b3a4-0000-7000-8000-000000000000" })),
    ] {
        let mut wrong = draft(&["telco"]);
        wrong[field] = value;
        let (status, problem) = town.post(&country, "", wrong).await;
        assert_eq!((status, problem["field"].as_str()), (422, Some(field)), "{problem}");
    }
    town.close().await;
}
