//! Pages of the list: what is asked for, and what the rows that come make of those that are there. The rows are the
//! list from its begin on, or, behind the key for the last row, its end.

use std::collections::HashSet;

use cabildo_staff_api::case::CaseQuery;
use uuid::Uuid;

use super::State;
use crate::api::Ask;
use crate::data::CasePage;
use crate::shared::{Owner, Shared};

/// Why a page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It is the list, with the cursor on the case where it stands.
    List,
    /// It is another list, with the cursor on its first row.
    Anew,
    /// The feed told of changes.
    Changes,
    /// More of it.
    More,
    /// Its end.
    End,
    /// What is before the part from its end.
    Above,
}

impl State {
    pub(super) fn ask(&mut self, shared: &mut Shared, why: Why, after: Option<String>) {
        let mut query = CaseQuery { after, ..self.query() };
        if matches!(why, Why::End | Why::Above) || (why == Why::Changes && self.from_end) {
            query.sort = Some("oldest".to_owned());
        }
        self.page = Some((shared.ask(Owner::Screen, Ask::Cases(Box::new(query))), why));
        self.fetched_at = shared.now;
        if matches!(why, Why::List | Why::Anew | Why::End) {
            self.asked_at = Some(shared.now);
        }
        if !matches!(why, Why::More | Why::Above) {
            (self.dirty, self.near) = (false, false);
        }
    }

    /// Another key was pressed since: where one wanted to go is no longer where one wants to.
    pub(super) fn wants_no_more(&mut self, why: Why) {
        if self.page.is_some_and(|it| it.1 == why) {
            (self.page, self.asked_at) = (None, None);
            // What the feed told meanwhile was to come with it.
            self.dirty = true;
        }
    }

    pub(super) fn take(&mut self, shared: &mut Shared, why: Why, page: CasePage) {
        let mut ids: Vec<Uuid> = page.rows.iter().map(|it| it.id).collect();
        shared.learn(page.rows);
        self.total = page.total;
        self.loaded = true;
        match why {
            Why::End => {
                ids.reverse();
                self.above = self.total.count.saturating_sub(ids.len() as u64);
                (self.ids, self.before, self.next) = (ids, page.next, None);
                self.from_end = true;
                self.fresh = 0;
                self.gone.clear();
                self.at = self.ids.len().saturating_sub(1);
                shared.changed_at = shared.now;
                self.moved(shared);
            }
            Why::Above => {
                self.before = page.next;
                ids.reverse();
                let known: HashSet<Uuid> = self.ids.iter().copied().collect();
                ids.retain(|it| !known.contains(it));
                let count = ids.len();
                ids.append(&mut self.ids);
                self.ids = ids;
                self.at += count;
                self.top += count;
                self.above = self.above.saturating_sub(count as u64);
            }
            Why::Changes if self.from_end => {
                // The service may have less behind the last row that it gave than is shown here.
                let listed: HashSet<Uuid> = ids.iter().copied().collect();
                let seen = if page.next.is_none() { self.ids.len() } else { ids.len() };
                let end = self.ids.iter().rev().take(seen).filter(|it| !listed.contains(it));
                self.gone = end.copied().filter(|it| !shared.acts.runs_on(*it)).collect();
                self.settle(self.target());
                self.above = self.total.count.saturating_sub(self.ids.len() as u64);
            }
            Why::List | Why::Anew => {
                let stands = self.sought.take().or_else(|| self.target()).filter(|_| why == Why::List);
                (self.from_end, self.before, self.above) = (false, None, 0);
                self.ids = ids;
                self.next = page.next;
                self.fresh = 0;
                self.gone.clear();
                let found = stands.and_then(|it| self.ids.iter().position(|id| *id == it));
                self.at = found.unwrap_or(0).min(self.ids.len().saturating_sub(1));
                shared.changed_at = shared.now;
                self.moved(shared);
            }
            Why::More => {
                self.next = page.next;
                let known: HashSet<Uuid> = self.ids.iter().copied().collect();
                self.ids.extend(ids.into_iter().filter(|it| !known.contains(it)));
            }
            Why::Changes if self.ids.is_empty() => {
                self.ids = ids;
                self.next = page.next;
                self.moved(shared);
            }
            Why::Changes => {
                let known: HashSet<Uuid> = self.ids.iter().copied().collect();
                let listed: HashSet<Uuid> = ids.iter().copied().collect();
                self.fresh = ids.iter().filter(|it| !known.contains(it)).count();
                // How far down the page tells who is gone.
                let seen = if page.next.is_none() { self.ids.len() } else { ids.len() - self.fresh };
                let gone = self.ids.iter().take(seen).filter(|it| !listed.contains(it));
                self.gone = gone.copied().filter(|it| !shared.acts.runs_on(*it)).collect();
                // What is away from the cursor goes at once.
                self.settle(self.target());
            }
        }
    }

    /// Drops rows that left the view, but for one; the cursor stays on its row and that on its line.
    pub(super) fn settle(&mut self, but: Option<Uuid>) {
        if self.gone.is_empty() {
            return;
        }
        let leaves = |id: &Uuid| self.gone.contains(id) && Some(*id) != but;
        let above = self.ids.iter().take(self.at).filter(|it| leaves(it)).count();
        let ids = self.ids.iter().copied().filter(|it| !leaves(it)).collect();
        self.ids = ids;
        self.at = (self.at - above).min(self.ids.len().saturating_sub(1));
        self.top = self.top.saturating_sub(above);
        self.gone.retain(|it| Some(*it) == but);
    }
}
