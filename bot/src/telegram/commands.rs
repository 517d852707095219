//! The commands that Telegram offers in its menu, by language.

use teloxide::types::BotCommand;

/// The commands in the order of the menu; names and descriptions are in the catalogues, as
/// `telegram-command-ID` and `telegram-command-ID-description`.
const COMMANDS: [&str; 11] =
    ["help", "menu", "report", "status", "best", "trend", "family", "source", "language", "privacy", "stop"];

/// A locale whose commands are set: its name, its code at Telegram (empty: everybody else).
pub(super) const LANGUAGES: [(&str, &str); 2] = [("es-MX", ""), ("en", "en")];

/// The commands of a locale. What its catalogue lacks is left out.
pub(super) fn of(locale: &str) -> Vec<BotCommand> {
    COMMANDS
        .iter()
        .filter_map(|id| {
            let name = message(locale, &format!("telegram-command-{id}"))?;
            let description = message(locale, &format!("telegram-command-{id}-description"))?;
            Some(BotCommand::new(name, description))
        })
        .collect()
}

/// A message of one line of the Telegram catalogue.
fn message(locale: &str, key: &str) -> Option<&'static str> {
    let catalogue = match locale {
        "en" => include_str!("../../../messages/en/telegram.ftl"),
        _ => include_str!("../../../messages/es-MX/telegram.ftl"),
    };
    catalogue.lines().find_map(|line| {
        let (name, text) = line.split_once('=')?;
        (name.trim() == key).then(|| text.trim())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_fits_telegram_in_every_language() {
        for (locale, _) in super::LANGUAGES {
            let commands = super::of(locale);
            assert_eq!(commands.len(), super::COMMANDS.len(), "{locale}");
            for command in commands {
                assert!((1..=32).contains(&command.command.len()), "{}", command.command);
                assert!(
                    command
                        .command
                        .bytes()
                        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
                );
                assert!((3..=256).contains(&command.description.chars().count()), "{}", command.command);
            }
        }
    }
}
