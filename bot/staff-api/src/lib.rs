//! Wire types of the staff API, shared by the service and the staff console.
//!
//! One file for each resource; the crate depends on no other member. Instants are Unix ms, ids UUIDs,
//! codes stable words of `snake_case`; a cursor is opaque. Requests about cases, demands and the desk refuse fields
//! that they don't know. With the feature `openapi` every type describes itself for the API's OpenAPI
//! document.

pub mod act;
pub mod broadcast;
pub mod case;
pub mod commitment;
pub mod demand;
pub mod demand_act;
pub mod desk;
pub mod highlight;
pub mod inbox;
pub mod leader;
pub mod notice;
pub mod outbox;
pub mod privacy;
pub mod report;

mod audit;
mod event;
mod page;
mod problem;
mod session;
mod user;

pub use audit::{AuditCheck, AuditEntry, AuditHead, AuditPage, AuditProblem};
pub use event::Event;
pub use page::Done;
pub use problem::Problem;
pub use session::{Me, NewPassword, NewSession, SecondFactor, Session, SessionPage, SignedIn};
pub use user::{
    Assignment, GrantChange, LockPage, NewUser, Role, RoleInfo, RoleList, SetUpCode, SignInLock, User,
    UserChange, UserPage, UserState,
};

/// `Debug` that shows the type and nothing of its content: texts of people never get into a log.
macro_rules! quiet {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(concat!(stringify!($name), " { .. }"))
            }
        }
    )+};
}
pub(crate) use quiet;
