//! Signing in and out.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::user::User;

/// What somebody signs in with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "with", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewSession {
    /// Password and the six digits of the authenticator.
    Password {
        /// Sign-in name.
        name: String,
        /// Password.
        password: String,
        /// Six digits.
        totp: String,
    },
    /// Password and one of the recovery codes, which is used up.
    RecoveryCode {
        /// Sign-in name.
        name: String,
        /// Password.
        password: String,
        /// The recovery code.
        recovery_code: String,
    },
    /// The code that `cabildo demo` prints: for 10 minutes, once, on the same machine.
    DemoCode {
        /// The code.
        code: String,
    },
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewSession(..)")
    }
}

/// A password that is chosen with a one-time set-up code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// Sign-in name.
    pub name: String,
    /// The set-up code that an administrator handed over.
    pub setup_code: String,
    /// The new password, 12 to 128 characters.
    pub password: String,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewPassword(..)")
    }
}

/// The second factor of an account; shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// The secret in base32, to be typed into an authenticator.
    pub totp_secret: String,
    /// The same as an `otpauth://` URL, to be shown as a QR code.
    pub otpauth_url: String,
    /// Ten codes that stand in for the authenticator once each.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SecondFactor(..)")
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Its id, which is no secret.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// When it began, Unix ms.
    pub created_at: i64,
    /// When it was last used, Unix ms, to the minute.
    pub seen_at: i64,
    /// When it ends at the latest, Unix ms.
    pub expires_at: i64,
    /// Whether it is the one of this call.
    pub current: bool,
}

/// Sessions that have not ended, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionPage {
    /// The sessions.
    pub items: Vec<Session>,
    /// What to give as `after` for the next page; absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// A sign-in that succeeded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// The token for `Authorization: Bearer`; given this once.
    pub token: String,
    /// The session.
    pub session: Session,
    /// Who signed in.
    pub user: User,
    /// Whether this account never signed in from this place before.
    pub new_place: bool,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SignedIn {{ session: {:?}, .. }}", self.session.id)
    }
}

/// Who is signed in, and what that allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub user: User,
    /// The session of this call.
    pub session: Session,
    /// Codes of what it may do somewhere.
    pub acts: Vec<String>,
    /// Recovery codes that are left.
    pub recovery_codes_left: u32,
}
