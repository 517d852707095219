//! The configuration: layers, unknown keys, secrets, the example.

use cabildo_bot::config::{ChannelConfig, Config, EXAMPLE, Secret};

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cabildo.toml");
    std::fs::write(&file, toml).expect("a file");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&file), variables).map_err(|it| it.to_string())
}

#[test]
fn the_example_loads_with_its_comments_on_and_off() {
    let config = Config::from_toml(EXAMPLE).expect("the example");
    assert_eq!(config.channels.len(), 1);
    // The commented channels are examples too: with an inline secret in place of its file they load.
    let start = EXAMPLE.find("# [channels.twilio]").expect("the commented channels");
    let open: Vec<&str> = EXAMPLE[start..].lines().map(|it| it.strip_prefix("# ").unwrap_or(it)).collect();
    let open: Vec<String> = open
        .into_iter()
        .filter(|it| {
            !["secondary", "While", "A phone", "Any other", "Larger"]
                .iter()
                .any(|start| it.starts_with(start))
        })
        .map(|it| match it.split_once("_file") {
            Some((key, _)) => format!("{key} = \"123456:abc\""),
            None => it.to_owned(),
        })
        .collect();
    let config =
        Config::from_toml(&format!("{}{}", &EXAMPLE[..start], open.join("\n"))).expect("the opened example");
    assert_eq!(config.channels.len(), 4);
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let config = Config::load(None, []).expect("defaults");
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.server.webhook_body_limit, 65_536);
}

#[test]
fn the_environment_wins_and_keeps_its_text() {
    let config = load(
        "[server]\nlisten = \"127.0.0.1:1\"\n[channels.telco]\ntype = \"kannel\"\nkey = \"abcdefghijklmnop\"\n",
        &[
            ("CABILDO_SERVER__LISTEN", "127.0.0.1:2"),
            ("CABILDO_SERVER__MAX_CONNECTIONS", "17"),
            ("CABILDO_CHANNELS__TELCO__KEY", "0123456789012345"),
            ("CABILDO_DATA_DIR", "/srv/cabildo"),
            ("CABILDO_PACK", "/srv/pack"),
            ("CABILDO_REQUIRE_ALL", "1"),
            ("HOME", "/root"),
        ],
    )
    .expect("a configuration");
    assert_eq!(config.server.listen, "127.0.0.1:2");
    assert_eq!(config.server.max_connections, 17);
    assert_eq!(config.data.dir.as_deref(), Some(std::path::Path::new("/srv/cabildo")));
    let Some(ChannelConfig::Kannel(kannel)) = config.channels.get("telco") else { panic!("a channel") };
    assert_eq!(kannel.key.as_ref().map(Secret::reveal), Some("0123456789012345"));
}

#[test]
fn a_channel_can_come_from_the_environment_alone() {
    let config = Config::load(
        None,
        [
            ("CABILDO_CHANNELS__TELEGRAM__TYPE".to_owned(), "telegram".to_owned()),
            ("CABILDO_CHANNELS__TELEGRAM__TOKEN".to_owned(), "123:abc".to_owned()),
            ("CABILDO_CHANNELS__TELEGRAM__POLL_TIMEOUT_SECONDS".to_owned(), "5".to_owned()),
        ],
    )
    .expect("a configuration");
    let Some(ChannelConfig::Telegram(telegram)) = config.channels.get("telegram") else {
        panic!("a channel")
    };
    assert_eq!(telegram.poll_timeout_seconds, 5);
}

#[test]
fn an_unknown_key_is_an_error_that_names_place_and_key() {
    for (toml, key) in [
        ("liste = 1\n", "liste"),
        ("[server]\nlisten_to = \"x\"\n", "server.listen_to"),
        ("[database]\nurll = \"x\"\n", "database.urll"),
        ("[channels.a]\ntype = \"kannel\"\nkeyy = \"abcdefghijklmnop\"\n", "keyy"),
        ("[channels.a]\ntype = \"pigeon\"\n", "channels.a"),
        ("[channels.a]\nkey = \"abcdefghijklmnop\"\n", "type"),
    ] {
        let problem = load(toml, &[]).expect_err(toml);
        assert!(problem.contains(key) && problem.contains("cabildo.toml"), "{problem}");
        assert!(!problem.contains("abcdefghijklmnop"), "{problem}");
    }
    let problem = load("", &[("CABILDO_SERVER__LISTN", "127.0.0.1:1")]).expect_err("an unknown variable");
    assert!(problem.contains("server.listn") && problem.contains("environment"), "{problem}");
    let problem = load("", &[("CABILDO_SERVRE", "1")]).expect_err("an unknown section");
    assert!(problem.contains("servre"), "{problem}");
    let problem = load("", &[("CABILDO_SERVER____LISTEN", "1")]).expect_err("an empty part");
    assert!(problem.contains("CABILDO_SERVER____LISTEN"), "{problem}");
}

