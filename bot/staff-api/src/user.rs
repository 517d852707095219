//! Accounts, roles and grants.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides what of the feedback is shown.
    Moderator,
    /// Works on cases.
    Caseworker,
    /// Writes what is published or sent.
    Editor,
    /// Approves what an editor wrote.
    Approver,
    /// Reads the audit trail.
    Auditor,
    /// Reads figures and the cases of the own office.
    Analyst,
    /// Looks after accounts and settings.
    Administrator,
}

/// A role in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// Where it holds: `country`, `state:12` or `municipality:12066`.
    pub scope: String,
}

/// What an account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Has no password yet.
    Invited,
    /// Can sign in.
    Active,
    /// Can't sign in.
    Disabled,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Its id.
    pub id: Uuid,
    /// Sign-in name, lower case.
    pub name: String,
    /// The name that colleagues see.
    pub shown_name: String,
    /// What it is at.
    pub state: UserState,
    /// Code of its office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Its roles.
    pub roles: Vec<Assignment>,
    /// Codes of its grants (`restricted`).
    pub grants: Vec<String>,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// Last sign-in, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in_at: Option<i64>,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// Counts the changes; a write names the version that it follows.
    pub version: i64,
}

/// Accounts by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPage {
    /// The accounts.
    pub items: Vec<User>,
    /// What to give as `after` for the next page; absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Sign-in name: 2 to 64 letters, digits, dots, dashes, underscores.
    pub name: String,
    /// The name that colleagues see, up to 80 characters.
    pub shown_name: String,
    /// Its roles.
    pub roles: Vec<Assignment>,
    /// Code of its office.
    #[serde(default)]
    pub office: Option<String>,
}

/// A change of an account: what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The version that this follows.
    pub version: i64,
    /// The name that colleagues see.
    #[serde(default)]
    pub shown_name: Option<String>,
    /// All its roles.
    #[serde(default)]
    pub roles: Option<Vec<Assignment>>,
    /// Code of its office; an empty text takes it away.
    #[serde(default)]
    pub office: Option<String>,
    /// `active` or `disabled`; its sessions end with `disabled`.
    #[serde(default)]
    pub state: Option<UserState>,
}

/// Grants of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantChange {
    /// The version that this follows.
    pub version: i64,
    /// All its grants from now on.
    pub grants: Vec<String>,
    /// Why, 3 to 200 characters; kept in the audit trail as a length only.
    pub reason: String,
}

/// A one-time code by which somebody chooses a password; shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetUpCode {
    /// The account.
    pub user: User,
    /// The code.
    pub setup_code: String,
    /// Until when it can be used, Unix ms.
    pub expires_at: i64,
}

impl std::fmt::Debug for SetUpCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SetUpCode {{ user: {:?}, .. }}", self.user.id)
    }
}

/// A role and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleInfo {
    /// The role.
    pub role: Role,
    /// Codes of what it may do within its scope.
    pub acts: Vec<String>,
}

/// All roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleList {
    /// The roles.
    pub items: Vec<RoleInfo>,
    /// Codes of all grants.
    pub grants: Vec<String>,
}

/// An account or a place that must not try to sign in for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInLock {
    /// What names it in a call; says nothing about who it is.
    pub id: String,
    /// `account` or `source`.
    pub kind: String,
    /// The account, where it is one that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// Failed sign-ins in a row.
    pub failures: i64,
    /// Until when, Unix ms; absent: until it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<i64>,
}

/// What is blocked now, 200 at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockPage {
    /// The locks, those with the most failures first.
    pub items: Vec<SignInLock>,
}
