-- Which address keys this database was written with, so that a wrong key file is noticed.
CREATE TABLE address_keys (
    version BIGINT NOT NULL PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- One address on one channel.
CREATE TABLE contacts (
    id UUID NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL,
    address_key BYTEA NOT NULL,
    address_value BYTEA NOT NULL,
    key_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_message_at BIGINT NOT NULL,
    stopped_at BIGINT,
    gone_at BIGINT,
    noticed_version BIGINT,
    UNIQUE (channel_id, address_key)
);

-- What is remembered of a contact between two messages.
CREATE TABLE conversations (
    contact_id UUID NOT NULL PRIMARY KEY REFERENCES contacts (id),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
