//! Supports: given, taken back and counted, each person once in each total.
//!
//! A person is a holder: the contact, or what joined several of them. Of all supports of one holder in one
//! total the best is counted, and the table holds no second one (`demand_supports_once`). The totals in the
//! row of the demand are changed in the transaction that changes what is counted.

use uuid::Uuid;

use super::row::Row;
use crate::domain::demand::SupportKind;

/// A support, without what leads to a number.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Given {
    pub(crate) id: Uuid,
    pub(crate) demand_id: Uuid,
    pub(crate) root_id: Uuid,
    pub(crate) kind: String,
    pub(crate) flags: i64,
    pub(crate) new_sender: bool,
    pub(crate) counted: Option<String>,
    pub(crate) muted: bool,
    pub(crate) noticed: i64,
    pub(crate) municipality: Option<String>,
    pub(crate) signed_at: i64,
}

/// What is known of a contact that signs.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Signer {
    pub(crate) person_id: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) address_value: Vec<u8>,
    pub(crate) key_version: i64,
    pub(crate) checked: bool,
}

/// As what a support of this kind, with these flags, is counted, and its rank: of one person the least is.
pub(super) fn class(kind: &str, flags: i64) -> (&'static str, i64) {
    match (kind == SupportKind::Verified.code(), flags) {
        (true, _) => ("verified", 0),
        (false, 0) => ("phone", 1),
        (false, _) => ("flagged", 2),
    }
}

