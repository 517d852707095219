//! Accounts of people who work with the console, their sessions, and what bounds guessing.

mod accounts;
mod answers;
mod sessions;
mod sign_in;

pub use accounts::{Account, AccountChange, AccountState, NewAccount, SetUp, set_up_until};
pub use answers::{Answer, Attempt, Write};
pub use sessions::{ABSOLUTE, IDLE, NewSession, Session, Signed};
pub use sign_in::{Blocked, Credentials, Factor, Lock, SignIn, Source};

pub(super) mod on_sqlite {
    pub(crate) use super::accounts::sqlite as staff;
    pub(crate) use super::answers::sqlite as answers;
    pub(crate) use super::sessions::sqlite as sessions;
    pub(crate) use super::sign_in::sqlite as sign_in;
}

pub(super) mod on_postgres {
    pub(crate) use super::accounts::postgres as staff;
    pub(crate) use super::answers::postgres as answers;
    pub(crate) use super::sessions::postgres as sessions;
    pub(crate) use super::sign_in::postgres as sign_in;
}

/// The statements of this folder.
pub(super) mod sql {
    pub(in crate::store) use super::accounts::sql as accounts;
    pub(in crate::store) use super::answers::sql as answers;
    pub(in crate::store) use super::sessions::sql as sessions;
    pub(in crate::store) use super::sign_in::sql as sign_in;
}
