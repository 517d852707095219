//! Suggestions, praise with words and stories: they go to a queue, and are shown only after somebody looked.

use super::intake::after_words;
use super::reply::CaseReply;
use super::{CaseEffect, FeedbackKind, Intake, IntakeKind, Words};
use crate::engine::Turn;
use crate::engine::keywords;

/// Words of a story, at least; fewer behind HISTORIA ask for the years of a figure.
const STORY: usize = 6;

impl Turn<'_> {
    /// "gracias por arreglar la fuga", or a story: kept for the queue. `false` where it is neither.
    pub(in crate::engine) fn told(&mut self, words: &[String]) -> bool {
        if self.case_facts().is_none() {
            return false;
        }
        let Some((keyword, count)) = keywords::leading(words) else { return false };
        let rest = &words[count..];
        let meaning = rest.iter().filter(|it| !keywords::filler(it)).count();
        let first = words[0].as_str();
        let kind = match keyword {
            keywords::Keyword::Thanks
                if meaning >= 1 && rest.len() >= 3 && matches!(rest[0].as_str(), "por" | "for") =>
            {
                IntakeKind::Praise
            }
            keywords::Keyword::Trend if matches!(first, "historia" | "history") && rest.len() >= STORY => {
                IntakeKind::Story
            }
            _ => return false,
        };
        let text = match kind {
            IntakeKind::Story => after_words(&self.inbound.text, count),
            _ => self.inbound.text.trim().to_owned(),
        };
        let mut intake = Intake::new(kind, self.inbound.at);
        intake.municipality = self.next.place(self.inbound.at).map(str::to_owned);
        intake.text = Some(Words(text.chars().take(1_000).collect()));
        self.next.intake = Some(Box::new(intake));
        self.go_on();
        true
    }

    pub(super) fn finish_feedback(&mut self, intake: Intake) {
        let kind = match intake.kind {
            IntakeKind::Praise => FeedbackKind::Praise,
            IntakeKind::Story => FeedbackKind::Story,
            _ => FeedbackKind::Suggestion,
        };
        self.case_reply(CaseReply::Feedback { kind });
        self.case_effect(CaseEffect::Feedback {
            kind,
            municipality: intake.municipality.unwrap_or_default(),
            text: intake.text.unwrap_or_default(),
        });
    }
}