/// Changes the totals of a demand by a support that is counted as `class`, or no more.
pub(super) fn tally(row: &mut Row, class: &str, new_sender: bool, by: i64) {
    match class {
        "verified" => row.verified += by,
        "phone" => row.phone += by,
        _ => row.flagged += by,
    }
    if new_sender {
        row.new_senders += by;
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;
    use crate::store::privacy::sql::hers;

    pub(super) const SIGNER: Statement = Statement::both(
        "SELECT k.person_id, k.created_at, k.address_value, k.key_version, (EXISTS (SELECT 1 \
         FROM verified_contacts AS v WHERE v.contact_id = k.id) OR EXISTS (SELECT 1 FROM contacts AS o \
         JOIN verified_contacts AS v ON v.contact_id = o.id WHERE o.person_id = k.person_id)) AS checked \
         FROM contacts AS k WHERE k.id = $1 AND k.key_version > 0",
    );
    macro_rules! given {
        ($where:literal) => {
            concat!(
                "SELECT id, demand_id, root_id, kind, flags, new_sender, counted, muted, noticed, municipality, \
                 signed_at \
                 FROM demand_supports WHERE ",
                $where
            )
        };
    }
    /// The best first; of equals the one of the total's own demand, then the first.
    pub(super) const OF_HOLDER: Statement = Statement::both(given!(
        "root_id = $1 AND holder_id = $2 \
         ORDER BY rank, CASE WHEN demand_id = root_id THEN 0 ELSE 1 END, id"
    ));
    pub(super) const OF_CONTACT: Statement =
        Statement::both(given!("contact_id = $1 ORDER BY root_id, demand_id"));
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO demand_supports (id, demand_id, root_id, contact_id, holder_id, relay_id, kind, flags, \
         new_sender, rank, noticed, municipality, range_a, range_b, signed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
         (SELECT COALESCE(MAX(number), 0) FROM demand_notices), $11, $12, $13, $14)",
    );
    pub(super) const SET_FLAGS: Statement =
        Statement::both("UPDATE demand_supports SET flags = $2, rank = $3 WHERE id = $1");
    pub(super) const SET_COUNTED: Statement =
        Statement::both("UPDATE demand_supports SET counted = $2 WHERE id = $1");
    pub(super) const SET_NEWS: Statement =
        Statement::both("UPDATE demand_supports SET muted = $2, noticed = $3 WHERE id = $1");
    /// What a code brought to its own number stays.
    pub(super) const UNVERIFY: Statement = Statement::both(
        "UPDATE demand_supports SET kind = 'phone', rank = CASE WHEN flags <> 0 THEN 2 ELSE 1 END \
         WHERE contact_id = $1 AND root_id = $2 AND kind = 'verified' AND relay_id IS NULL",
    );
    pub(super) const REMOVE: Statement =
        Statement::both("DELETE FROM demand_supports WHERE root_id = $1 AND holder_id = $2");
    pub(super) const MUTE: Statement =
        Statement::both("UPDATE demand_supports SET muted = $3 WHERE root_id = $1 AND holder_id = $2");
    /// News to a person that waits, of one demand.
    pub(super) const CANCEL_NEWS: Statement = Statement::both(concat!(
        "UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = $3 WHERE way = 'push' \
         AND state IN ('queued', 'claimed') AND purpose = 'broadcast' AND campaign = $2 AND contact_id IN (",
        hers!("$1"),
        ")"
    ));
    pub(super) const TREE: Statement =
        Statement::both("SELECT id FROM demands WHERE id = $1 OR merged_into = $1 ORDER BY id");
    /// The first notice to supporters of a total that is on its way, of those after one number, up to another.
    pub(super) const UNDER_WAY: Statement = Statement::both(
        "SELECT n.number, n.at FROM demand_notices AS n JOIN demands AS d ON d.id = n.demand_id \
         WHERE n.done_at IS NULL AND n.scope IN ('own', 'tree') AND n.number > $2 AND n.number <= $3 \
         AND (d.id = $1 OR d.merged_into = $1) ORDER BY n.number LIMIT 1",
    );
    pub(super) const LATELY: Statement = Statement::both(
        "SELECT COUNT(*) FROM (SELECT 1 FROM demand_supports WHERE demand_id = $1 AND signed_at > $2 LIMIT $3) \
         AS n",
    );
    pub(super) const HOUR: Statement = Statement::both(
        "SELECT COUNT(*), COUNT(CASE WHEN new_sender THEN 1 END) FROM (SELECT new_sender FROM demand_supports \
         WHERE demand_id = $1 AND signed_at > $2 ORDER BY signed_at DESC LIMIT $3) AS n",
    );
    macro_rules! in_range {
        ($what:literal, $range:literal, $rest:literal) => {
            concat!(
                $what,
                " demand_supports WHERE demand_id = $1 AND ",
                $range,
                " = $2 AND new_sender AND signed_at > $3",
                $rest
            )
        };
    }
    pub(super) const RANGE_A: Statement = Statement::both(in_range!("SELECT COUNT(*) FROM", "range_a", ""));
    pub(super) const RANGE_B: Statement = Statement::both(in_range!("SELECT COUNT(*) FROM", "range_b", ""));
    macro_rules! flag_range {
        ($range:literal) => {
            concat!(
                "UPDATE demand_supports SET flags = flags | 2, rank = CASE kind WHEN 'verified' THEN 0 ELSE 2 END \
                 WHERE demand_id = $1 AND ",
                $range,
                " = $2 AND new_sender AND signed_at > $3 AND (flags & 2) = 0 AND NOT cleared \
                 RETURNING root_id, holder_id"
            )
        };
    }
    pub(super) const FLAG_A: Statement = Statement::both(flag_range!("range_a"));
    pub(super) const FLAG_B: Statement = Statement::both(flag_range!("range_b"));
    pub(super) const DAY: Statement = Statement::both(
        "INSERT INTO demand_days (demand_id, day, signed, withdrawn) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (demand_id, day) DO UPDATE SET signed = demand_days.signed + excluded.signed, \
         withdrawn = demand_days.withdrawn + excluded.withdrawn",
    );
    pub(super) const REGION: Statement = Statement::both(
        "INSERT INTO demand_regions (demand_id, municipality, supports) VALUES ($1, $2, $3) \
         ON CONFLICT (demand_id, municipality) DO UPDATE SET supports = demand_regions.supports + excluded.supports",
    );
    pub(super) const UNCOUNT: Statement = Statement::both(
        "UPDATE demand_supports SET counted = NULL WHERE root_id = $1 AND counted IS NOT NULL",
    );
    /// All of one holder know the same of news.
    pub(super) const LEVEL: Statement = Statement::fork(
        "UPDATE demand_supports AS s SET noticed = m.noticed, muted = m.muted FROM (SELECT holder_id, \
         MAX(noticed) AS noticed, MAX(muted) AS muted FROM demand_supports WHERE root_id = $1 \
         GROUP BY holder_id HAVING COUNT(*) > 1) AS m WHERE s.root_id = $1 AND s.holder_id = m.holder_id",
        "UPDATE demand_supports AS s SET noticed = m.noticed, muted = m.muted FROM (SELECT holder_id, \
         MAX(noticed) AS noticed, BOOL_OR(muted) AS muted FROM demand_supports WHERE root_id = $1 \
         GROUP BY holder_id HAVING COUNT(*) > 1) AS m WHERE s.root_id = $1 AND s.holder_id = m.holder_id",
    );
    pub(super) const CHOOSE: Statement = Statement::both(
        "UPDATE demand_supports AS s SET counted = CASE WHEN s.kind = 'verified' THEN 'verified' \
         WHEN s.flags <> 0 THEN 'flagged' ELSE 'phone' END WHERE s.root_id = $1 AND NOT EXISTS (SELECT 1 \
         FROM demand_supports AS o WHERE o.root_id = $1 AND o.holder_id = s.holder_id \
         AND (o.rank, CASE WHEN o.demand_id = o.root_id THEN 0 ELSE 1 END, o.id) \
         < (s.rank, CASE WHEN s.demand_id = s.root_id THEN 0 ELSE 1 END, s.id))",
    );
    pub(super) const TOTALS: Statement = Statement::both(
        "SELECT COUNT(CASE WHEN counted = 'phone' THEN 1 END), COUNT(CASE WHEN counted = 'flagged' THEN 1 END), \
         COUNT(CASE WHEN counted = 'verified' THEN 1 END), COUNT(CASE WHEN new_sender THEN 1 END) \
         FROM demand_supports WHERE root_id = $1 AND counted IS NOT NULL",
    );
    pub(super) const PAPER: Statement = Statement::both(
        "SELECT CAST(COALESCE(SUM(a.heads), 0) AS BIGINT) FROM demand_actas AS a \
         JOIN demands AS d ON d.id = a.demand_id \
         WHERE (d.id = $1 OR d.merged_into = $1) AND a.voided_at IS NULL",
    );
    pub(super) const FORGET_REGIONS: Statement =
        Statement::both("DELETE FROM demand_regions WHERE demand_id = $1");
    pub(super) const REGIONS: Statement = Statement::both(
        "INSERT INTO demand_regions (demand_id, municipality, supports) SELECT root_id, municipality, COUNT(*) \
         FROM demand_supports WHERE root_id = $1 AND counted IS NOT NULL AND municipality IS NOT NULL \
         GROUP BY root_id, municipality",
    );
    /// Flags that nothing but these rules gave.
    pub(super) const CLEAR: Statement = Statement::both(
        "UPDATE demand_supports SET flags = 0, cleared = $3, rank = CASE kind WHEN 'verified' THEN 0 ELSE 1 END \
         WHERE root_id = $1 AND flags <> 0 AND (flags & $2) = flags",
    );
    /// What serves no rule any more once nothing is collected.
    pub(super) const FORGET_RANGES: Statement = Statement::both(
        "UPDATE demand_supports SET range_a = NULL, range_b = NULL WHERE root_id = $1 AND range_a IS NOT NULL",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        SIGNER,
        OF_HOLDER,
        OF_CONTACT,
        ADD,
        SET_FLAGS,
        SET_COUNTED,
        SET_NEWS,
        UNVERIFY,
        REMOVE,
        MUTE,
        CANCEL_NEWS,
        TREE,
        UNDER_WAY,
        LATELY,
        HOUR,
        RANGE_A,
        RANGE_B,
        FLAG_A,
        FLAG_B,
        DAY,
        REGION,
        UNCOUNT,
        LEVEL,
        CHOOSE,
        TOTALS,
        PAPER,
        FORGET_REGIONS,
        REGIONS,
        CLEAR,
        FORGET_RANGES,
    ];
}

