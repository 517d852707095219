-- Support as it is told: renewed together for some, so that no total that anybody reads tells of one person.
ALTER TABLE demands ADD COLUMN told_phone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_flagged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_new INTEGER NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
UPDATE demands SET told_phone = phone, told_flagged = flagged, told_verified = verified, told_new = new_senders;

-- What supporters say as it is told: of each answer, as it was when it last differed by more than ten.
ALTER TABLE commitments ADD COLUMN told_yes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN told_nope INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN told_half INTEGER NOT NULL DEFAULT 0;

-- The message that asks the author, and when she agreed, where news was on its way then.
ALTER TABLE demand_merges ADD COLUMN outbox_id BLOB;
ALTER TABLE demand_merges ADD COLUMN agreed_at INTEGER;
CREATE INDEX demand_merges_agreed ON demand_merges (agreed_at) WHERE state = 'asked' AND agreed_at IS NOT NULL;

-- Who was asked to sign because of her case: nobody is asked twice.
CREATE TABLE demand_invited (
    demand_id BLOB NOT NULL REFERENCES demands (id),
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (demand_id, contact_id)
) STRICT;
CREATE INDEX demand_invited_contact ON demand_invited (contact_id);

-- A code also proves who ends a public demand, or lets it go on in another one.
CREATE TABLE privacy_codes_of_all (
    contact_id BLOB NOT NULL PRIMARY KEY REFERENCES contacts (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'erasure', 'demand')),
    -- Empty once it was used.
    code_key BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    day INTEGER NOT NULL,
    given INTEGER NOT NULL
) STRICT;
INSERT INTO privacy_codes_of_all (contact_id, kind, code_key, expires_at, began_at, tries, day, given)
SELECT contact_id, kind, code_key, expires_at, began_at, tries, day, given FROM privacy_codes;
DROP TABLE privacy_codes;
ALTER TABLE privacy_codes_of_all RENAME TO privacy_codes;
