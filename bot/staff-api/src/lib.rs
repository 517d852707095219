//! Wire types of the staff API, shared by the service and the staff console.
//!
//! One file for each resource; the crate depends on no other member. Instants are Unix ms, ids UUIDs,
//! codes stable words of `snake_case`. With the feature `openapi` every type describes itself for the
//! API's OpenAPI document.

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
