-- Which address keys this database was written with, so that a wrong key file is noticed.
CREATE TABLE address_keys (
    version INTEGER NOT NULL PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One address on one channel.
CREATE TABLE contacts (
    id BLOB NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL,
    address_key BLOB NOT NULL,
    address_value BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL,
    stopped_at INTEGER,
    gone_at INTEGER,
    noticed_version INTEGER,
    UNIQUE (channel_id, address_key)
) STRICT;

-- What is remembered of a contact between two messages.
CREATE TABLE conversations (
    contact_id BLOB NOT NULL PRIMARY KEY REFERENCES contacts (id),
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
