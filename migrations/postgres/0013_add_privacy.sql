-- What a person asked for about her own data: to know it, to have it put right, to have it erased.
CREATE TABLE privacy_requests (
    id UUID NOT NULL PRIMARY KEY,
    contact_id UUID NOT NULL REFERENCES contacts (id),
    channel_kind TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'erasure')),
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
    -- Home municipality; empty where none is known.
    municipality TEXT NOT NULL,
    locale TEXT,
    -- Her words and those of who decided, sealed.
    text TEXT NOT NULL,
    reason TEXT,
    inbox_id UUID UNIQUE,
    received_at BIGINT NOT NULL,
    -- The tenth, the fifteenth and the last of the working days that the law gives.
    first_alarm_at BIGINT NOT NULL,
    second_alarm_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- An erasure is done from this instant on, once no case of hers is open.
    erase_at BIGINT,
    decided_by UUID,
    decided_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX privacy_requests_due ON privacy_requests (state, due_at, id);
CREATE INDEX privacy_requests_contact ON privacy_requests (contact_id, id);
CREATE INDEX privacy_requests_worded ON privacy_requests (decided_at)
    WHERE state <> 'open' AND (text <> '' OR reason IS NOT NULL);
CREATE INDEX privacy_requests_erasing ON privacy_requests (erase_at) WHERE state = 'open' AND erase_at IS NOT NULL;

-- The code that was sent to a number to prove it, as keyed hash: one for each contact, with the wrong tries
-- since began_at and how many codes it got on a day (days since 1970).
CREATE TABLE privacy_codes (
    contact_id UUID NOT NULL PRIMARY KEY REFERENCES contacts (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'erasure')),
    -- Empty once it was used.
    code_key BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    day BIGINT NOT NULL,
    given BIGINT NOT NULL
);

-- When the words of a case were emptied, or freed of numbers.
ALTER TABLE cases ADD COLUMN redacted_at BIGINT;
CREATE INDEX cases_unredacted ON cases (closed_at)
    WHERE closed_at IS NOT NULL AND (redacted_at IS NULL OR redacted_at < updated_at);
CREATE INDEX cases_keyed ON cases (id) WHERE key_sealed IS NOT NULL;

CREATE INDEX feedback_contact ON feedback (contact_id) WHERE contact_id IS NOT NULL;

-- Whether the cases of who was erased were erased, too.
ALTER TABLE erasures ADD COLUMN with_cases BOOLEAN NOT NULL DEFAULT FALSE;
-- Keyed hash of the address by a key that no rotation changes: who comes back has refused still what she
-- refused last. Of erasures from before it is address_key.
ALTER TABLE erasures ADD COLUMN refusal_key BYTEA;
UPDATE erasures SET refusal_key = address_key;
CREATE INDEX erasures_refusal ON erasures (channel_id, refusal_key, erased_at);
-- Whether the messages were emptied, too, or are left to the nightly run; a crash in between is found by it.
ALTER TABLE erasures ADD COLUMN emptied BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX erasures_unfinished ON erasures (contact_id) WHERE NOT emptied;

-- Words of a person in cases that she is not told of any more.
CREATE INDEX case_messages_contact ON case_messages (contact_id, case_id) WHERE contact_id IS NOT NULL;

-- Where the audit trail begins now: the last entry that was removed for its age, its code, and a proof of
-- both by the trail's key.
CREATE TABLE audit_cut (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'cut'),
    seq BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    proof BYTEA NOT NULL
);
