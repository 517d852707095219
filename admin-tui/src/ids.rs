//! The only maker of ids: keys under which a write happens once.

use uuid::Uuid;

/// A fresh idempotency key.
pub fn key() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "this is where the console's ids are made")]
    Uuid::now_v7()
}
