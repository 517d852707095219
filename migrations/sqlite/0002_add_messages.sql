-- Every message that was acknowledged. The pair (channel_id, external_id) is unique for ever: gateways
-- deliver twice.
CREATE TABLE inbox (
    id BLOB NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL,
    channel_kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    external_id_origin TEXT NOT NULL CHECK (external_id_origin IN ('provider', 'hash')),
    contact_id BLOB REFERENCES contacts (id),
    text TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    payload TEXT,
    -- The gateway's id of our message whose button was pressed.
    pressed TEXT,
    provider_at INTEGER,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'handled', 'parked')),
    tries INTEGER NOT NULL,
    handled_at INTEGER,
    UNIQUE (channel_id, external_id)
) STRICT;

CREATE INDEX inbox_received ON inbox (id) WHERE state = 'received';

-- Every message to a contact.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    inbox_id BLOB REFERENCES inbox (id),
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    ordinal INTEGER NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('push', 'answer')),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    choices TEXT NOT NULL,
    municipality TEXT,
    edit INTEGER NOT NULL CHECK (edit IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'dispatched', 'unknown', 'accepted',
        'delivered', 'failed', 'expired', 'cancelled', 'abandoned')),
    attempt INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    lease_until INTEGER,
    provider_id TEXT,
    failure TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (inbox_id, ordinal)
) STRICT;

CREATE INDEX outbox_open ON outbox (id) WHERE state IN ('queued', 'claimed', 'dispatched');
CREATE INDEX outbox_contact ON outbox (contact_id, id);

-- Texts that the dialogue did not understand and that wait for a person.
CREATE TABLE unknown_texts (
    inbox_id BLOB NOT NULL PRIMARY KEY REFERENCES inbox (id),
    created_at INTEGER NOT NULL
) STRICT;
