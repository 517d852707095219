//! The statements of a batch: for `SQLite` steps that are sent as one text, for `PostgreSQL` one
//! statement of common table expressions.
//!
//! Kind of an operation: 0 accept, 1 answer, 2 handle. Both give a row for each operation that was *not*
//! done: its number, the first delivery where it is a repeat, and why: 0 repeat, 1 done before, 2 the
//! fence is old, 3 conflict.

/// What a writer's connection needs besides the schema.
pub const SQLITE_SETUP: &str = "\
CREATE TEMP TABLE IF NOT EXISTS batch (item INTEGER NOT NULL PRIMARY KEY, op INTEGER NOT NULL, id BLOB NOT NULL, \
known INTEGER NOT NULL, channel_id TEXT, address_key BLOB, address_value BLOB, key_version INTEGER, \
channel_kind TEXT, external_id TEXT, origin TEXT, text TEXT, latitude REAL, longitude REAL, payload TEXT, \
pressed TEXT, provider_at INTEGER, received_at INTEGER, state TEXT, version INTEGER, at INTEGER, wish INTEGER, \
noticed INTEGER, unknown INTEGER, answers_hour INTEGER, answers_in_hour INTEGER, answers_day INTEGER, \
answers_in_day INTEGER, folded_into BLOB, contact_id BLOB NOT NULL, first BLOB, status INTEGER NOT NULL, \
ok INTEGER NOT NULL, refusal_key BLOB)";

