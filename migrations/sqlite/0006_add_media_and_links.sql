-- Photos and voices that came with a message: fetched within limits, freed of what they say beside
-- the picture or the sound, sealed, and deleted at expires_at.
CREATE TABLE media (
    id BLOB NOT NULL PRIMARY KEY,
    inbox_id BLOB NOT NULL REFERENCES inbox (id),
    channel_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'voice')),
    -- What the gateway hands it out for; emptied once that is over.
    provider_ref TEXT NOT NULL,
    mime TEXT,
    size INTEGER,
    sha256 BLOB,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'kept', 'refused', 'failed')),
    -- Code of why it was refused or failed.
    reason TEXT,
    tries INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    -- Sealed with the key of key_version, this row's id as associated data.
    content BLOB,
    key_version INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (inbox_id, ordinal)
) STRICT;
CREATE INDEX media_wanted ON media (not_before) WHERE state = 'wanted';
CREATE INDEX media_expiring ON media (expires_at);
CREATE INDEX media_key_version ON media (key_version) WHERE key_version IS NOT NULL;

-- One person behind several contacts, joined by a code and her yes.
CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;
ALTER TABLE contacts ADD COLUMN person_id BLOB REFERENCES people (id);
CREATE INDEX contacts_person ON contacts (person_id) WHERE person_id IS NOT NULL;
-- When the channel last said that the person left or came back, by the channel's own clock.
ALTER TABLE contacts ADD COLUMN member_at INTEGER;

-- Codes to join two contacts, keyed hashes only.
CREATE TABLE link_codes (
    id BLOB NOT NULL PRIMARY KEY,
    code_key BLOB NOT NULL UNIQUE,
    -- Who asked for it, on which kind of channel and in which locale.
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    channel_kind TEXT NOT NULL,
    locale TEXT,
    -- The only one who may use it, where it was sent to prove a number.
    only_id BLOB REFERENCES contacts (id),
    -- Who used it and is asked for the yes.
    redeemer_id BLOB REFERENCES contacts (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX link_codes_contact ON link_codes (contact_id);
CREATE INDEX link_codes_redeemer ON link_codes (redeemer_id);
CREATE INDEX link_codes_expiring ON link_codes (expires_at);

-- Wrong codes of a contact since began_at.
CREATE TABLE link_tries (
    contact_id BLOB NOT NULL PRIMARY KEY REFERENCES contacts (id),
    began_at INTEGER NOT NULL,
    tries INTEGER NOT NULL
) STRICT;
