//! A broadcast in words: what staff wrote, with the way out behind it.

use super::{Rendered, Setting, Words, staff_text};

/// A broadcast as it is read on a channel; `None` where an SMS would take more than three segments, which the one
/// who writes must hear of. A test says that it is one.
pub fn broadcast(text: &str, test: bool, setting: Setting<'_>) -> Option<Rendered> {
    let words = Words::new(setting);
    let text = text.trim();
    let id = if test { "broadcast-test" } else { "broadcast" };
    if text.is_empty() {
        return None;
    }
    staff_text(&words.text(id, &[("text", text)]), None, setting)
}

/// The beginning of the correction of a broadcast.
pub fn broadcast_correction(text: &str, setting: Setting<'_>) -> String {
    Words::new(setting).text("broadcast-correction", &[("text", text)])
}
