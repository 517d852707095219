//! What a message to a contact is for: it decides who goes first, what a stop word ends and which
//! limits count.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Answers a message of the person.
    Reply,
    /// News of a case that the person opened or joined.
    News,
    /// Reminds of something that waits.
    Reminder,
    /// Asks a question of a survey or a scorecard.
    Survey,
    /// Goes to many.
    Broadcast,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Reply, Self::News, Self::Reminder, Self::Survey, Self::Broadcast];

    /// The stable code (`reply`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::News => "news",
            Self::Reminder => "reminder",
            Self::Survey => "survey",
            Self::Broadcast => "broadcast",
        }
    }

    /// The lane it is sent in: 0 before 1 before 2.
    pub fn lane(self) -> i64 {
        match self {
            Self::Reply => 0,
            Self::News => 1,
            Self::Reminder | Self::Survey | Self::Broadcast => 2,
        }
    }

    /// Whether the person did something that it answers; a stop word ends the others, quiet hours
    /// and the limits of what is not asked for hold for them.
    pub fn asked_for(self) -> bool {
        matches!(self, Self::Reply | Self::News)
    }
}

impl FromStr for Purpose {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|it| it.code() == text)
            .ok_or_else(|| format!("{text} is no purpose of a message"))
    }
}

#[cfg(test)]
mod tests {
    use super::Purpose;

    #[test]
    fn every_code_is_read_again() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.code().parse(), Ok(purpose));
            assert_eq!(serde_json::to_value(purpose).expect("a text"), purpose.code());
        }
        assert!("Reply".parse::<Purpose>().is_err());
    }
}
