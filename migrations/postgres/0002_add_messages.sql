-- Every message that was acknowledged. The pair (channel_id, external_id) is unique for ever: gateways
-- deliver twice.
CREATE TABLE inbox (
    id UUID NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL,
    channel_kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    external_id_origin TEXT NOT NULL CHECK (external_id_origin IN ('provider', 'hash')),
    contact_id UUID REFERENCES contacts (id),
    text TEXT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    payload TEXT,
    -- The gateway's id of our message whose button was pressed.
    pressed TEXT,
    provider_at BIGINT,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'handled', 'parked')),
    tries BIGINT NOT NULL,
    handled_at BIGINT,
    UNIQUE (channel_id, external_id)
);

CREATE INDEX inbox_received ON inbox (id) WHERE state = 'received';

-- Every message to a contact.
CREATE TABLE outbox (
    id UUID NOT NULL PRIMARY KEY,
    inbox_id UUID REFERENCES inbox (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    ordinal BIGINT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('push', 'answer')),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    choices TEXT NOT NULL,
    municipality TEXT,
    edit BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'dispatched', 'unknown', 'accepted',
        'delivered', 'failed', 'expired', 'cancelled', 'abandoned')),
    attempt BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    lease_until BIGINT,
    provider_id TEXT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (inbox_id, ordinal)
);

CREATE INDEX outbox_open ON outbox (id) WHERE state IN ('queued', 'claimed', 'dispatched');
CREATE INDEX outbox_contact ON outbox (contact_id, id);

-- Texts that the dialogue did not understand and that wait for a person.
CREATE TABLE unknown_texts (
    inbox_id UUID NOT NULL PRIMARY KEY REFERENCES inbox (id),
    created_at BIGINT NOT NULL
);
