//! What the gate asks of broadcasts before a gateway is called for one of their messages, in the transaction that
//! lets it through: what was queued yesterday may not be wanted any more.

use std::collections::BTreeSet;

use uuid::Uuid;

/// A message of a broadcast at the gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtGate {
    pub(crate) message_id: Uuid,
    pub(crate) contact_id: Uuid,
    pub(crate) broadcast_id: Uuid,
}

/// What is known of them, by message.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    refused: BTreeSet<Uuid>,
    halted: BTreeSet<Uuid>,
}

impl Gate {
    /// Whether she stopped on another channel of hers, or does not want this news any more.
    pub(crate) fn refuses(&self, message_id: Uuid) -> bool {
        self.refused.contains(&message_id)
    }

    /// Whether its broadcast does not go out now.
    pub(crate) fn halts(&self, message_id: Uuid) -> bool {
        self.halted.contains(&message_id)
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    /// Of contacts, `$1` an array of ids in hexadecimal: those of a person who stopped on another one of hers.
    pub(super) const STOPPED_ELSEWHERE: Statement = Statement::fork(
        "SELECT DISTINCT k.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
         WHERE k.id IN (SELECT unhex(value) FROM json_each($1)) AND o.stopped_at IS NOT NULL",
        "SELECT DISTINCT k.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
         WHERE k.id IN (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it)) \
         AND o.stopped_at IS NOT NULL",
    );
    /// Of broadcasts, `$1` as above: those that go out, with whom they are for.
    pub(super) const GOING_OUT: Statement = Statement::fork(
        "SELECT id, draft FROM broadcasts WHERE id IN (SELECT unhex(value) FROM json_each($1)) \
         AND state = 'sending'",
        "SELECT id, draft FROM broadcasts WHERE id IN \
         (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it)) AND state = 'sending'",
    );
    macro_rules! wants {
        ($on_sqlite:literal, $on_postgres:literal) => {
            Statement::fork(
                concat!(
                    "SELECT r.outbox_id FROM json_each($1) AS j CROSS JOIN broadcast_recipients AS r \
                     ON r.contact_id = unhex(j.value ->> 1) AND r.broadcast_id = unhex(j.value ->> 2) \
                     AND r.outbox_id = unhex(j.value ->> 0) CROSS JOIN ",
                    $on_sqlite
                ),
                concat!(
                    "SELECT r.outbox_id FROM jsonb_array_elements($1::jsonb) AS e(j) \
                     JOIN broadcast_recipients AS r ON r.contact_id = (j ->> 1)::uuid \
                     AND r.broadcast_id = (j ->> 2)::uuid AND r.outbox_id = (j ->> 0)::uuid JOIN ",
                    $on_postgres,
                    " FOR SHARE OF s"
                ),
            )
        };
    }
    /// `$1` is an array of `[message, contact, broadcast, topic]`, ids in hexadecimal: those who still ask for this
    /// news. On `PostgreSQL` who leaves waits for the dispatch, or the dispatch for her.
    pub(super) const ASKING: Statement = wants!(
        "subscriptions AS s ON s.contact_id = r.source_id AND s.municipality = r.municipality \
         AND ((j.value ->> 3) = '' OR (s.kind = 'topic' AND s.topic = (j.value ->> 3)))",
        "subscriptions AS s ON s.contact_id = r.source_id AND s.municipality = r.municipality \
         AND ((j ->> 3) = '' OR (s.kind = 'topic' AND s.topic = (j ->> 3)))"
    );
    /// `$1` is an array of `[message, contact, broadcast, demand]` in hexadecimal: those who still support it and
    /// want news of it.
    pub(super) const SUPPORTING: Statement = wants!(
        "demand_supports AS s ON s.contact_id = r.source_id AND s.root_id = unhex(j.value ->> 3) AND NOT s.muted",
        "demand_supports AS s ON s.contact_id = r.source_id AND s.root_id = (j ->> 3)::uuid AND NOT s.muted"
    );
    pub(in crate::store) const ALL: &[Statement] = &[STOPPED_ELSEWHERE, GOING_OUT, ASKING, SUPPORTING];
}

per_engine! {
    use {
        use super::{AtGate, Gate, sql};
        use crate::domain::broadcast::Draft;
        use crate::store::Error;
        use crate::store::outbox::ids_json;
        use std::collections::{BTreeMap, BTreeSet};
        use uuid::Uuid;
    }

    /// Looks at messages whose contacts are locked already.
    pub(crate) async fn look(conn: &mut Conn, messages: &[AtGate]) -> Result<Gate, Error> {
        let mut gate = Gate::default();
        if messages.is_empty() {
            return Ok(gate);
        }
        let contacts = ids_json(messages.iter().map(|it| it.contact_id));
        let stopped: Vec<(Uuid,)> = sqlx::query_as(sql::STOPPED_ELSEWHERE.on(ENGINE))
            .bind(contacts)
            .fetch_all(&mut *conn)
            .await?;
        let stopped: BTreeSet<Uuid> = stopped.into_iter().map(|(id,)| id).collect();
        let ids: BTreeSet<Uuid> = messages.iter().map(|it| it.broadcast_id).collect();
        let going: Vec<(Uuid, String)> = sqlx::query_as(sql::GOING_OUT.on(ENGINE))
            .bind(ids_json(ids.into_iter()))
            .fetch_all(&mut *conn)
            .await?;
        // One that can't be read goes to nobody: the clock of broadcasts says that it stands still.
        let going: BTreeMap<Uuid, Draft> = going
            .into_iter()
            .filter_map(|(id, draft)| Some((id, serde_json::from_str(&draft).ok()?)))
            .collect();
        let hex = |it: Uuid| it.simple().to_string();
        let (mut askers, mut supporters) = (BTreeMap::new(), BTreeMap::new());
        for it in messages {
            if stopped.contains(&it.contact_id) {
                gate.refused.insert(it.message_id);
                continue;
            }
            let Some(draft) = going.get(&it.broadcast_id) else {
                gate.halted.insert(it.message_id);
                continue;
            };
            // Who got what is corrected gets the correction.
            if draft.correction_of.is_some() {
                continue;
            }
            let (of, what) = match draft.audience.demand {
                Some(demand_id) => (&mut supporters, hex(demand_id)),
                None => (&mut askers, draft.audience.topic.clone().unwrap_or_default()),
            };
            let row = serde_json::json!([hex(it.message_id), hex(it.contact_id), hex(it.broadcast_id), what]);
            of.insert(it.message_id, row);
        }
        for (statement, of) in [(sql::ASKING, askers), (sql::SUPPORTING, supporters)] {
            if of.is_empty() {
                continue;
            }
            let document = of.values().cloned().collect::<serde_json::Value>().to_string();
            let wanted: Vec<(Uuid,)> =
                sqlx::query_as(statement.on(ENGINE)).bind(document).fetch_all(&mut *conn).await?;
            let wanted: BTreeSet<Uuid> = wanted.into_iter().map(|(id,)| id).collect();
            gate.refused.extend(of.into_keys().filter(|id| !wanted.contains(id)));
        }
        Ok(gate)
    }
}
