//! The binary as a person at a shell meets it: what goes in, what comes out, how it ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// The command, in a home of its own and without a configuration.
fn cabildo(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cabildo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CABILDO_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("HOME", home).env("XDG_DATA_HOME", home.join("data")).current_dir(home);
    command
}

/// Runs the command on this input to its end.
fn run(home: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = cabildo(home, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("an input");
    let input = input.to_vec();
    // Beside the reading, or both sides would wait for each other on full pipes.
    let writer = std::thread::spawn(move || {
        // It may have ended before it read all; what it says counts.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("written");
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// The lines of a run that succeeded.
fn lines(home: &Path, arguments: &[&str], input: &str) -> Vec<Value> {
    let output = run(home, arguments, input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|it| serde_json::from_str(it).expect("JSON")).collect()
}

#[test]
fn chat_prints_one_object_for_each_reply() {
    let home = tempfile::tempdir().expect("a folder");
    let said = lines(home.path(), &["chat", "--json", "--db", ":memory:"], "tlapa\ncomida\nmejores\n");
    let expected = [
        json!({
            "input": "tlapa", "kind": "answer", "encoding": "gsm7", "units": 155, "segments": 1,
            "text": "Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21 similares, mediana 78.3. Mejor: \
                     escuela (4). Peor: comida (17). COMIDA, AGUA, QUEJA o AYUDA. CONEVAL",
            "municipality": "12066", "choices": ["COMIDA", "AGUA", "QUEJA", "AYUDA"],
        }),
        json!({
            "input": "tlapa", "kind": "notice", "encoding": "gsm7", "units": 125, "segments": 1,
            "text": "Contesta Cabildo. Guardo tu numero cifrado y lo que escribes, para responderte. \
                     PRIVACIDAD dice mas. BAJA: no recibir avisos.",
            "municipality": null, "choices": [],
        }),
        json!({
            "input": "comida", "kind": "answer", "encoding": "gsm7", "units": 132, "segments": 1,
            "text": "Tlapa: 38.3% sin buena alimentacion (2020), 17 de 21 similares, mediana 31.3. Mejor: \
                     Yajalon, Chis 7.2. MAS, MEJORES, QUEJA. CONEVAL",
            "municipality": "12066", "choices": ["MAS", "MEJORES", "QUEJA"],
        }),
        json!({
            "input": "mejores", "kind": "answer", "encoding": "gsm7", "units": 136, "segments": 1,
            "text": "Mejores de 21 similares en comida (2020): Yajalon, Chis 7.2%; Altamirano, Chis 20.4%; \
                     Paracho, Mich 22.9%. Tlapa es el lugar 17. CONEVAL",
            "municipality": "12066", "choices": [],
        }),
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_phone_says_where_the_picture_of_an_answer_lies() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a folder");
    let temporary = tempfile::tempdir().expect("a folder");
    let mut command = cabildo(home.path(), &["chat", "--as", "telegram", "--json"]);
    command.env("TMPDIR", temporary.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().expect("an input");
    stdin.write_all(b"tlapa\ncomida\n").expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    let said: Vec<Value> =
        text(&output.stdout).lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let pictures: Vec<&str> = said.iter().filter_map(|it| it["picture"].as_str()).collect();
    assert_eq!(pictures.len(), 1, "{said:?}");
    let comida = said.iter().find(|it| it["picture"].is_string()).expect("a picture");
    assert!(comida["text"].as_str().is_some_and(|it| it.contains("38.3%")), "{comida}");
    let path = Path::new(pictures[0]);
    assert!(path.starts_with(temporary.path()), "{}", path.display());
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
    // `cabildo chart` draws the same.
    let file = home.path().join("chart.png");
    let output = run(home.path(), &["chart", "tlapa", "comida", "--output", "chart.png"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let drawn = std::fs::read(&file).expect("a chart");
    assert!(drawn.starts_with(b"\x89PNG") && drawn == std::fs::read(path).expect("a picture"));
    // An SMS has none.
    let said = lines(home.path(), &["chat", "--json"], "tlapa\ncomida\n");
    assert!(said.iter().all(|it| it.get("picture").is_none()), "{said:?}");
}

#[test]
fn chart_says_what_it_cannot_draw() {
    let home = tempfile::tempdir().expect("a folder");
    for (arguments, code) in [
        (vec!["chart", "xqzw", "agua", "--output", "x.png"], 65),
        (vec!["chart", "tlapa", "nothing", "--output", "x.png"], 65),
        (vec!["chart", "12085", "agua", "--kind", "trend", "--output", "x.png"], 65),
        (vec!["chart", "tlapa", "agua", "--language", "de", "--output", "x.png"], 64),
        (vec!["chart", "tlapa", "agua", "--kind", "pie", "--output", "x.png"], 64),
        (vec!["chart", "tlapa", "agua"], 64),
        (vec!["chart", "tlapa", "agua", "--output", "no/such/folder/x.png"], 73),
    ] {
        let output = run(home.path(), &arguments, b"");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(!home.path().join("x.png").exists());
    }
    for kind in ["bars", "trend", "family", "country"] {
        let arguments = ["chart", "tlapa", "agua", "--kind", kind, "--language", "en", "--output", "x.png"];
        assert_eq!(run(home.path(), &arguments, b"").status.code(), Some(0), "{kind}");
        std::fs::remove_file(home.path().join("x.png")).expect("a chart");
    }
}

#[test]
fn a_language_is_chosen_alike_in_every_command() {
    let home = tempfile::tempdir().expect("a folder");
    for command in ["chat", "chart", "report", "recognise"] {
        let output = run(home.path(), &[command, "--help"], b"");
        let help = text(&output.stdout);
        assert!(help.contains("--language <TAG>") && !help.contains("--lang "), "{command}: {help}");
    }
    let wrong = run(home.path(), &["chat", "--language", "de"], b"");
    assert_eq!(wrong.status.code(), Some(64));
    assert!(text(&wrong.stderr).contains("en, es-MX") || text(&wrong.stderr).contains("es-MX, en"));
    let output = run(home.path(), &["chat", "--json", "--language", "en"], b"help\n");
    assert!(text(&output.stdout).contains("municipality"), "{}", text(&output.stdout));
}

#[test]
fn compare_prints_the_figures_of_the_dialogue() {
    let home = tempfile::tempdir().expect("a folder");
    let printed = lines(home.path(), &["compare", "tlapa", "comida", "--json"], "");
    assert_eq!(printed.len(), 1);
    let it = &printed[0];
    assert_eq!(it["municipality"], "12066");
    assert_eq!((&it["family"]["rule"], &it["family"]["size"]), (&json!(1), &json!(21)));
    assert!(it["family"]["version"].is_string());
    let topic = &it["topics"][0];
    for (field, expected) in [
        ("topic", json!("COMIDA")),
        ("series", json!("coneval_ic_ali")),
        ("value", json!(38.3)),
        ("year", json!(2020)),
        ("unit", json!("%")),
        ("direction", json!("lower")),
        ("rank", json!(17)),
        ("size", json!(21)),
        ("median", json!(31.3)),
        ("percentile", json!(20.0)),
        ("best", json!({"municipality": "07109", "value": 7.2})),
        ("status", json!("ok")),
    ] {
        assert_eq!(topic[field], expected, "{field}");
    }
    assert_eq!(topic["source"]["tag"], "CONEVAL");
    let peers = topic["peers"].as_array().expect("peers");
    assert_eq!(peers.len(), 20);
    assert!(peers.iter().all(|it| it["municipality"].is_string() && it["distance"].is_f64()));
    // The median that is printed is the one of the figures that are printed.
    let mut values: Vec<f64> = peers.iter().filter_map(|it| it["value"].as_f64()).collect();
    values.push(38.3);
    values.sort_by(f64::total_cmp);
    assert_eq!((values.len(), values[10]), (21, 31.3));
    let years: Vec<_> = topic["trend"].as_array().expect("a trend").iter().map(|it| &it["year"]).collect();
    assert_eq!(years, [2010, 2015, 2020]);
    assert!(topic["trend"][0]["comparable"].is_boolean());
}

#[test]
fn where_decides_each_line() {
    let home = tempfile::tempdir().expect("a folder");
    let found = lines(home.path(), &["where", "--json"], "tlapa\nbenito juarez\n\n12066\n");
    let decisions: Vec<_> = found.iter().map(|it| it["decision"].as_str().unwrap_or_default()).collect();
    assert_eq!((decisions[0], decisions[1], decisions[decisions.len() - 1]), ("match", "choose", "match"));
    assert_eq!((&found[0]["query"], &found[0]["municipality"]), (&json!("tlapa"), &json!("12066")));
    assert_eq!(found[1]["municipality"], Value::Null);
    let candidates = found[1]["candidates"].as_array().expect("candidates");
    assert!(candidates.len() >= 7);
    assert!(
        candidates
            .iter()
            .all(|it| { it["municipality"].is_string() && it["score"].is_number() && it["why"].is_string() })
    );
}

/// A Bot API that knows one bot and has no updates; a poll stays open until it is given up.
fn bot_api() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_bot(stream));
        }
    });
    url
}

fn answer_bot(stream: TcpStream) {
    let mut out = stream.try_clone().expect("a stream");
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    while input.read_line(&mut line).is_ok_and(|it| it > 0) {
        let method = line.split(' ').nth(1).unwrap_or_default().to_ascii_lowercase();
        let mut length = 0;
        loop {
            line.clear();
            if input.read_line(&mut line).is_err() || line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if input.read_exact(&mut body).is_err() {
            return;
        }
        if method.ends_with("/getupdates") {
            // Until the other side hangs up.
            let _ = input.read_to_end(&mut body);
            return;
        }
        let result = if method.ends_with("/getme") {
            json!({"id": 123_456, "is_bot": true, "first_name": "Cabildo", "username": "cabildo_bot",
                "can_join_groups": false, "can_read_all_group_messages": false,
                "supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false})
        } else {
            json!(true)
        };
        let body = json!({"ok": true, "result": result}).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if out.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
        line.clear();
    }
}

#[test]
#[cfg(unix)]
fn serve_serves_until_sigterm_and_ends_well() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("served");
    let file = home.path().join("cabildo.toml");
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://cabildo.example.org\"\n\
         [data]\ndir = {data:?}\n\
         [channels.telco]\ntype = \"kannel\"\nkey = \"k0123456789abcdef\"\n\
         [channels.twilio]\ntype = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"secret-token\"\n\
         [channels.telegram]\ntype = \"telegram\"\ntoken = \"123456:TEST\"\napi_url = \"{}\"\n\
         poll_timeout_seconds = 50\n",
        bot_api()
    );
    std::fs::write(&file, config).expect("written");
    let mut child = cabildo(home.path(), &["serve", "--config", &file.to_string_lossy()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut log = BufReader::new(child.stderr.take().expect("a log"));
    let mut all = String::new();
    let address = loop {
        let from = all.len();
        assert!(log.read_line(&mut all).expect("a line") > 0, "it ended: {all}");
        let entry: Value = serde_json::from_str(&all[from..]).expect("a line of JSON");
        if let Some(address) = entry["address"].as_str() {
            assert_eq!(entry["channels"], 3);
            break address.to_owned();
        }
    };
    let get = |path: &str| {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let health = get("/health");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let (_, body) = health.split_once("\r\n\r\n").expect("a body");
    assert_eq!(body, r#"{"ok":true}"#);
    let answer =
        get("/webhooks/sms/telco?key=k0123456789abcdef&from=%2B525512345678&text=tlapa&id=1&charset=UTF-8");
    assert!(answer.contains("71.8%") && answer.contains("7 de 21"), "{answer}");
    assert!(get("/webhooks/sms/telco?from=%2B525512345678&text=tlapa&id=2").starts_with("HTTP/1.1 403"));

    let killed =
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs").success();
    assert!(killed);
    log.read_to_string(&mut all).expect("the rest of the log");
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(0), "{all}");
    assert!(all.lines().last().is_some_and(|it| it.contains("stopped")), "{all}");
    for secret in ["5512345678", "tlapa", "k0123456789abcdef", "secret-token", "123456:TEST"] {
        assert!(!all.contains(secret), "{secret} in the log: {all}");
    }
}

#[test]
fn a_wrong_configuration_is_named_by_its_key() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("cabildo.toml");
    std::fs::write(&file, "[server]\nlistn = \"hunter2\"\n").expect("written");
    let file = file.to_string_lossy().into_owned();
    for arguments in [&["serve", "--config", &file][..], &["config", "check", "--config", &file]] {
        let output = run(home.path(), arguments, b"");
        assert_eq!(output.status.code(), Some(78), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("listn") && said.contains("listen") && !said.contains("hunter2"), "{said}");
    }
    let output = cabildo(home.path(), &["config", "check"]).env("CABILDO_SERVER__LISTN", "x").output();
    assert_eq!(output.expect("the binary runs").status.code(), Some(78));
}

#[test]
fn demo_plays_the_lines_that_are_piped_in() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("demo").to_string_lossy().into_owned();
    let arguments = ["demo", "--data-dir", &data, "--listen", "127.0.0.1:0"];
    let output = run(home.path(), &arguments, b"tlapa\ncomida\n");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.contains("71.8% (2020), 7 de 21") && said.contains("38.3%"), "{said}");
    let help = text(&output.stderr);
    assert!(help.contains("http://127.0.0.1:") && help.contains("/webhooks/sms/demo"), "{help}");
    // What it kept is there the next time.
    let output = run(home.path(), &arguments, b"comida\n");
    assert!(text(&output.stdout).starts_with("Tlapa: 38.3%"), "{}", text(&output.stdout));
}

/// A reply with what differs from day to day put out of it: folio, PIN, date.
fn masked(reply: &str) -> String {
    let words: Vec<&str> = reply.split(' ').collect();
    let before = |at: usize, back: usize| at.checked_sub(back).map_or("", |it| words[it]);
    let mask = |(at, word): (usize, &&str)| match (before(at, 2), before(at, 1)) {
        (_, "Folio" | "ESTADO" | "clave") => "*".to_owned(),
        (_, "el") if word.bytes().all(|it| it.is_ascii_digit()) => "*".to_owned(),
        ("el", day) if day.bytes().all(|it| it.is_ascii_digit()) && !day.is_empty() => "*".to_owned(),
        _ => (*word).to_owned(),
    };
    words.iter().enumerate().map(mask).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_readme_says_what_is_answered() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("it");
    let (_, block) = readme.split_once("What is typed (`>`)").expect("the example");
    let block = block.split("```").nth(1).expect("a block").trim();
    let typed: Vec<&str> = block.lines().filter_map(|it| it.strip_prefix("> ")).collect();
    assert!(typed.len() >= 6, "{typed:?}");
    let written: Vec<String> = block.lines().filter(|it| !it.starts_with("> ")).map(masked).collect();
    let home = tempfile::tempdir().expect("a folder");
    let output = run(home.path(), &["chat"], (typed.join("\n") + "\n").as_bytes());
    let said: Vec<String> = text(&output.stdout).lines().map(masked).collect();
    assert_eq!(said, written);
    // What it says of the console is what the demo listens on, and the words that it has.
    assert!(
        readme.contains("--bin cabildo-admin -- --server http://127.0.0.1:8090")
            && readme.contains(":codigo")
    );
}

#[test]
fn commands_that_look_make_nothing_and_say_so() {
    let home = tempfile::tempdir().expect("a folder");
    let commands: [&[&str]; 7] = [
        &["retention", "--dry-run"],
        &["retention"],
        &["staff", "list"],
        &["staff", "reset", "ana"],
        &["audit", "verify"],
        &["keys", "status"],
        &["outbox", "list"],
    ];
    for arguments in commands {
        let output = run(home.path(), arguments, b"");
        assert_eq!(output.status.code(), Some(66), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("There is no database"), "{}", text(&output.stderr));
        assert!(!home.path().join("data").exists(), "{arguments:?} made something");
    }
    for arguments in [&["serve", "--config", "none.toml"][..], &["config", "check", "--config", "none.toml"]]
    {
        let output = run(home.path(), arguments, b"");
        assert_eq!(output.status.code(), Some(66), "{arguments:?}");
        assert!(text(&output.stderr).contains("none.toml is not there"), "{}", text(&output.stderr));
    }
    // The trail of a service on which nobody acted yet.
    outbox(home.path());
    let output = run(home.path(), &["audit", "verify"], b"");
    assert_eq!(text(&output.stdout), "The trail is sound: 0 entries, 0 exported heads compared.\n");
    assert_eq!(text(&run(home.path(), &["audit", "head"], b"").stdout), "The trail has no entry yet.\n");
    // One channel is one, and each command advises what it has.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let file = home.path().join("cabildo.toml");
    let config = format!("[server]\nlisten = {address:?}\n[channels.telco]\ntype = \"kannel\"\n");
    std::fs::write(&file, config).expect("written");
    let file = file.to_string_lossy().into_owned();
    let checked = run(home.path(), &["config", "check", "--config", &file], b"");
    assert_eq!(text(&checked.stdout), "The configuration is good: 1 channel.\n");
    let output = run(home.path(), &["serve", "--config", &file], b"");
    let said = text(&output.stderr);
    assert!(said.contains("Name another with server.listen.") && !said.contains("--listen"), "{said}");
    let output = run(home.path(), &["demo", "--listen", &address], b"");
    let said = text(&output.stderr);
    assert!(said.contains("Name another with --listen.") && !said.contains("server.listen"), "{said}");
}

#[test]
fn chat_remembers_in_a_file_that_shows_no_address() {
    let home = tempfile::tempdir().expect("a folder");
    let db = home.path().join("kept").join("cabildo.db").to_string_lossy().into_owned();
    let arguments = ["chat", "--json", "--db", &db, "--from", "+525512345678"];
    lines(home.path(), &arguments, "tlapa\n");
    let said = lines(home.path(), &arguments, "comida\n");
    assert_eq!((said.len(), &said[0]["municipality"]), (1, &json!("12066")), "{said:?}");
    // Another phone is another person.
    let other = ["chat", "--json", "--db", &db, "--from", "+525512345679"];
    assert_ne!(lines(home.path(), &other, "comida\n")[0]["municipality"], "12066");
    for entry in std::fs::read_dir(home.path().join("kept")).expect("a folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        assert!(!bytes.windows(10).any(|it| it == b"5512345678"), "an address in clear");
    }
}

#[test]
fn hostile_input_is_answered_like_any_other() {
    let home = tempfile::tempdir().expect("a folder");
    let mut input = b"\xff\xfe\x80tlapa\xc3\n\0\0\0\n\x1b[2J\x9b\n\n\r\n".to_vec();
    input.extend(vec![b'a'; 1 << 20]);
    input.extend(b"\ntlapa\xf0\x9f\n\ntlapa");
    let output = run(home.path(), &["chat", "--json"], &input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let replies: Vec<Value> = said.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    assert!(replies.iter().all(|it| it["segments"].as_u64().is_some_and(|it| it <= 3)));
    assert!(!said.contains('\u{1b}') && !said.contains('\u{9b}') && !said.contains('\0'));
    let output = run(home.path(), &["where", "--json"], &input);
    // It may refuse a line; it never breaks.
    assert!(matches!(output.status.code(), Some(0 | 65)), "{}", text(&output.stderr));
    assert!(text(&output.stdout).lines().all(|it| serde_json::from_str::<Value>(it).is_ok()));
}

/// A database in the home of a test with a reply (id 10) that failed and a broadcast (id 11) that waits.
fn outbox(home: &Path) {
    use cabildo_bot::channels::render::{Rendered, ReplyKind};
    use cabildo_bot::domain::channel::ChannelKind;
    use cabildo_bot::domain::purpose::Purpose;
    use cabildo_bot::domain::time::UnixMillis;
    use cabildo_bot::service::NewInbound;
    use cabildo_bot::store::outbox::{NewOutbound, Settled};
    use cabildo_bot::store::{Location, Store};
    use uuid::Uuid;

    let at = UnixMillis(1_767_614_400_000);
    let (contact_id, folder) = (Uuid::from_u128(1_000), home.join("data").join("cabildo"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let location = Location::File(folder.join("cabildo.db"));
        let keys = location.default_key_file().expect("a key file");
        let store = Store::open(&location, &keys, at).await.expect("a store");
        let inbound = NewInbound {
            channel_id: "telco".to_owned(),
            kind: ChannelKind::Sms,
            external_id: Some("1".to_owned()),
            address: "+525512345678".to_owned(),
            text: "secreto".to_owned(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: at,
        };
        store.accept_inbound(inbound, Uuid::from_u128(1), contact_id).await.expect("kept");
        for (id, purpose) in [(10, Purpose::Reply), (11, Purpose::Broadcast)] {
            let rendered = Rendered {
                kind: ReplyKind::Answer,
                text: "palabras privadas".to_owned(),
                municipality: None,
                choices: vec![],
                edit: false,
                segments: 1,
                picture: None,
            };
            let id = Uuid::from_u128(id);
            let campaign = None;
            let new = NewOutbound { id, contact_id, purpose, campaign, rendered, not_before: at, at };
            assert_eq!(store.add_outbound(new).await, Ok(true));
        }
        let id = Uuid::from_u128(10);
        store.claim_these(vec![id], at).await.expect("claimed");
        assert_eq!(store.dispatch_outbound(id, 1, at).await, Ok(true));
        let failed = Settled::Failed("http_400".to_owned());
        assert_eq!(store.settle_outbound(id, 1, failed, at).await, Ok(true));
        store.close().await;
    });
}

#[test]
fn outbox_lists_sends_again_and_drops_without_showing_anybody() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path();
    let none = run(path, &["outbox", "list"], b"");
    assert_eq!(none.status.code(), Some(66), "{}", text(&none.stderr));
    let file = path.join("cabildo.toml");
    let folder = path.join("data").join("cabildo");
    let toml =
        format!("[data]\ndir = {:?}\n[channels.telco]\ntype = \"kannel\"\n", folder.display().to_string());
    std::fs::write(&file, toml).expect("a configuration");
    let config = file.to_str().expect("a path");
    outbox(path);
    let (failed, waiting) = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b");
    let ask = |arguments: &[&str]| {
        let mut all = vec!["outbox", "--config", config];
        all.extend(arguments);
        let output = run(path, &all, b"");
        for shown in [text(&output.stdout), text(&output.stderr)] {
            assert!(!shown.contains("5512345678") && !shown.contains("privadas"), "{shown}");
        }
        output
    };
    let objects = |arguments: &[&str]| -> Vec<Value> {
        let output = ask(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout).lines().map(|it| serde_json::from_str(it).expect("JSON")).collect()
    };
    let dead = objects(&["list", "--json"]);
    assert_eq!(dead.len(), 1);
    assert_eq!((&dead[0]["id"], &dead[0]["reason"]), (&json!(failed), &json!("http_400")));
    assert_eq!(objects(&["list", "--json", "--state", "queued"])[0]["id"], json!(waiting));
    assert!(objects(&["list", "--json", "--channel", "other"]).is_empty());
    assert!(text(&ask(&["show", failed]).stdout).contains("attempt 1 by telco: failed (http_400)"));
    let shown = objects(&["show", failed, "--json"]);
    assert_eq!(shown[0]["attempts"][0]["state"], "failed");
    for (arguments, code) in [
        (&["list", "--state", "nonsense"][..], 64),
        (&["resend", failed, "--through", "nobody"], 64),
        (&["resend", waiting], 65),
        (&["show", "00000000-0000-0000-0000-00000000000c"], 66),
        (&["drop", "no-id"], 64),
    ] {
        assert_eq!(ask(arguments).status.code(), Some(code), "{arguments:?}");
    }
    assert_eq!(objects(&["resend", failed, "--through", "telco", "--json"])[0]["done"], "queued");
    assert_eq!(objects(&["drop", waiting, "--json"])[0]["done"], "dropped");
    assert_eq!(objects(&["list", "--json", "--state", "cancelled"])[0]["id"], json!(waiting));
    assert!(objects(&["list", "--json"]).is_empty());
}
