//! Forms that come back, so that what was typed is not lost: refused ones, those of which nobody knows whether they
//! arrived, and those over which somebody else was first.

use uuid::Uuid;

use crate::api::{Answer, Failure};
use crate::demand_acts::{Meant, Purpose};
use crate::ids;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::{broadcast_acts, highlight_acts};

/// A form as it was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What for.
    pub purpose: Purpose,
    /// Its lines.
    pub lines: Vec<SafeText>,
    /// The key under which it happens once.
    pub key: Uuid,
}

impl Filled {
    /// Handed in for the first time.
    pub fn new(purpose: Purpose, lines: Vec<SafeText>) -> Self {
        Self { purpose, lines, key: ids::key() }
    }
}

/// A form that comes back.
#[derive(Debug)]
pub struct Back {
    /// As it was filled in.
    pub filled: Filled,
    /// Why.
    pub why: SafeText,
    /// What is there now, for each line that says something else; nothing where nobody else was first.
    pub there: Vec<Option<SafeText>>,
}

impl Meant {
    /// The same under the key of the form that came back, where nothing in it changed: it may have arrived after all.
    #[must_use]
    pub fn after(mut self, before: Option<&Filled>) -> Self {
        if let (Self::Decide(decided) | Self::Check(_, decided), Some(before)) = (&mut self, before)
            && let Some(filled) = &mut decided.filled
            && filled.purpose == before.purpose
            && filled.lines == before.lines
        {
            filled.key = before.key;
        }
        self
    }
}

/// Brings a form back that was refused; gives it where nothing has to be read before. Where somebody else was first,
/// what is there now is read: the lines are handed in over that.
pub fn bring_back(shared: &mut Shared, mut filled: Box<Filled>, failure: &Failure) -> Option<Back> {
    if !failure.unreachable() {
        // What was refused has not happened.
        filled.key = ids::key();
    }
    let subject = match &filled.purpose {
        Purpose::Highlight(it) => it.subject(),
        Purpose::Broadcast(it) => it.subject(),
        _ => None,
    };
    match subject.filter(|_| failure.code == "version_conflict") {
        Some(ask) => {
            shared.ask(Owner::Refused(filled), ask);
            None
        }
        None => Some(Back { filled: *filled, why: shared.explain(failure), there: Vec::new() }),
    }
}

/// Takes what was read for a form that comes back; `changed` says that somebody else was first.
pub fn brought_back(
    shared: &Shared,
    mut filled: Filled,
    answer: Result<Answer, Failure>,
    changed: SafeText,
) -> Back {
    let now = match answer {
        Ok(now) => now,
        Err(failure) => return Back { filled, why: shared.explain(&failure), there: Vec::new() },
    };
    match &mut filled.purpose {
        Purpose::Highlight(it) => it.renew(now),
        Purpose::Broadcast(it) => it.renew(now),
        _ => {}
    }
    let there = there(shared, &filled);
    Back { filled, why: changed, there }
}

/// What is there for each line that says something else, where lines are handed in over something at all.
fn there(shared: &Shared, filled: &Filled) -> Vec<Option<SafeText>> {
    let known = match &filled.purpose {
        Purpose::Highlight(it @ highlight_acts::Purpose::Edit(..)) => it.known(),
        Purpose::Broadcast(
            it @ (broadcast_acts::Purpose::Edit(..) | broadcast_acts::Purpose::Audience(_)),
        ) => it.known(shared),
        _ => Vec::new(),
    };
    let lines = filled.lines.iter().zip(known);
    // A line is typed without the marks that the screen puts into a text.
    lines.map(|(line, it)| (it.unmarked().one_line() != *line).then_some(it)).collect()
}
