//! What was spent, by name and day: it counts with the commit that spends it, so that a kill forgets
//! nothing.

use super::outbox::{Caps, Spent};
use super::{Error, Store, events};

/// Name of the budget of all messages.
pub const MONEY: &str = "money";
/// Name of the budget of what nobody asked for.
pub const UNASKED: &str = "unasked";

/// Name of a campaign's budget.
pub(crate) fn campaign(id: &str) -> String {
    format!("campaign:{id}")
}

/// Whether four fifths of a cap (`false`) or all of it (`true`) were passed between two amounts.
/// `wanted`: what did not fit any more, so the cap is at its end.
pub(crate) fn passed(before: i64, after: i64, cap: i64) -> Option<bool> {
    if cap == 0 {
        return None;
    }
    let warn = cap - cap / 5;
    if before < cap && after >= cap {
        Some(true)
    } else if before < warn && after >= warn {
        Some(false)
    } else {
        None
    }
}

/// The event of a budget that came to its end.
pub(crate) fn event(spent: &Spent, now: i64) -> events::New {
    let kind = if spent.all { "budget_spent" } else { "budget_low" };
    events::New { kind, at: now, ..events::New::default() }
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// Adds, and holds the row until the end of the transaction; nothing is added by 0.
    pub(crate) const ADD: Statement = Statement::both(
        "INSERT INTO budgets (name, day, used) VALUES ($1, $2, $3) \
         ON CONFLICT (name, day) DO UPDATE SET used = budgets.used + excluded.used RETURNING used",
    );
    pub(crate) const USED: Statement =
        Statement::both("SELECT used FROM budgets WHERE name = $1 AND day = $2");
    pub(in crate::store) const ALL: &[Statement] = &[ADD, USED];
}

per_engine! {
    use {
        use super::{MONEY, UNASKED, campaign, passed, sql};
        use crate::store::Error;
        use crate::store::outbox::{Caps, Spent};
        use std::collections::BTreeMap;
    }

    /// The budgets of one transaction: read and held at the first use, written at the end.
    pub(crate) struct Purse {
        caps: Caps,
        /// By name: what was used before, what this transaction adds, the cap, whether it refused.
        held: BTreeMap<String, (i64, i64, i64, bool)>,
    }

    impl Purse {
        /// An untouched purse.
        pub(crate) fn new(caps: Caps) -> Self {
            Self { caps, held: BTreeMap::new() }
        }

        /// A campaign's budget runs over all days.
        fn day(&self, name: &str) -> i64 {
            if name.starts_with("campaign:") { 0 } else { self.caps.day }
        }

        /// Takes the price of one message out of every budget that it counts for; `false` (and nothing
        /// taken) where one of them has too little left.
        pub(crate) async fn take(
            &mut self,
            conn: &mut Conn,
            price: i64,
            asked: bool,
            of_campaign: Option<&str>,
            _now: i64,
        ) -> Result<bool, Error> {
            if price == 0 {
                return Ok(true);
            }
            let mut names = vec![(MONEY.to_owned(), self.caps.money)];
            if !asked {
                names.push((UNASKED.to_owned(), self.caps.unasked_money));
            }
            if let Some(id) = of_campaign {
                names.push((campaign(id), self.caps.campaign_money));
            }
            // Budgets are locked in one order: by name.
            names.sort();
            for (name, cap) in &names {
                if !self.held.contains_key(name) {
                    let (used,) = sqlx::query_as(sql::ADD.on(ENGINE))
                        .bind(name)
                        .bind(self.day(name))
                        .bind(0_i64)
                        .fetch_one(&mut *conn)
                        .await?;
                    self.held.insert(name.clone(), (used, 0, *cap, false));
                }
            }
            let short = names.iter().find(|(name, _)| {
                self.held.get(name).is_some_and(|(used, adds, cap, _)| *cap > 0 && used + adds + price > *cap)
            });
            if let Some((name, _)) = short {
                if let Some(held) = self.held.get_mut(name) {
                    held.3 = true;
                }
                return Ok(false);
            }
            for (name, _) in &names {
                if let Some(held) = self.held.get_mut(name) {
                    held.1 += price;
                }
            }
            Ok(true)
        }

        /// Writes what was taken; gives the budgets that came to their end by it.
        pub(crate) async fn close(self, conn: &mut Conn, _now: i64) -> Result<Vec<Spent>, Error> {
            let mut spent = Vec::new();
            for (name, (used, adds, cap, refused)) in &self.held {
                // What refused is at its end even if some small change is left; the rest of it is
                // written off, so that this is told once.
                let adds = if *refused && used + adds < *cap { cap - used } else { *adds };
                if adds > 0 {
                    sqlx::query(sql::ADD.on(ENGINE))
                        .bind(name)
                        .bind(self.day(name))
                        .bind(adds)
                        .execute(&mut *conn)
                        .await?;
                }
                if let Some(all) = passed(*used, used + adds, *cap) {
                    spent.push(Spent { name: name.clone(), used: used + adds, cap: *cap, all });
                }
            }
            Ok(spent)
        }
    }

    /// Adds to a budget; gives what is used of it.
    pub(crate) async fn add(conn: &mut Conn, name: String, day: i64, amount: i64) -> Result<i64, Error> {
        let (used,) =
            sqlx::query_as(sql::ADD.on(ENGINE)).bind(name).bind(day).bind(amount).fetch_one(conn).await?;
        Ok(used)
    }

    /// What is used of a budget.
    pub(crate) async fn used(conn: &mut Conn, name: String, day: i64) -> Result<i64, Error> {
        let found: Option<(i64,)> =
            sqlx::query_as(sql::USED.on(ENGINE)).bind(name).bind(day).fetch_optional(conn).await?;
        Ok(found.map_or(0, |(used,)| used))
    }
}

impl Store {
    /// What is used of a budget on a day (0 for a campaign's), in thousandths of the currency's unit.
    pub async fn used_budget(&self, name: &str, day: i64) -> Result<i64, Error> {
        let name = name.to_owned();
        on_pool!(self, conn => at::budgets::used(conn, name, day))
    }

    /// Adds to a budget; gives what is used of it. For answers that are written without a gateway call.
    pub async fn add_budget(&self, name: &str, day: i64, amount: i64) -> Result<i64, Error> {
        let name = name.to_owned();
        in_write_tx!(self, conn => at::budgets::add(conn, name, day, amount))
    }
}

impl Caps {
    /// Which end of the day's money an amount passes that was added outside of a dispatch.
    pub fn passed_money(&self, before: i64, after: i64) -> Option<bool> {
        passed(before, after, self.money)
    }
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn a_budget_warns_once_and_ends_once() {
        let steps = [0, 79, 80, 90, 99, 100, 150];
        let told: Vec<_> = steps.windows(2).map(|it| passed(it[0], it[1], 100)).collect();
        assert_eq!(told, [None, Some(false), None, None, Some(true), None]);
        assert_eq!(passed(0, 200, 100), Some(true));
        assert_eq!(passed(0, 200, 0), None);
    }
}
