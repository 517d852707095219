//! Enums that are stored as text.

/// Makes `code()`, `ALL`, `FromStr` and `Display` of an enum whose variants are stored as text.
macro_rules! codes {
    ($name:ident, $what:literal, { $($variant:ident => $code:literal),+ $(,)? }) => {
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|it| it.code() == text)
                    .ok_or_else(|| format!(concat!("{} is no ", $what), text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.code())
            }
        }
    };
}
pub(crate) use codes;