#[test]
fn wrong_values_are_named_and_never_shown() {
    let telegram = "type = \"telegram\"\n";
    for (toml, key) in [
        ("[server]\nlisten = \"nowhere\"\n".to_owned(), "server.listen"),
        ("[server]\npublic_url = \"cabildo.example.org\"\n".to_owned(), "server.public_url"),
        ("[server]\nmax_connections = 0\n".to_owned(), "server.max_connections"),
        ("[server]\nmax_connections = -1\n".to_owned(), "server.max_connections"),
        ("[server]\nmax_connections = true\n".to_owned(), "server.max_connections"),
        ("[database]\nurl = \"mysql://u:hunter2@h/d\"\n".to_owned(), "database.url"),
        ("[database]\nurl = \"hunter2.db\"\n".to_owned(), "database.url"),
        ("[log]\nfilter = \"a=b=c\"\n".to_owned(), "log.filter"),
        ("[log]\nformat = \"xml\"\n".to_owned(), "log.format"),
        ("[service]\nname = \"\"\n".to_owned(), "service.name"),
        (format!("[channels.t]\n{telegram}"), "channels.t.token"),
        (format!("[channels.t]\n{telegram}token = \"hunter2 x\"\n"), "channels.t.token"),
        ("[channels.k]\ntype = \"kannel\"\nkey = \"hunter2\"\n".to_owned(), "channels.k.key"),
        ("[server]\nlisten = \"0.0.0.0:80\"\n[channels.k]\ntype = \"kannel\"\n".to_owned(), "channels.k.key"),
        ("[channels.w]\ntype = \"twilio\"\naccount_sid = \"AC1\"\n".to_owned(), "channels.w.auth_token"),
        (
            "[channels.w]\ntype = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"hunter2\"\n".to_owned(),
            "server.public_url",
        ),
        ("[channels.\"A/b\"]\ntype = \"kannel\"\n".to_owned(), "id"),
    ] {
        let problem = load(&toml, &[]).expect_err(&toml);
        assert!(problem.contains(key), "{toml}: {problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
    let problem = load("[server\n", &[]).expect_err("broken TOML");
    assert!(problem.contains("cabildo.toml"), "{problem}");
    let none = Config::load(Some(std::path::Path::new("/nonexistent/cabildo.toml")), []);
    assert!(none.expect_err("no file").to_string().contains("/nonexistent/cabildo.toml"));
}

#[test]
fn secrets_come_from_files_and_are_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "123:hunter2\n").expect("a file");
    let toml = format!("[channels.t]\ntype = \"telegram\"\ntoken_file = '{}'\n", file.display());
    let config = Config::from_toml(&toml).expect("a configuration");
    let Some(ChannelConfig::Telegram(telegram)) = config.channels.get("t") else { panic!("a channel") };
    assert_eq!(telegram.token.as_ref().map(Secret::reveal), Some("123:hunter2"));
    let shown = format!("{config:?}");
    assert!(shown.contains("[redacted]") && !shown.contains("hunter2"), "{shown}");

    let both = Config::from_toml(&format!("{toml}token = \"1:a\"\n")).expect_err("two sources");
    assert!(both.to_string().contains("channels.t.token_file"), "{both}");
    std::fs::write(&file, " \n").expect("a file");
    assert!(Config::from_toml(&toml).expect_err("an empty file").to_string().contains("empty"));
    std::fs::write(&file, "x".repeat(5_000)).expect("a file");
    assert!(Config::from_toml(&toml).expect_err("a large file").to_string().contains("4 KiB"));
    std::fs::remove_file(&file).expect("removed");
    assert!(Config::from_toml(&toml).expect_err("no file").to_string().contains("channels.t.token_file"));
}

#[test]
fn a_file_that_is_no_toml_is_told_by_its_place_and_not_by_its_text() {
    for (toml, line) in [
        ("[channels.k]\ntype = \"kannel\"\nkey = \"hunter2hunter2hunter2\n", "3"),
        ("[channels.k]\nkey = hunter2hunter2hunter2\n", "2"),
        ("[channels.k]\nkey = \"a\"\nhunter2 hunter2\n", "3"),
        ("[channels.k]\npassword = \"hunter2\" x\n", "2"),
    ] {
        let problem = load(toml, &[]).expect_err(toml);
        assert!(problem.contains("cabildo.toml") && problem.contains(&format!("line {line}")), "{problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

#[test]
fn the_placeholder_of_the_example_is_no_secret() {
    let problem = load(EXAMPLE, &[]).expect_err("the placeholder");
    assert!(problem.contains("telco") && problem.contains("placeholder"), "{problem}");
    assert!(!problem.contains("change-me"), "{problem}");
    load(EXAMPLE, &[("CABILDO_CHANNELS__TELCO__KEY", "0123456789abcdef0123456789abcdef")])
        .expect("a key of one's own");
}

#[test]
fn a_secret_of_the_environment_loses_the_line_break_of_the_command_that_made_it() {
    let toml = "[channels.telco]\ntype = \"kannel\"\n";
    let config =
        load(toml, &[("CABILDO_CHANNELS__TELCO__KEY", "0123456789012345\n")]).expect("a configuration");
    let Some(ChannelConfig::Kannel(kannel)) = config.channels.get("telco") else { panic!("a channel") };
    assert_eq!(kannel.key.as_ref().map(Secret::reveal), Some("0123456789012345"));
}
