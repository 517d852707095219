//! What staff work with beside the cases: what a municipality set up, drafts, feedback, texts that
//! were not understood, and messages that are held before they go.

pub mod acts;
pub mod case_work;
pub mod day;
pub mod drafts;
pub mod entries;
pub mod feedback;
pub mod held;
pub mod notices;
pub mod unknown;

/// Where a list of rows is cut: the municipalities that somebody may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// Everywhere.
    pub country: bool,
    /// Keys of states and municipalities: a municipality whose key begins with one is within.
    pub keys: Vec<String>,
}

impl Within {
    /// Everywhere.
    pub fn country() -> Self {
        Self { country: true, keys: Vec::new() }
    }

    /// One municipality.
    pub fn municipality(key: &str) -> Self {
        Self { country: false, keys: vec![key.to_owned()] }
    }

    /// Whether a municipality is within.
    pub fn holds(&self, municipality: &str) -> bool {
        self.country || self.keys.iter().any(|key| !key.is_empty() && municipality.starts_with(key.as_str()))
    }

    /// The keys as a JSON array, which both engines take apart; `None`: everywhere.
    pub(crate) fn json(&self) -> Option<String> {
        (!self.country).then(|| self.keys.iter().cloned().collect::<serde_json::Value>().to_string())
    }
}

/// Where a list goes on, and how many rows it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// After this row; `None`: from the beginning.
    pub after: Option<uuid::Uuid>,
    /// How many rows.
    pub limit: u32,
}