/// The steps, in order; a transaction stands around them. `$1` operations (`[number, kind, ...]`), `$2`
/// replies, `$3` events, `$4` notes of writing, `$5` charges: arrays of arrays as `encode.rs` writes them.
pub const SQLITE_STEPS: &[&str] = &[
    "DELETE FROM temp.batch",
    // Parsed once, and looked up once: what is known of each message and its contact. `jsonb_each`,
    // since `json_each` writes each row as text again, which each `->>` would have to read.
    "INSERT INTO temp.batch SELECT v.item, v.op, v.id, v.known OR k.id IS NOT NULL, v.channel_id, v.address_key, \
     v.address_value, v.key_version, v.channel_kind, v.external_id, v.origin, v.text, v.latitude, v.longitude, \
     v.payload, v.pressed, v.provider_at, v.received_at, v.state, v.version, v.at, v.wish, v.noticed, v.unknown, \
     v.answers_hour, v.answers_in_hour, v.answers_day, v.answers_in_day, v.folded_into, \
     COALESCE(k.id, v.contact_id), i.id, \
     CASE WHEN v.op < 2 AND i.id IS NOT NULL THEN 0 \
     WHEN v.op = 2 AND h.state IS NOT 'received' THEN 1 \
     WHEN v.op = 2 AND v.fence <> h.fence THEN 2 ELSE 3 END, \
     CASE v.op WHEN 0 THEN i.id IS NULL \
     WHEN 1 THEN i.id IS NULL AND (v.known OR k.id IS NULL) \
     AND (v.folded_into IS NOT NULL OR COALESCE(c.version, 0) = v.version) \
     ELSE h.state IS 'received' AND (v.fence IS NULL OR v.fence = h.fence) \
     AND (v.folded_into IS NOT NULL OR COALESCE(c.version, 0) = v.version) \
     AND NOT EXISTS (SELECT 1 FROM inbox AS e WHERE e.contact_id = v.contact_id AND e.state = 'received' \
     AND e.id < v.id) END, v.refusal_key \
     FROM (SELECT value->>0 AS item, value->>1 AS op, unhex(value->>2) AS id, unhex(value->>3) AS contact_id, \
     value->>4 AS known, value->>5 AS channel_id, unhex(value->>6) AS address_key, \
     unhex(value->>7) AS address_value, value->>8 AS key_version, value->>9 AS channel_kind, \
     value->>10 AS external_id, value->>11 AS origin, value->>12 AS text, value->>13 AS latitude, \
     value->>14 AS longitude, value->>15 AS payload, value->>16 AS pressed, value->>17 AS provider_at, \
     value->>18 AS received_at, value->>19 AS fence, value->>20 AS state, value->>21 AS version, \
     value->>22 AS at, value->>23 AS wish, value->>24 AS noticed, value->>25 AS unknown, \
     value->>26 AS answers_hour, value->>27 AS answers_in_hour, value->>28 AS answers_day, \
     value->>29 AS answers_in_day, unhex(value->>30) AS folded_into, \
     unhex(value->>31) AS refusal_key FROM jsonb_each($1) LIMIT 100000) AS v \
     LEFT JOIN inbox AS i ON v.op < 2 AND i.channel_id = v.channel_id AND i.external_id = v.external_id \
     LEFT JOIN inbox AS h ON v.op = 2 AND h.id = v.id \
     LEFT JOIN contacts AS k ON v.known = 0 AND k.channel_id = v.channel_id AND k.address_key = v.address_key \
     LEFT JOIN conversations AS c ON c.contact_id = v.contact_id",
    "INSERT INTO contacts (id, channel_id, address_key, address_value, key_version, created_at, last_message_at, \
     stopped_at, noticed_version, answers_hour, answers_in_hour, answers_day, answers_in_day) \
     SELECT contact_id, channel_id, address_key, address_value, key_version, received_at, received_at, \
     CASE wish WHEN 1 THEN at WHEN 2 THEN NULL ELSE (SELECT e.stopped_at FROM erasures AS e \
     WHERE e.channel_id = b.channel_id AND e.refusal_key IN (b.refusal_key, b.address_key) \
     ORDER BY e.erased_at DESC LIMIT 1) END, \
     noticed, COALESCE(answers_hour, 0), COALESCE(answers_in_hour, 0), \
     COALESCE(answers_day, 0), COALESCE(answers_in_day, 0) FROM temp.batch AS b WHERE ok = 1 AND known = 0",
    // Who was erased and comes back has refused still what she refused before. The contact that she was stays
    // gone, whatever another process remembers of it. At most one operation of a contact has an outcome in a batch.
    "UPDATE contacts SET last_message_at = MAX(last_message_at, COALESCE(b.received_at, 0)), \
     gone_at = CASE WHEN b.received_at IS NULL OR key_version = 0 THEN gone_at END, \
     stopped_at = CASE b.wish WHEN 1 THEN COALESCE(stopped_at, b.at) WHEN 2 THEN NULL ELSE stopped_at END, \
     noticed_version = COALESCE(b.noticed, noticed_version), \
     answers_hour = COALESCE(b.answers_hour, contacts.answers_hour), \
     answers_in_hour = COALESCE(b.answers_in_hour, contacts.answers_in_hour), \
     answers_day = COALESCE(b.answers_day, contacts.answers_day), \
     answers_in_day = COALESCE(b.answers_in_day, contacts.answers_in_day) \
     FROM (SELECT contact_id, MAX(received_at) AS received_at, MAX(at) AS at, MAX(wish) AS wish, \
     MAX(noticed) AS noticed, MAX(answers_hour) AS answers_hour, MAX(answers_in_hour) AS answers_in_hour, \
     MAX(answers_day) AS answers_day, MAX(answers_in_day) AS answers_in_day FROM temp.batch \
     WHERE ok = 1 AND known = 1 AND (op < 2 OR wish IS NOT NULL OR noticed IS NOT NULL \
     OR answers_hour IS NOT NULL) GROUP BY contact_id) AS b WHERE contacts.id = b.contact_id",
    "INSERT INTO conversations (contact_id, state, version, updated_at) \
     SELECT contact_id, state, version + 1, at FROM temp.batch WHERE ok = 1 AND state IS NOT NULL \
     ON CONFLICT (contact_id) DO UPDATE SET state = excluded.state, version = excluded.version, \
     updated_at = excluded.updated_at",
    "INSERT INTO inbox (id, channel_id, channel_kind, external_id, external_id_origin, contact_id, text, latitude, \
     longitude, payload, pressed, provider_at, received_at, state, tries, handled_at, folded_into) \
     SELECT id, channel_id, channel_kind, external_id, origin, contact_id, text, latitude, longitude, payload, \
     pressed, provider_at, received_at, CASE op WHEN 0 THEN 'received' ELSE 'handled' END, 0, at, folded_into \
     FROM temp.batch WHERE ok = 1 AND op < 2",
    "UPDATE inbox SET state = 'handled', handled_at = b.at, lease_until = NULL, folded_into = b.folded_into \
     FROM temp.batch AS b WHERE b.ok = 1 AND b.op = 2 AND inbox.id = b.id",
    // A person who stops gets nothing more that was not asked for, also of what waits already.
    "UPDATE outbox SET state = 'cancelled', lease_until = NULL, \
     updated_at = (SELECT MAX(at) FROM temp.batch WHERE ok = 1 AND wish = 1) \
     WHERE contact_id IN (SELECT contact_id FROM temp.batch WHERE ok = 1 AND wish = 1) \
     AND way = 'push' AND state IN ('queued', 'claimed', 'dispatched') AND state IN ('queued', 'claimed') \
     AND purpose IN ('reminder', 'survey', 'broadcast')",
    "INSERT INTO outbox (id, inbox_id, contact_id, ordinal, way, kind, body, choices, municipality, edit, state, \
     attempt, not_before, lease_until, created_at, updated_at, purpose, lane, segments, channel_id) \
     SELECT unhex(value->>1), b.id, b.contact_id, value->>2, CASE b.op WHEN 1 THEN 'answer' ELSE 'push' END, \
     value->>3, value->>4, value->>5, value->>6, value->>7, \
     CASE b.op WHEN 1 THEN 'dispatched' ELSE 'queued' END, CASE b.op WHEN 1 THEN 1 ELSE 0 END, b.at, \
     CASE b.op WHEN 1 THEN b.at + 60000 END, b.at, b.at, 'reply', 0, value->>8, \
     COALESCE(b.channel_id, (SELECT channel_id FROM contacts WHERE contacts.id = b.contact_id)) \
     FROM jsonb_each($2) CROSS JOIN temp.batch AS b WHERE b.item = value->>0 AND b.ok = 1",
    "INSERT INTO unknown_texts (inbox_id, created_at) SELECT id, at FROM temp.batch WHERE ok = 1 AND unknown = 1 \
     ON CONFLICT (inbox_id) DO NOTHING",
    "INSERT INTO folds (inbox_id, contact_id, messages, began_at, last_at) \
     SELECT folded_into, contact_id, 1, at, at FROM temp.batch WHERE ok = 1 AND folded_into IS NOT NULL \
     ON CONFLICT (inbox_id) DO UPDATE SET messages = messages + 1, last_at = MAX(last_at, excluded.last_at)",
    // The key of the feed counts by itself: the next one, without a gap.
    "INSERT INTO events (kind, contact_id, inbox_id, created_at) \
     SELECT value->>1, b.contact_id, b.id, b.at FROM jsonb_each($3) CROSS JOIN temp.batch AS b \
     WHERE b.item = value->>0 AND b.ok = 1",
    "UPDATE outbox SET state = CASE w.written WHEN 1 THEN 'accepted' ELSE 'queued' END, \
     way = CASE w.written WHEN 1 THEN 'answer' ELSE 'push' END, \
     not_before = CASE w.written WHEN 1 THEN not_before ELSE w.at END, lease_until = NULL, updated_at = w.at \
     FROM (SELECT unhex(value->>0) AS id, value->>1 AS written, value->>2 AS at FROM jsonb_each($4) \
     LIMIT 100000) AS w \
     WHERE outbox.id = w.id AND way = 'answer' AND state IN ('dispatched', 'unknown')",
    "INSERT INTO budgets (name, day, used) SELECT 'money', value->>1, SUM(value->>2) \
     FROM jsonb_each($5) CROSS JOIN temp.batch AS b WHERE b.item = value->>0 AND b.ok = 1 GROUP BY value->>1 \
     ON CONFLICT (name, day) DO UPDATE SET used = budgets.used + excluded.used",
    "SELECT item, first, status FROM temp.batch WHERE ok = 0",
];

