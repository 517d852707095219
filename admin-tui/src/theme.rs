//! What a role looks like. Nothing is told by colour alone: every role has a word or a mark, too.

use ratatui::style::{Color, Modifier, Style};

/// How the console is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The sixteen colours of the terminal.
    #[default]
    Ansi,
    /// The same for a light background.
    Light,
    /// Bold, underline and reverse only; also with `NO_COLOR`.
    Mono,
}

impl Theme {
    /// The theme of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ansi" => Some(Self::Ansi),
            "light" => Some(Self::Light),
            "mono" => Some(Self::Mono),
            _ => None,
        }
    }
}

/// What something on the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Text.
    Plain,
    /// The name of a screen, a heading.
    Title,
    /// Names of fields, rules, what is less important.
    Quiet,
    /// A key.
    Key,
    /// A thing is owed and late, or failed.
    Breach,
    /// A thing is owed soon.
    Soon,
    /// It waits for the citizen.
    Waiting,
    /// Mine.
    Mine,
    /// Of somebody else.
    Others,
    /// A marked row.
    Marked,
    /// Not confirmed by the service yet.
    Pending,
    /// A note among staff.
    Note,
    /// The name of what was taken out of a text.
    Cleaned,
    /// An act that succeeded.
    Done,
    /// The row under the cursor.
    Cursor,
    /// A field that takes letters now.
    Field,
}

impl Theme {
    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let coloured = |style: Style, ansi: Color, light: Color| match self {
            Self::Ansi => style.fg(ansi),
            Self::Light => style.fg(light),
            Self::Mono => style,
        };
        match role {
            Role::Plain => plain,
            Role::Title | Role::Key | Role::Mine | Role::Marked => bold,
            Role::Quiet | Role::Others | Role::Pending | Role::Cleaned if self == Self::Mono => plain,
            Role::Quiet | Role::Others | Role::Pending | Role::Cleaned => dim,
            Role::Breach => coloured(bold, Color::LightRed, Color::Red),
            Role::Soon => coloured(plain, Color::Yellow, Color::Yellow),
            Role::Waiting => coloured(plain, Color::Cyan, Color::Blue),
            Role::Note if self == Self::Mono => plain.add_modifier(Modifier::UNDERLINED),
            Role::Note => coloured(plain, Color::Magenta, Color::Magenta),
            Role::Done => plain,
            Role::Cursor => plain.add_modifier(Modifier::REVERSED),
            Role::Field => plain.add_modifier(Modifier::UNDERLINED),
        }
    }
}
