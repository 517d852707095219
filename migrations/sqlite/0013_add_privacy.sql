-- What a person asked for about her own data: to know it, to have it put right, to have it erased.
CREATE TABLE privacy_requests (
    id BLOB NOT NULL PRIMARY KEY,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    channel_kind TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'erasure')),
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
    -- Home municipality; empty where none is known.
    municipality TEXT NOT NULL,
    locale TEXT,
    -- Her words and those of who decided, sealed.
    text TEXT NOT NULL,
    reason TEXT,
    inbox_id BLOB UNIQUE,
    received_at INTEGER NOT NULL,
    -- The tenth, the fifteenth and the last of the working days that the law gives.
    first_alarm_at INTEGER NOT NULL,
    second_alarm_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- An erasure is done from this instant on, once no case of hers is open.
    erase_at INTEGER,
    decided_by BLOB,
    decided_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX privacy_requests_due ON privacy_requests (state, due_at, id);
CREATE INDEX privacy_requests_contact ON privacy_requests (contact_id, id);
CREATE INDEX privacy_requests_worded ON privacy_requests (decided_at)
    WHERE state <> 'open' AND (text <> '' OR reason IS NOT NULL);
CREATE INDEX privacy_requests_erasing ON privacy_requests (erase_at) WHERE state = 'open' AND erase_at IS NOT NULL;

-- The code that was sent to a number to prove it, as keyed hash: one for each contact, with the wrong tries
-- since began_at and how many codes it got on a day (days since 1970).
CREATE TABLE privacy_codes (
    contact_id BLOB NOT NULL PRIMARY KEY REFERENCES contacts (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'erasure')),
    -- Empty once it was used.
    code_key BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    day INTEGER NOT NULL,
    given INTEGER NOT NULL
) STRICT;

-- When the words of a case were emptied, or freed of numbers.
ALTER TABLE cases ADD COLUMN redacted_at INTEGER;
CREATE INDEX cases_unredacted ON cases (closed_at)
    WHERE closed_at IS NOT NULL AND (redacted_at IS NULL OR redacted_at < updated_at);
CREATE INDEX cases_keyed ON cases (id) WHERE key_sealed IS NOT NULL;

CREATE INDEX feedback_contact ON feedback (contact_id) WHERE contact_id IS NOT NULL;

-- Whether the cases of who was erased were erased, too.
ALTER TABLE erasures ADD COLUMN with_cases INTEGER NOT NULL DEFAULT 0 CHECK (with_cases IN (0, 1));
-- Keyed hash of the address by a key that no rotation changes: who comes back has refused still what she
-- refused last. Of erasures from before it is address_key.
ALTER TABLE erasures ADD COLUMN refusal_key BLOB;
UPDATE erasures SET refusal_key = address_key;
CREATE INDEX erasures_refusal ON erasures (channel_id, refusal_key, erased_at);
-- Whether the messages were emptied, too, or are left to the nightly run; a crash in between is found by it.
ALTER TABLE erasures ADD COLUMN emptied INTEGER NOT NULL DEFAULT 1 CHECK (emptied IN (0, 1));
CREATE INDEX erasures_unfinished ON erasures (contact_id) WHERE NOT emptied;

-- Words of a person in cases that she is not told of any more.
CREATE INDEX case_messages_contact ON case_messages (contact_id, case_id) WHERE contact_id IS NOT NULL;

-- Where the audit trail begins now: the last entry that was removed for its age, its code, and a proof of
-- both by the trail's key.
CREATE TABLE audit_cut (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'cut'),
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL,
    proof BLOB NOT NULL
) STRICT;