/// The same on `PostgreSQL`, from arrays of columns as `arrays.rs` has them: `$1` to `$31` operations,
/// `$32` to `$40` replies, `$41` and `$42` events, `$43` to `$45` notes of writing, `$46` to `$48` what
/// the day's money is charged; `$49` belongs to the operations. Replies, events and charges name the place of their operation, from 1.
///
/// Each part sees the tables as they were before. Where another process wrote in between, a unique key
/// or the last part's division by zero fails the whole: nothing is kept, and the batch is run again.
///
/// The statement is planned once for a connection ([`POSTGRES_SETTINGS`]), when nobody knows how big the
/// tables will be, so each row is looked up by its index: `LATERAL` with a `LIMIT` can't become a hash of a
/// whole table. The last part asks for the parts in the order in which they shall run: the row of
/// `cursors` named `events` is locked from `counted` to the commit, so numbers are without gaps and in the
/// order of commits, and other writers wait for that short end only.
pub const POSTGRES: &str = "\
WITH looked AS MATERIALIZED (SELECT v.place, v.item, v.op, v.id, (v.known OR k.id IS NOT NULL) AS known, \
v.channel_id, v.address_key, v.address_value, v.key_version, v.channel_kind, v.external_id, v.origin, \
v.text, v.latitude, v.longitude, v.payload, v.pressed, v.provider_at, v.received_at, v.fence, v.state, \
v.version, v.at, v.wish, v.noticed, v.unknown, v.answers_hour, v.answers_in_hour, v.answers_day, \
v.answers_in_day, v.folded_into, v.refusal_key, COALESCE(k.id, v.contact_id) AS contact_id, i.id AS first, \
CASE WHEN v.op < 2 AND i.id IS NOT NULL THEN 0 WHEN v.op = 2 AND h.state IS DISTINCT FROM 'received' THEN 1 \
WHEN v.op = 2 AND v.fence <> h.fence THEN 2 ELSE 3 END::bigint AS status, \
CASE v.op WHEN 0 THEN i.id IS NULL \
WHEN 1 THEN i.id IS NULL AND (v.known OR k.id IS NULL) AND (v.folded_into IS NOT NULL OR COALESCE(c.version, \
0) = v.version) \
ELSE h.state IS NOT DISTINCT FROM 'received' AND (v.fence IS NULL OR v.fence = h.fence) AND (v.folded_into \
IS NOT NULL OR COALESCE(c.version, 0) = v.version) \
AND NOT EXISTS (SELECT 1 FROM inbox AS e WHERE e.contact_id = v.contact_id AND e.state = 'received' AND e.id \
< v.id) END AS ok \
FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::uuid[], $5::boolean[], $6::text[], $7::bytea[], \
$8::bytea[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::double precision[], \
$15::double precision[], $16::text[], $17::text[], $18::bigint[], $19::bigint[], $20::bigint[], $21::text[], \
$22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::boolean[], $27::bigint[], $28::bigint[], \
$29::bigint[], $30::bigint[], $31::uuid[], $49::bytea[]) WITH ORDINALITY \
AS v(item, op, id, contact_id, known, channel_id, address_key, address_value, key_version, channel_kind, \
external_id, origin, text, latitude, longitude, payload, pressed, provider_at, received_at, fence, state, \
version, at, wish, noticed, unknown, answers_hour, answers_in_hour, answers_day, answers_in_day, \
folded_into, refusal_key, place) \
LEFT JOIN LATERAL (SELECT id FROM inbox WHERE v.op < 2 AND channel_id = v.channel_id AND external_id = \
v.external_id LIMIT 1) AS i ON TRUE \
LEFT JOIN LATERAL (SELECT state, fence FROM inbox WHERE v.op = 2 AND id = v.id LIMIT 1) AS h ON TRUE \
LEFT JOIN LATERAL (SELECT id FROM contacts WHERE NOT v.known AND channel_id = v.channel_id AND address_key = \
v.address_key LIMIT 1) AS k ON TRUE \
LEFT JOIN LATERAL (SELECT version FROM conversations WHERE v.op > 0 AND contact_id = v.contact_id LIMIT 1) \
AS c ON TRUE), \
oks AS MATERIALIZED (SELECT array_agg(ok ORDER BY place) AS list FROM looked), \
touched AS MATERIALIZED (SELECT contact_id, MAX(received_at) AS received_at, MAX(at) AS at, MAX(wish) AS \
wish, MAX(noticed) AS noticed, MAX(answers_hour) AS answers_hour, MAX(answers_in_hour) AS answers_in_hour, \
MAX(answers_day) AS answers_day, MAX(answers_in_day) AS answers_in_day FROM looked \
WHERE ok AND known AND (op < 2 OR wish IS NOT NULL OR noticed IS NOT NULL OR answers_hour IS NOT NULL) GROUP \
BY contact_id ORDER BY contact_id), \
handled AS (UPDATE inbox SET state = 'handled', handled_at = b.at, lease_until = NULL, folded_into = \
b.folded_into FROM looked AS b WHERE b.ok AND b.op = 2 AND inbox.id = b.id AND inbox.state IS NOT DISTINCT \
FROM 'received' AND (b.fence IS NULL OR inbox.fence = b.fence) RETURNING 1), \
talks AS (UPDATE conversations SET state = b.state, version = b.version + 1, updated_at = b.at \
FROM (SELECT contact_id, state, version, at FROM looked WHERE ok AND state IS NOT NULL AND version > 0 ORDER \
BY contact_id) AS b \
WHERE conversations.contact_id = b.contact_id AND conversations.version = b.version RETURNING 1), \
people AS (INSERT INTO contacts (id, channel_id, address_key, address_value, key_version, created_at, \
last_message_at, stopped_at, noticed_version, answers_hour, answers_in_hour, answers_day, answers_in_day) \
SELECT contact_id, channel_id, address_key, address_value, key_version, received_at, received_at, CASE wish \
WHEN 1 THEN at WHEN 2 THEN NULL ELSE (SELECT e.stopped_at FROM erasures AS e WHERE e.channel_id = \
looked.channel_id AND e.refusal_key IN (looked.refusal_key, looked.address_key) ORDER BY e.erased_at DESC \
LIMIT 1) END, noticed, COALESCE(answers_hour, 0), COALESCE(answers_in_hour, 0), COALESCE(answers_day, \
0), COALESCE(answers_in_day, 0) FROM looked WHERE ok AND NOT known ORDER BY channel_id, address_key \
RETURNING 1), \
wishes AS (UPDATE contacts SET last_message_at = GREATEST(contacts.last_message_at, COALESCE(g.received_at, \
0)), gone_at = CASE WHEN g.received_at IS NULL OR contacts.key_version = 0 THEN contacts.gone_at \
END, \
stopped_at = CASE g.wish WHEN 1 THEN COALESCE(contacts.stopped_at, g.at) WHEN 2 THEN NULL ELSE \
contacts.stopped_at END, \
noticed_version = COALESCE(g.noticed, contacts.noticed_version), answers_hour = COALESCE(g.answers_hour, \
contacts.answers_hour), answers_in_hour = COALESCE(g.answers_in_hour, contacts.answers_in_hour), answers_day \
= COALESCE(g.answers_day, contacts.answers_day), answers_in_day = COALESCE(g.answers_in_day, \
contacts.answers_in_day) \
FROM touched AS g WHERE contacts.id = g.contact_id RETURNING 1), \
begun AS (INSERT INTO conversations (contact_id, state, version, updated_at) SELECT contact_id, state, \
version + 1, at FROM looked WHERE ok AND state IS NOT NULL AND version = 0 ORDER BY contact_id RETURNING 1), \
arrived AS (INSERT INTO inbox (id, channel_id, channel_kind, external_id, external_id_origin, contact_id, \
text, latitude, longitude, payload, pressed, provider_at, received_at, state, tries, handled_at, \
folded_into) \
SELECT id, channel_id, channel_kind, external_id, origin, contact_id, text, latitude, longitude, payload, \
pressed, provider_at, received_at, CASE op WHEN 0 THEN 'received' ELSE 'handled' END, 0, CASE op WHEN 0 THEN \
NULL ELSE at END, folded_into FROM looked WHERE ok AND op < 2 RETURNING 1), \
stopped AS (UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = (SELECT MAX(at) FROM \
looked WHERE ok AND wish = 1) \
WHERE contact_id = ANY (ARRAY(SELECT contact_id FROM looked WHERE ok AND wish = 1)) AND way = 'push' AND \
state IN ('queued', 'claimed', 'dispatched') AND state IN ('queued', 'claimed') AND purpose IN ('reminder', \
'survey', 'broadcast') RETURNING 1), \
answers AS (INSERT INTO outbox (id, inbox_id, contact_id, ordinal, way, kind, body, choices, municipality, \
edit, state, attempt, not_before, lease_until, created_at, updated_at, purpose, lane, segments, channel_id) \
SELECT r.id, ($3::uuid[])[r.place], ($4::uuid[])[r.place], r.ordinal, CASE r.op WHEN 1 THEN 'answer' ELSE \
'push' END, r.kind, r.body, r.choices, r.municipality, r.edit, CASE r.op WHEN 1 THEN 'dispatched' ELSE \
'queued' END, CASE r.op WHEN 1 THEN 1 ELSE 0 END, r.at, CASE r.op WHEN 1 THEN r.at + 60000 END, r.at, r.at, \
'reply', 0, r.segments, \
COALESCE(($6::text[])[r.place], (SELECT channel_id FROM contacts WHERE contacts.id = ($4::uuid[])[r.place])) \
FROM (SELECT place, id, ordinal, kind, body, choices, municipality, edit, segments, ($2::bigint[])[place] AS \
op, ($23::bigint[])[place] AS at FROM unnest($32::bigint[], $33::uuid[], $34::bigint[], $35::text[], \
$36::text[], $37::text[], $38::text[], $39::boolean[], $40::bigint[]) AS r(place, id, ordinal, kind, body, \
choices, municipality, edit, segments)) AS r \
WHERE (SELECT list FROM oks)[r.place] RETURNING 1), \
unknowns AS (INSERT INTO unknown_texts (inbox_id, created_at) SELECT id, at FROM looked WHERE ok AND unknown \
ON CONFLICT (inbox_id) DO NOTHING RETURNING 1), \
folding AS (INSERT INTO folds (inbox_id, contact_id, messages, began_at, last_at) SELECT folded_into, \
contact_id, 1, at, at FROM looked WHERE ok AND folded_into IS NOT NULL \
ON CONFLICT (inbox_id) DO UPDATE SET messages = folds.messages + 1, last_at = GREATEST(folds.last_at, \
excluded.last_at) RETURNING 1), \
noted AS (UPDATE outbox SET state = CASE WHEN w.written THEN 'accepted' ELSE 'queued' END, way = CASE WHEN \
w.written THEN 'answer' ELSE 'push' END, not_before = CASE WHEN w.written THEN outbox.not_before ELSE w.at \
END, lease_until = NULL, updated_at = w.at \
FROM unnest($43::uuid[], $44::boolean[], $45::bigint[]) AS w(id, written, at) WHERE outbox.id = w.id AND \
outbox.way = 'answer' AND outbox.state IN ('dispatched', 'unknown') RETURNING 1), \
charged AS (INSERT INTO budgets (name, day, used) SELECT 'money', day, SUM(amount)::bigint FROM \
unnest($46::bigint[], $47::bigint[], $48::bigint[]) AS p(place, day, amount) WHERE (SELECT list FROM \
oks)[p.place] GROUP BY day ORDER BY day \
ON CONFLICT (name, day) DO UPDATE SET used = budgets.used + excluded.used RETURNING 1), \
happened AS MATERIALIZED (SELECT e.kind, ($4::uuid[])[e.place] AS contact_id, ($3::uuid[])[e.place] AS id, \
($23::bigint[])[e.place] AS at, ROW_NUMBER() OVER () AS number \
FROM unnest($41::bigint[], $42::text[]) AS e(place, kind) WHERE (SELECT list FROM oks)[e.place]), \
counted AS (UPDATE cursors SET position = position + (SELECT COUNT(*) FROM happened) WHERE name = 'events' \
AND EXISTS (SELECT 1 FROM happened) RETURNING position - (SELECT COUNT(*) FROM happened) AS before), \
feed AS (INSERT INTO events (seq, kind, contact_id, inbox_id, created_at) SELECT (SELECT before FROM \
counted) + number, kind, contact_id, id, at FROM happened RETURNING 1) \
SELECT item, first, status FROM looked WHERE NOT ok UNION ALL \
SELECT -1, NULL, 1 / (CASE WHEN (SELECT COUNT(*) FROM handled) = (SELECT COUNT(*) FROM looked WHERE ok AND \
op = 2) \
AND (SELECT COUNT(*) FROM talks) = (SELECT COUNT(*) FROM looked WHERE ok AND state IS NOT NULL AND version > \
0) \
AND (SELECT COUNT(*) FROM wishes) = (SELECT COUNT(*) FROM touched) \
AND (SELECT COUNT(*) FROM people) + (SELECT COUNT(*) FROM begun) + (SELECT COUNT(*) FROM arrived) >= 0 \
AND (SELECT COUNT(*) FROM stopped) + (SELECT COUNT(*) FROM answers) + (SELECT COUNT(*) FROM noted) + (SELECT \
COUNT(*) FROM unknowns) + (SELECT COUNT(*) FROM folding) + (SELECT COUNT(*) FROM charged) >= 0 \
AND (SELECT COUNT(*) FROM feed) = (SELECT COUNT(*) FROM happened) THEN 1 ELSE 0 END)::bigint";

/// Settings of the connections that run [`POSTGRES`]: planned once, without compiling, and no plan that
/// reads a table whole.
pub const POSTGRES_SETTINGS: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// The row that numbers the feed on `PostgreSQL`, made at the start where it is not there.
pub const POSTGRES_SETUP: &str = "INSERT INTO cursors (name, position, updated_at) \
SELECT 'events', COALESCE(MAX(seq), 0), 0 FROM events ON CONFLICT (name) DO NOTHING";
