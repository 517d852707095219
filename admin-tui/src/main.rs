//! `cabildo-admin`, the staff console.

use std::io::{self, Write as _};
use std::process::ExitCode;

use cabildo_admin_tui::api::Api;
use cabildo_admin_tui::app::App;
use cabildo_admin_tui::keymap::Keymap;
use cabildo_admin_tui::safe::SafeText;
use cabildo_admin_tui::session::Folder;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::shared::Shared;
use cabildo_admin_tui::theme::Theme;
use cabildo_admin_tui::words::Words;
use cabildo_admin_tui::{plain, run};
use clap::Parser;

/// The staff console of Cabildo.
#[derive(Debug, Parser)]
#[command(name = "cabildo-admin", version)]
struct Arguments {
    /// Where the service's staff API is.
    #[arg(long, default_value = "http://127.0.0.1:8090", value_name = "URL")]
    server: String,
    /// Whose token, drafts and place are used; one for each service.
    #[arg(long, default_value = "default", value_name = "NAME")]
    profile: String,
    /// Line mode: append only, numbered choices, no escape sequences. Also with TERM=dumb.
    #[arg(long)]
    plain: bool,
}

/// The command was used wrongly, by `sysexits.h`.
const USAGE: u8 = 64;
/// A wrong configuration.
const CONFIG: u8 = 78;
/// The terminal or a file can't be used.
const IO: u8 = 74;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(problem) => {
            // What was asked for (--help) goes well. Nobody is left to tell if the terminal is gone.
            let code = if problem.use_stderr() { USAGE } else { 0 };
            let _ = problem.print();
            return ExitCode::from(code);
        }
    };
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, text)) => {
            // Nobody is left to tell if the terminal is gone.
            let _ = writeln!(io::stderr(), "{text}");
            ExitCode::from(code)
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), (u8, SafeText)> {
    let io = |problem: io::Error| (IO, SafeText::line(&format!("cabildo-admin: {problem}")));
    let tag = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|it| std::env::var(it).ok().filter(|it| !it.is_empty()));
    let mut words = Words::of(tag.as_deref().unwrap_or_default());
    let folder = Folder::of(&arguments.profile).map_err(io)?;
    let settings = match folder.read_config("console.toml").map_err(io)? {
        Some(file) => Settings::read(&file).map_err(|problem| {
            let args = [("line", SafeText::number(problem.line as u64)), ("word", problem.word)];
            (CONFIG, words.fill("settings-wrong", &args))
        })?,
        None => Settings::default(),
    };
    if let Some(language) = &settings.language {
        words = Words::of(language);
    }
    let keymap = match folder.read_config("keymap.toml").map_err(io)? {
        Some(file) => Keymap::read(&file).map_err(|problems| {
            let lines = problems.into_iter().map(|it| {
                let args = [("line", SafeText::number(it.line as u64)), ("word", it.word)];
                words.fill(it.what.key(), &args)
            });
            (CONFIG, SafeText::join(&lines.collect::<Vec<_>>(), "\n"))
        })?,
        None => Keymap::default(),
    };
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    let theme = if no_colour { Theme::Mono } else { settings.theme.unwrap_or_default() };
    let api = Api::new(&arguments.server).map_err(|problem| {
        let server = SafeText::line(&arguments.server);
        (
            CONFIG,
            SafeText::own("cabildo-admin: ")
                .with(server)
                .with(": ")
                .with(SafeText::line(&problem.to_string())),
        )
    })?;
    let token = folder.token(&api.origin());
    let signed = token.is_some();
    api.set_token(token);
    run::hook_panics();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(io)?;
    let result = runtime.block_on(async {
        if arguments.plain || !run::is_terminal() {
            return plain::run(api, &folder, words, settings).await;
        }
        let mut shared = Shared::new(words, theme, keymap, settings);
        shared.server = SafeText::line(&arguments.server);
        let app = App::new(shared, folder.place(), run::now());
        run::run(app, api, folder, signed).await
    });
    runtime.shutdown_background();
    run::tell_aside();
    result.map_err(io)
}
