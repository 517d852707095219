-- Leases of the inbox: a worker names the fence it got; a later claim has a higher one, so that the
-- commit of a worker that was away too long is refused.
ALTER TABLE inbox ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN lease_until BIGINT;
-- The message whose reply answers this one too: see folds.
ALTER TABLE inbox ADD COLUMN folded_into UUID REFERENCES inbox (id);
CREATE INDEX inbox_waiting ON inbox (contact_id, id) WHERE state = 'received';

-- More messages of one contact than the dialogue answers one by one: one row for staff, with a count.
CREATE TABLE folds (
    -- The first message that was folded; the one reply of the fold answers it.
    inbox_id UUID NOT NULL PRIMARY KEY REFERENCES inbox (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    messages BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX folds_contact ON folds (contact_id, last_at);

-- How many answers a contact got, by the hour and by the day since 1970, and how much that it did not
-- ask for.
ALTER TABLE contacts ADD COLUMN answers_hour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN answers_in_hour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN answers_day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN answers_in_day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN unasked_day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN unasked_in_day BIGINT NOT NULL DEFAULT 0;

-- What a message is for: reply (asked for by a message of the person), news (of a case that she opened
-- or joined); not asked for: reminder, survey, broadcast.
ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reply'
    CHECK (purpose IN ('reply', 'news', 'reminder', 'survey', 'broadcast'));
-- 0 replies, 1 news, 2 the rest: a lower lane goes first.
ALTER TABLE outbox ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN channel_id TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN segments BIGINT NOT NULL DEFAULT 1;
-- Whose money cap it counts for besides the day's, such as a broadcast's.
ALTER TABLE outbox ADD COLUMN campaign TEXT;
-- The gateway of the last attempt: another one than the channel's own where that one was down.
ALTER TABLE outbox ADD COLUMN gateway_id TEXT;
UPDATE outbox SET channel_id = (SELECT channel_id FROM contacts WHERE contacts.id = outbox.contact_id);
DROP INDEX outbox_open;
CREATE INDEX outbox_due ON outbox (channel_id, lane, not_before, id) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state IN ('claimed', 'dispatched');
CREATE INDEX outbox_open ON outbox (contact_id, id) WHERE way = 'push' AND state IN ('queued', 'claimed', 'dispatched');
CREATE INDEX outbox_unsettled ON outbox (updated_at) WHERE state = 'unknown';
CREATE INDEX outbox_dead ON outbox (id) WHERE state IN ('failed', 'expired', 'abandoned');

-- Every attempt at a pushed message that got as far as the gateway's door; the message shows its last.
CREATE TABLE attempts (
    outbox_id UUID NOT NULL REFERENCES outbox (id),
    number BIGINT NOT NULL,
    gateway_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('dispatched', 'unknown', 'accepted', 'delivered', 'failed',
        'expired', 'abandoned')),
    provider_id TEXT,
    failure TEXT,
    -- Thousandths of the currency's unit.
    price BIGINT NOT NULL DEFAULT 0,
    dispatched_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (outbox_id, number)
);

-- Money and counts that were spent, by name and day (days since 1970): `money`, `campaign:ID`.
CREATE TABLE budgets (
    name TEXT NOT NULL,
    day BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (name, day)
);

-- What is known of a gateway across restarts: its score (0 down, 100 well) and what it reports.
CREATE TABLE gateways (
    id TEXT NOT NULL PRIMARY KEY,
    score BIGINT NOT NULL,
    down_since BIGINT,
    -- A phone's battery in percent, and what is left of its credit or plan, where it reports them.
    battery BIGINT,
    credit BIGINT,
    reported_at BIGINT,
    updated_at BIGINT NOT NULL
);
