//! What a message leads to beside the batch: joinings of contacts, cases, demands, cards and a person's rights, in one
//! transaction with its conversation and replies. Such messages are few, so the hot path knows nothing of
//! them.

per_engine! {
    with at;
    use {
        use crate::store::batch::{Fate, Op};
        use crate::store::inbox::Change;
        use crate::store::{Error, Store, events};
    }

    /// Writes what a message leads to, together with what it joins, opens or changes.
    ///
    /// # Errors
    /// Those of the batch and of the `apply` of each change.
    pub(crate) async fn run(conn: &mut Conn, store: Store, op: Op) -> Result<Fate, Error> {
        let fate = at::batch::run_one(conn, &op).await?;
        let Some((inbox_id, contact_id, outcome)) = op.consequence().filter(|_| fate == Fate::Done) else {
            return Ok(fate);
        };
        let now = outcome.at.0;
        let mut happened = Vec::new();
        for change in &outcome.changes {
            match change {
                Change::Link(change) => {
                    let (kind, more) = at::links::apply(conn, &store, contact_id, change, now).await?;
                    happened.extend(more);
                    happened.push(events::New {
                        kind,
                        contact_id: Some(contact_id),
                        inbox_id: Some(inbox_id),
                        at: now,
                        ..events::New::default()
                    });
                }
                Change::Case(change) => happened
                    .extend(at::citizens::apply(conn, &store, inbox_id, contact_id, change, now).await?),
                Change::Demand(change) => {
                    let applied = at::demand_changes::apply(conn, &store, inbox_id, contact_id, change, now);
                    happened.extend(Box::pin(applied).await?);
                }
                Change::Highlight(change) => {
                    at::highlight_people::apply(conn, contact_id, change, now).await?;
                }
                Change::Privacy(change) => {
                    happened.push(at::privacy::apply(conn, &store, inbox_id, contact_id, change, now).await?);
                }
                _ => {}
            }
        }
        at::events::add(conn, &happened).await?;
        Ok(fate)
    }
}
