//! What a technician sees: health, readiness, metrics, alarms; and what nobody ever sees there.

use cabildo_bot::store::Location;
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::stores::{TestStore, inbound};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use uuid::Uuid;

const TELCO: &str = "[channels.telco]\ntype = \"kannel\"\nkey = \"k0123456789abcdef\"\n";

fn path(number: &str, text: &str, id: &str) -> String {
    format!("/webhooks/sms/telco?key=k0123456789abcdef&from=%2B52{number}&text={text}&id={id}")
}

#[tokio::test]
async fn the_public_listener_has_webhooks_and_one_word_of_health() {
    let serving = Serving::start(TELCO).await;
    let (status, _, body) = serving.get("/health").await;
    assert_eq!((status, body.as_str()), (200, r#"{"ok":true}"#));
    for path in ["/metrics", "/ready", "/"] {
        assert_eq!(serving.get(path).await.0, 404, "{path}");
    }
    // The technician's has no webhooks.
    assert_eq!(serving.inner(&path("5512345678", "tlapa", "1")).await.0, 404);
    let (status, body) = serving.inner("/ready").await;
    let ready: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &ready["ready"]), (200, &Value::Bool(true)), "{body}");
    serving.app.service().store.close().await;
    let (status, _, body) = serving.get("/health").await;
    assert_eq!((status, body.as_str()), (503, r#"{"ok":false}"#));
    let (status, body) = serving.inner("/ready").await;
    let ready: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &ready["checks"]["database_writable"]), (503, &Value::Bool(false)), "{body}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn messages_repeats_and_refused_calls_are_counted_and_nobody_is_named() {
    let serving = Serving::start(TELCO).await;
    for (number, text, id) in
        [("5512345678", "tlapa", "1"), ("5512345678", "tlapa", "1"), ("5598765432", "canario", "2")]
    {
        assert_eq!(serving.get(&path(number, text, id)).await.0, 200);
    }
    for call in 0..20 {
        let forged = format!("/webhooks/sms/telco?key=wrong&from=%2B525512345678&text=x&id=f{call}");
        assert_eq!(serving.get(&forged).await.0, 403);
    }
    serving.app.watch().look().await;
    let (_, metrics) = serving.inner("/metrics").await;
    for line in [
        "cabildo_accepted_total{channel=\"telco\"} 2",
        "cabildo_repeats_total{channel=\"telco\"} 1",
        "cabildo_refused_total{channel=\"telco\"} 20",
        "cabildo_webhook_seconds_count{channel=\"telco\"} 3",
        "cabildo_outbox{state=\"unknown\"} 0",
        "cabildo_alarm{alarm=\"message_parked\"} 0",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}\n{metrics}");
    }
    let (_, health) = serving.inner("/health").await;
    for canary in ["5512345678", "5598765432", "canario", "k0123456789abcdef"] {
        assert!(!metrics.contains(canary) && !health.contains(canary), "{canary}");
        let arguments = std::fs::read("/proc/self/cmdline").unwrap_or_default();
        assert!(!String::from_utf8_lossy(&arguments).contains(canary), "{canary}");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_log_that_a_reader_holds_is_an_alarm_and_shrinks_when_the_reader_ends() {
    let serving = Serving::start(TELCO).await;
    let database = serving.folder().join("cabildo.db");
    let url = format!("sqlite://{}", database.display());
    let mut reader = SqliteConnection::connect(&url).await.expect("a connection");
    let mut held = reader.begin().await.expect("a transaction");
    sqlx::query("SELECT COUNT(*) FROM inbox").fetch_one(&mut *held).await.expect("a read");
    let mut writer = SqliteConnection::connect(&url).await.expect("a connection");
    sqlx::query("CREATE TABLE filler (bytes BLOB)").execute(&mut writer).await.expect("made");
    let write = async |writer: &mut SqliteConnection, megabytes: u32| {
        for _ in 0..megabytes {
            let filler = sqlx::query("INSERT INTO filler VALUES (randomblob(1048576))");
            filler.execute(&mut *writer).await.expect("written");
        }
        serving.app.watch().look().await;
    };
    let codes =
        || -> Vec<&'static str> { serving.app.watch().seen().alarms.iter().map(|it| it.code).collect() };
    let ready = async || serde_json::from_str::<Value>(&serving.inner("/ready").await.1).expect("JSON");
    write(&mut writer, 20).await;
    assert!(!codes().contains(&"wal_large"), "{:?}", codes());
    write(&mut writer, 20).await;
    assert!(codes().contains(&"wal_large"), "{:?}", codes());
    assert_eq!(ready().await["checks"]["wal"], true);
    // Beyond the limit the service says that it is not ready, and goes on.
    write(&mut writer, 30).await;
    assert_eq!(ready().await["checks"]["wal"], false);
    assert_eq!(serving.get(&path("5512345678", "tlapa", "1")).await.0, 200);
    held.rollback().await.expect("ended");
    reader.close().await.expect("closed");
    // The first looks may meet a writer that copies the log at that moment.
    let cut = async {
        loop {
            serving.app.watch().look().await;
            if !codes().contains(&"wal_large") {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("the log is cut");
    assert!(serving.app.watch().seen().wal_bytes <= 32 * 1024 * 1024);
    assert_eq!(ready().await["checks"]["wal"], true);
    serving.app.shutdown().await;
}

/// Every form in which a number may lie in a file: as digits of the plan, with the country's code,
/// backwards, in hexadecimal, in base64 at each alignment.
fn forms(number: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let mut forms = Vec::new();
    for digits in [number.to_owned(), format!("52{number}"), format!("+52{number}")] {
        forms.push(digits.chars().rev().collect::<String>().into_bytes());
        forms.push(hex::encode(&digits).into_bytes());
        for pad in 0..3 {
            let padded = [vec![b'0'; pad], digits.clone().into_bytes()].concat();
            let text = base64::prelude::BASE64_STANDARD_NO_PAD.encode(padded);
            // Without the ends, which depend on what stands beside it.
            forms.push(text.as_bytes()[if pad == 0 { 0 } else { 4 }..text.len() - 2].to_vec());
        }
        forms.push(digits.into_bytes());
    }
    let value: u64 = number.parse().expect("a number");
    forms.push(value.to_be_bytes()[3..].to_vec());
    forms.push(value.to_le_bytes()[..5].to_vec());
    forms
}

#[tokio::test]
async fn a_stolen_database_gives_no_number() {
    let test = TestStore::sqlite().await;
    let numbers: Vec<String> = (0..200).map(|it| format!("55{:08}", 12_345_678 + it * 400_003)).collect();
    for (index, number) in numbers.iter().enumerate() {
        let id = Uuid::from_u128(index as u128 + 1);
        let new = inbound(&format!("+52{number}"), &index.to_string(), "tlapa canario");
        test.store.accept_inbound(new, id, id).await.expect("kept");
    }
    let Location::File(path) = &test.location else { panic!("a file") };
    let mut bytes = std::fs::read(path).expect("the database");
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    bytes.extend(std::fs::read(log).expect("the log"));
    // The search of the standard library is optimised in every build; a character a byte.
    let text = |bytes: &[u8]| bytes.iter().map(|it| char::from(*it)).collect::<String>();
    let all = text(&bytes);
    let holds = |needle: &[u8]| all.contains(&text(needle));
    assert!(holds(b"kannel"), "this looks at the wrong bytes");
    assert!(!holds(b"canario"));
    for number in numbers.iter().step_by(20) {
        for form in forms(number) {
            assert!(!holds(&form), "{number}");
        }
    }
    // Whoever tries the whole plan without the pepper finds nobody: neither under another key, nor
    // under a hash that needs none.
    let keys: Vec<String> = test.texts("SELECT hex(address_key) FROM contacts").await;
    let stored: std::collections::HashSet<String> = keys.into_iter().collect();
    assert_eq!(stored.len(), numbers.len());
    let other = cabildo_bot::store::AddressKeys::make().expect("keys");
    let hex = |it: &[u8]| hex::encode_upper(it);
    let found = numbers
        .iter()
        .filter(|number| {
            let key = other.lookup("kannel", &format!("+52{number}")).expect("a key");
            stored.contains(&hex(&key))
        })
        .count();
    assert_eq!(found, 0);
    let own = cabildo_bot::store::AddressKeys::load_or_make(&test.key_file(), false).expect("the keys");
    let key = own.lookup("kannel", &format!("+52{}", numbers[0])).expect("a key");
    assert!(stored.contains(&hex(&key)), "with the pepper they are found, so the search works");
    test.finish().await;
}
