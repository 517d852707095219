-- People who were erased: what is needed to forget them again after an older backup was restored.
-- The hash is that of contacts.address_key when the person was erased.
CREATE TABLE erasures (
    contact_id UUID NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL,
    address_key BYTEA NOT NULL,
    key_version BIGINT NOT NULL,
    -- Since when the person had refused what was not asked for: it outlives the rest.
    stopped_at BIGINT,
    erased_at BIGINT NOT NULL
);

-- What a key rotation still has to do; 0 is the version of an address that was erased.
CREATE INDEX contacts_key_version ON contacts (key_version);
-- Messages that wait for a person.
CREATE INDEX inbox_parked ON inbox (id) WHERE state = 'parked';
