//! What the doctor finds at the gateways and in the spool.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use cabildo_bot::spool;
use serde_json::Value;

use super::{Site, said};

/// A gateway that answers every call with this status.
fn answers(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = BufReader::new(stream.try_clone().expect("a stream"));
            let mut line = String::new();
            while head.read_line(&mut line).is_ok_and(|it| it > 2) {
                line.clear();
            }
            // Whoever hung up wanted to know no more than that somebody listens.
            let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    url
}

/// What the doctor finds: level by check, and its exit code.
fn diagnosis(site: &Site) -> (HashMap<String, String>, i32) {
    let output = site.run(&["doctor", "--json"]);
    let lines = String::from_utf8_lossy(&output.stdout);
    let findings = lines.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
    let word = |it: &Value| it.as_str().expect("a word").to_owned();
    let levels = findings.map(|it| (word(&it["check"]), word(&it["level"]))).collect();
    for secret in ["hunter2", "123456:TEST"] {
        assert!(!said(&output).contains(secret), "{}", said(&output));
    }
    (levels, output.status.code().expect("a code"))
}

#[test]
fn the_doctor_calls_every_gateway_and_tells_how_it_answers() {
    let channels = |url: &str| {
        format!(
            "\n[channels.bot]\ntype = \"telegram\"\ntoken = \"123456:TEST\"\napi_url = \"{url}\"\n\
             [channels.twilio]\ntype = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"hunter2\"\n\
             api_url = \"{url}\"\n\
             [channels.phone]\ntype = \"android\"\nsigning_key = \"0123456789abcdef\"\nusername = \"u\"\n\
             password = \"hunter2\"\napi_url = \"{url}\"\n"
        )
    };
    // Level of a bot, of Twilio, of a phone, and the exit code.
    for (status, levels, code) in [
        (200, ["ok", "ok", "ok"], 0),
        (401, ["fail", "fail", "fail"], 78),
        (403, ["fail", "fail", "fail"], 78),
        // Older apps have no list, but a token that nobody knows has no bot.
        (404, ["fail", "fail", "ok"], 78),
        (500, ["warn", "warn", "warn"], 0),
    ] {
        let site = Site::new();
        let config = std::fs::read_to_string(site.path().join("cabildo.toml")).expect("a configuration");
        let config = config.replace("[metrics]", "public_url = \"https://cabildo.example.org\"\n[metrics]");
        std::fs::write(site.path().join("cabildo.toml"), config + &channels(&answers(status)))
            .expect("written");
        let (found, exit) = diagnosis(&site);
        let told = ["channel bot", "channel twilio", "channel phone"].map(|it| found[it].clone());
        assert_eq!((told, exit), (levels.map(str::to_owned), code), "{status}: {found:?}");
        // Kannel is answered in the answer alone.
        assert_eq!(found["channel telco"], "ok");
    }
    // Nobody is there at all.
    let site = Site::new();
    let config = std::fs::read_to_string(site.path().join("cabildo.toml")).expect("a configuration");
    let config = config.replace("[metrics]", "public_url = \"https://cabildo.example.org\"\n[metrics]");
    std::fs::write(site.path().join("cabildo.toml"), config + &channels("http://127.0.0.1:1"))
        .expect("written");
    let (found, exit) = diagnosis(&site);
    let told = ["channel bot", "channel twilio", "channel phone"].map(|it| found[it].as_str());
    assert_eq!((told, exit), (["fail"; 3], 69), "{found:?}");
}

#[test]
fn the_doctor_tells_of_messages_in_the_spool() {
    let site = Site::new();
    assert_eq!(diagnosis(&site).0["spool"], "ok", "there is none yet");
    site.serve().kill();
    assert_eq!(diagnosis(&site).0["spool"], "ok");
    // A record: its length and what it holds.
    let file = site.path().join("data").join(spool::FILE_NAME);
    let mut bytes = std::fs::read(&file).expect("a spool");
    bytes[..4].copy_from_slice(&7_u32.to_be_bytes());
    std::fs::write(&file, bytes).expect("written");
    let (found, exit) = diagnosis(&site);
    assert_eq!((found["spool"].as_str(), exit), ("warn", 0));
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("made");
    let (found, exit) = diagnosis(&site);
    assert_eq!((found["spool"].as_str(), exit), ("fail", 78));
}
