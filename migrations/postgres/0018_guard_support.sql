-- Support as it is told: renewed together for some, so that no total that anybody reads tells of one person.
ALTER TABLE demands ADD COLUMN told_phone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_flagged BIGINT NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_verified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_new BIGINT NOT NULL DEFAULT 0;
ALTER TABLE demands ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;
UPDATE demands SET told_phone = phone, told_flagged = flagged, told_verified = verified, told_new = new_senders;

-- What supporters say as it is told: of each answer, as it was when it last differed by more than ten.
ALTER TABLE commitments ADD COLUMN told_yes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN told_nope BIGINT NOT NULL DEFAULT 0;
ALTER TABLE commitments ADD COLUMN told_half BIGINT NOT NULL DEFAULT 0;

-- The message that asks the author, and when she agreed, where news was on its way then.
ALTER TABLE demand_merges ADD COLUMN outbox_id UUID;
ALTER TABLE demand_merges ADD COLUMN agreed_at BIGINT;
CREATE INDEX demand_merges_agreed ON demand_merges (agreed_at) WHERE state = 'asked' AND agreed_at IS NOT NULL;

-- Who was asked to sign because of her case: nobody is asked twice.
CREATE TABLE demand_invited (
    demand_id UUID NOT NULL REFERENCES demands (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (demand_id, contact_id)
);
CREATE INDEX demand_invited_contact ON demand_invited (contact_id);

-- A code also proves who ends a public demand, or lets it go on in another one.
ALTER TABLE privacy_codes DROP CONSTRAINT privacy_codes_kind_check;
ALTER TABLE privacy_codes ADD CONSTRAINT privacy_codes_kind_check
    CHECK (kind IN ('access', 'correction', 'erasure', 'demand'));