/// Somebody who signs.
#[derive(Clone, Copy)]
pub(crate) struct Signing<'a> {
    pub(crate) contact_id: Uuid,
    /// Key of her municipality.
    pub(crate) home: Option<&'a str>,
    /// Who writes for her.
    pub(crate) relay_id: Option<Uuid>,
}

per_engine! {
    with at;
    use {
        use super::super::row::{Kept, Row};
        use super::{Given, Signer, Signing, class, sql, tally};
        use crate::domain::demand::flags::{self, Window};
        use crate::domain::demand::rules::{Mover, may_follow};
        use crate::domain::demand::{DemandState, SupportKind};
        use crate::domain::time::{DAY, UnixMillis};
        use crate::ids;
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// What is known of a contact that signs.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was erased.
    pub(crate) async fn signer(conn: &mut Conn, contact_id: Uuid) -> Result<Signer, Error> {
        let found = sqlx::query_as(sql::SIGNER.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        found.ok_or(Error::NotFound)
    }

    /// The person of a contact, or the contact where it belongs to none.
    pub(crate) async fn holder(conn: &mut Conn, contact_id: Uuid) -> Result<Uuid, Error> {
        Ok(signer(conn, contact_id).await?.person_id.unwrap_or(contact_id))
    }

    /// Gives a support to a demand in whose total `root` it is; `false` where the person's is there already.
    /// The totals are changed in `root`, which the caller saves.
    pub(crate) async fn sign(
        conn: &mut Conn,
        store: &Store,
        demand_id: Uuid,
        root: &mut Row,
        it: Signing<'_>,
        now: i64,
    ) -> Result<bool, Error> {
        let signer = signer(conn, it.contact_id).await?;
        let holder = signer.person_id.unwrap_or(it.contact_id);
        let there = of_holder(conn, root.id, holder).await?;
        if there.iter().any(|given| given.demand_id == demand_id) {
            return Ok(false);
        }
        let new_sender = now - signer.created_at < flags::NEW_FOR;
        let verified = signer.checked || it.relay_id.is_some();
        let kind = if verified { SupportKind::Verified } else { SupportKind::Phone };
        let address = store.keys().open(it.contact_id, &signer.address_value, signer.key_version)?;
        let ranges = match flags::ranges(&address) {
            Some([one, two]) => [
                Some(store.keys().code_hash(&format!("demand range {one}"))?),
                Some(store.keys().code_hash(&format!("demand range {two}"))?),
            ],
            None => [None, None],
        };
        let id = ids::new_id(UnixMillis(now));
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(id)
            .bind(demand_id)
            .bind(root.id)
            .bind(it.contact_id)
            .bind(holder)
            .bind(it.relay_id)
            .bind(kind.code())
            .bind(0_i64)
            .bind(new_sender)
            .bind(class(kind.code(), 0).1)
            .bind(it.home)
            .bind(&ranges[0])
            .bind(&ranges[1])
            .bind(now)
            .execute(&mut *conn)
            .await?;
        if new_sender && !verified {
            look(conn, (id, demand_id), root, &ranges, now).await?;
        }
        settle(conn, root, holder).await?;
        day(conn, demand_id, now, 1, 0).await?;
        Ok(true)
    }

    /// Flags a support of a new sender by what came with it, and those in a row with its number.
    async fn look(
        conn: &mut Conn,
        (id, demand_id): (Uuid, Uuid),
        root: &mut Row,
        ranges: &[Option<Vec<u8>>; 2],
        now: i64,
    ) -> Result<(), Error> {
        let mut window = Window::default();
        let lately: (i64,) = sqlx::query_as(sql::LATELY.on(ENGINE))
            .bind(demand_id)
            .bind(now - flags::VELOCITY_WITHIN)
            .bind(i64::from(flags::VELOCITY) + 1)
            .fetch_one(&mut *conn)
            .await?;
        window.lately = u32::try_from(lately.0).unwrap_or(u32::MAX);
        // In an hour with so many there are ten minutes with a tenth of them, or this one is not among them.
        if window.lately * 10 >= flags::NEW_MANY {
            let hour: (i64, i64) = sqlx::query_as(sql::HOUR.on(ENGINE))
                .bind(demand_id)
                .bind(now - flags::NEW_WITHIN)
                .bind(i64::from(flags::NEW_MANY))
                .fetch_one(&mut *conn)
                .await?;
            window.hour = u32::try_from(hour.0).unwrap_or(u32::MAX);
            window.hour_new = u32::try_from(hour.1).unwrap_or(u32::MAX);
        }
        let since = now - flags::RANGE_WITHIN;
        let statements = [(sql::RANGE_A, sql::FLAG_A), (sql::RANGE_B, sql::FLAG_B)];
        for ((counted, flagged), range) in statements.into_iter().zip(ranges) {
            let Some(range) = range else { continue };
            let query = sqlx::query_as(counted.on(ENGINE)).bind(demand_id).bind(range).bind(since);
            let (there,): (i64,) = query.fetch_one(&mut *conn).await?;
            let there = u32::try_from(there).unwrap_or(u32::MAX);
            window.in_range = window.in_range.max(there);
            if there < flags::RANGE_FULL {
                continue;
            }
            // Those that came before the row could be seen.
            let query = sqlx::query_as(flagged.on(ENGINE)).bind(demand_id).bind(range).bind(since);
            let changed: Vec<(Uuid, Uuid)> = query.fetch_all(&mut *conn).await?;
            for (root_id, holder) in changed {
                if root_id == root.id {
                    settle(conn, root, holder).await?;
                }
            }
        }
        let flags = flags::flags(window, true);
        if flags.any() {
            sqlx::query(sql::SET_FLAGS.on(ENGINE))
                .bind(id)
                .bind(flags.bits())
                .bind(class(SupportKind::Phone.code(), flags.bits()).1)
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// All supports of a person in a total, the best first.
    pub(crate) async fn of_holder(conn: &mut Conn, root_id: Uuid, holder: Uuid) -> Result<Vec<Given>, Error> {
        let query = sqlx::query_as(sql::OF_HOLDER.on(ENGINE)).bind(root_id).bind(holder);
        Ok(query.fetch_all(conn).await?)
    }

    /// All supports of a contact.
    pub(crate) async fn of_contact(conn: &mut Conn, contact_id: Uuid) -> Result<Vec<Given>, Error> {
        Ok(sqlx::query_as(sql::OF_CONTACT.on(ENGINE)).bind(contact_id).fetch_all(conn).await?)
    }

    /// Counts the best support of a person in a total, and no other.
    pub(crate) async fn settle(conn: &mut Conn, root: &mut Row, holder: Uuid) -> Result<(), Error> {
        let all = of_holder(&mut *conn, root.id, holder).await?;
        let right = all.first().map(|best| (best.id, class(&best.kind, best.flags).0));
        for given in &all {
            let Some(counted) = given.counted.as_deref() else { continue };
            if right == Some((given.id, counted)) {
                continue;
            }
            set_counted(conn, given.id, None).await?;
            tally(root, counted, given.new_sender, -1);
            region(conn, root.id, given.municipality.as_deref(), -1).await?;
        }
        if let (Some((id, class)), Some(best)) = (right, all.first())
            && best.counted.as_deref() != Some(class)
        {
            set_counted(conn, id, Some(class)).await?;
            tally(root, class, best.new_sender, 1);
            region(conn, root.id, best.municipality.as_deref(), 1).await?;
        }
        if all.len() > 1 {
            let muted = all.iter().any(|it| it.muted);
            let noticed = level(&mut *conn, root.id, &all).await?;
            for given in all.iter().filter(|it| (it.muted, it.noticed) != (muted, noticed)) {
                let query = sqlx::query(sql::SET_NEWS.on(ENGINE)).bind(given.id).bind(muted);
                query.bind(noticed).execute(&mut *conn).await?;
            }
        }
        Ok(())
    }

    /// The last notice that a person with several supports in a total got. One that is on its way may have come to
    /// none of them: who signed after it was written was none of its readers.
    async fn level(conn: &mut Conn, root_id: Uuid, all: &[Given]) -> Result<i64, Error> {
        let least = all.iter().map(|it| it.noticed).min().unwrap_or(0);
        let most = all.iter().map(|it| it.noticed).max().unwrap_or(0);
        if least == most {
            return Ok(most);
        }
        let query = sqlx::query_as(sql::UNDER_WAY.on(ENGINE)).bind(root_id).bind(least).bind(most);
        let found: Option<(i64, i64)> = query.fetch_optional(conn).await?;
        let Some((number, at)) = found else { return Ok(most) };
        let came = all.iter().any(|it| it.noticed >= number && it.signed_at <= at);
        Ok(if came { most } else { number - 1 })
    }

    /// A support is counted no more; the caller settles its holder.
    pub(crate) async fn uncount(conn: &mut Conn, root: &mut Row, given: &Given) -> Result<(), Error> {
        if let Some(counted) = given.counted.as_deref() {
            set_counted(&mut *conn, given.id, None).await?;
            tally(root, counted, given.new_sender, -1);
            region(conn, root.id, given.municipality.as_deref(), -1).await?;
        }
        Ok(())
    }

    async fn set_counted(conn: &mut Conn, id: Uuid, class: Option<&str>) -> Result<(), Error> {
        sqlx::query(sql::SET_COUNTED.on(ENGINE)).bind(id).bind(class).execute(conn).await?;
        Ok(())
    }

    async fn region(conn: &mut Conn, root: Uuid, place: Option<&str>, by: i64) -> Result<(), Error> {
        if let Some(place) = place {
            sqlx::query(sql::REGION.on(ENGINE)).bind(root).bind(place).bind(by).execute(conn).await?;
        }
        Ok(())
    }

    async fn day(conn: &mut Conn, demand_id: Uuid, now: i64, signed: i64, back: i64) -> Result<(), Error> {
        sqlx::query(sql::DAY.on(ENGINE))
            .bind(demand_id)
            .bind(now.div_euclid(DAY))
            .bind(signed)
            .bind(back)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Takes a person's support back, under whichever code it was given: no row of it stays. `false` where
    /// there was none.
    pub(crate) async fn retire(conn: &mut Conn, root: &mut Row, holder: Uuid, now: i64) -> Result<bool, Error> {
        let all = of_holder(&mut *conn, root.id, holder).await?;
        for given in &all {
            if let Some(counted) = given.counted.as_deref() {
                tally(root, counted, given.new_sender, -1);
                region(conn, root.id, given.municipality.as_deref(), -1).await?;
            }
            day(conn, given.demand_id, now, 0, 1).await?;
        }
        sqlx::query(sql::REMOVE.on(ENGINE)).bind(root.id).bind(holder).execute(conn).await?;
        Ok(!all.is_empty())
    }

    /// News of a total that waits for a contact's person goes to nobody.
    pub(crate) async fn cancel_news(conn: &mut Conn, root_id: Uuid, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let tree: Vec<(Uuid,)> = sqlx::query_as(sql::TREE.on(ENGINE)).bind(root_id).fetch_all(&mut *conn).await?;
        for (id,) in tree {
            cancel(&mut *conn, contact_id, &super::super::notices::campaign(id), now).await?;
        }
        Ok(())
    }

    /// What waits for a contact's person of a campaign goes to nobody.
    pub(crate) async fn cancel(conn: &mut Conn, contact_id: Uuid, campaign: &str, now: i64) -> Result<(), Error> {
        sqlx::query(sql::CANCEL_NEWS.on(ENGINE)).bind(contact_id).bind(campaign).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Whether a person gets news of a total.
    pub(crate) async fn mute(conn: &mut Conn, root_id: Uuid, holder: Uuid, muted: bool) -> Result<(), Error> {
        sqlx::query(sql::MUTE.on(ENGINE)).bind(root_id).bind(holder).bind(muted).execute(conn).await?;
        Ok(())
    }

    /// Nothing checks a contact any more: what it supports, and may take back still, is looked at as if it had
    /// signed without that.
    pub(crate) async fn unverify(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let holder = holder(&mut *conn, contact_id).await?;
        for given in of_contact(&mut *conn, contact_id).await? {
            let before = at::demand_rows::load(&mut *conn, given.root_id).await?;
            if given.kind != SupportKind::Verified.code() || before.state().over() || before.answered_at.is_some() {
                continue;
            }
            let query = sqlx::query(sql::UNVERIFY.on(ENGINE)).bind(contact_id).bind(given.root_id);
            query.execute(&mut *conn).await?;
            let mut after = before.clone();
            if given.new_sender {
                look(&mut *conn, (given.id, given.demand_id), &mut after, &[None, None], now).await?;
            }
            settle(&mut *conn, &mut after, holder).await?;
            finish(&mut *conn, &before, after, now).await?;
        }
        Ok(())
    }

    /// Saves totals that changed; where they are enough now, the demand moves on.
    pub(crate) async fn finish(
        conn: &mut Conn,
        before: &Row,
        after: Row,
        now: i64,
    ) -> Result<(Row, Option<events::New>), Error> {
        if before.support() != after.support() {
            at::demand_rows::save_totals(&mut *conn, before, &after, now).await?;
        }
        let enough = after.support().total() >= super::super::row::count(after.threshold);
        let may = may_follow(after.state(), DemandState::Reached, Mover::People);
        if !(enough && may && after.state() == DemandState::Collecting) {
            return Ok((after, None));
        }
        let mut reached = after.clone();
        reached.set_state(DemandState::Reached);
        reached.reached_at = Some(now);
        reached.next_at = Some(now);
        let kept = Kept {
            kind: "demand_reached",
            was: Some(after.state.clone()),
            became: Some(reached.state.clone()),
            ..Kept::default()
        };
        let (saved, event) = at::demand_rows::save(&mut *conn, &after, reached, kept, now).await?;
        Ok((saved, Some(event)))
    }

    /// Chooses anew, for everybody in a total, what is counted, and counts it: after what moves many.
    pub(crate) async fn recount(conn: &mut Conn, root: &mut Row) -> Result<(), Error> {
        for statement in [sql::UNCOUNT, sql::LEVEL, sql::CHOOSE, sql::FORGET_REGIONS, sql::REGIONS] {
            sqlx::query(statement.on(ENGINE)).bind(root.id).execute(&mut *conn).await?;
        }
        (root.phone, root.flagged, root.verified, root.new_senders) = totals(conn, root.id).await?;
        paper(conn, root).await
    }

    /// What is counted in a total: by phone, flagged, verified, of new senders.
    pub(crate) async fn totals(conn: &mut Conn, root_id: Uuid) -> Result<(i64, i64, i64, i64), Error> {
        Ok(sqlx::query_as(sql::TOTALS.on(ENGINE)).bind(root_id).fetch_one(conn).await?)
    }

    /// Heads on paper, of a demand and of those that went on in it.
    pub(crate) async fn paper(conn: &mut Conn, root: &mut Row) -> Result<(), Error> {
        let (heads,): (i64,) = sqlx::query_as(sql::PAPER.on(ENGINE)).bind(root.id).fetch_one(conn).await?;
        root.paper = heads;
        Ok(())
    }

    /// Clears the flags that nothing but these rules gave.
    pub(crate) async fn clear(conn: &mut Conn, root: &mut Row, bits: i64) -> Result<(), Error> {
        sqlx::query(sql::CLEAR.on(ENGINE)).bind(root.id).bind(bits).bind(true).execute(&mut *conn).await?;
        recount(conn, root).await
    }

    /// Forgets what only the rules of flags needed.
    pub(crate) async fn forget_ranges(conn: &mut Conn, root_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::FORGET_RANGES.on(ENGINE)).bind(root_id).execute(conn).await?;
        Ok(())
    }
}
