//! Wire types of the staff API, shared by the service and the staff console.
//!
//! One file for each resource. Instants are Unix ms, texts are plain strings, codes are those of the
//! documents; a cursor is opaque. Requests refuse fields that they don't know.

pub mod act;
pub mod case;
pub mod desk;
pub mod inbox;
pub mod outbox;
pub mod report;

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
