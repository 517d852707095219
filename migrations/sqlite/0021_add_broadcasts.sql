-- What goes to many.
CREATE TABLE broadcasts (
    id BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'preparing', 'approved', 'sending', 'held',
        'stopped', 'done', 'withdrawn')),
    version INTEGER NOT NULL,
    -- What an approval names: of everything that is written, where it goes and when.
    hash TEXT NOT NULL,
    -- What is written: a document.
    draft TEXT NOT NULL,
    -- Where it goes: country, states and municipalities, as a document; whoever touches it must reach them all.
    areas TEXT NOT NULL,
    author_id BLOB NOT NULL,
    correction_of BLOB REFERENCES broadcasts (id),
    -- How many it was for when it was written, at most.
    people_seen INTEGER NOT NULL,
    approvals_needed INTEGER NOT NULL,
    -- Why it was held or stopped: words of staff, or a code.
    reason TEXT,
    -- The state that it was held in.
    held_in TEXT,
    begins_at INTEGER,
    -- Up to where people were written down: a municipality, and a contact or person in it.
    cursor_area TEXT NOT NULL DEFAULT '',
    cursor_contact BLOB,
    -- People who were written down, and what became of them: all others wait.
    people INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    passed INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- When its people are forgotten; NULL: it is not over, or they are.
    forget_at INTEGER
) STRICT;
CREATE INDEX broadcasts_state ON broadcasts (state, id);
CREATE INDEX broadcasts_forget ON broadcasts (forget_at) WHERE forget_at IS NOT NULL;

-- Who wrote on it besides its author.
CREATE TABLE broadcast_editors (
    broadcast_id BLOB NOT NULL REFERENCES broadcasts (id),
    staff_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, staff_id)
) STRICT;

-- Who let it go as its hash says; an edit takes them away.
CREATE TABLE broadcast_approvals (
    broadcast_id BLOB NOT NULL REFERENCES broadcasts (id),
    staff_id BLOB NOT NULL,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, staff_id)
) STRICT;

-- The frozen audience: each person once. It is forgotten a month after the end.
CREATE TABLE broadcast_recipients (
    broadcast_id BLOB NOT NULL REFERENCES broadcasts (id),
    -- A person, or a contact without one.
    holder_id BLOB NOT NULL,
    -- Where it goes.
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    channel_id TEXT NOT NULL,
    -- Which of her contacts asked for news, or signed.
    source_id BLOB NOT NULL,
    municipality TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'sent', 'failed', 'passed', 'cancelled')),
    outbox_id BLOB,
    PRIMARY KEY (broadcast_id, holder_id)
) STRICT;
CREATE INDEX broadcast_recipients_state ON broadcast_recipients (broadcast_id, state, channel_id, holder_id);
CREATE INDEX broadcast_recipients_contact ON broadcast_recipients (contact_id, broadcast_id);

-- What of a campaign is on its way.
CREATE INDEX outbox_campaign ON outbox (campaign, channel_id)
    WHERE campaign IS NOT NULL AND state IN ('queued', 'claimed', 'dispatched');
-- Who of a place asked for news, and who supports a demand, a page at a time.
CREATE INDEX subscriptions_place ON subscriptions (municipality, contact_id);
CREATE INDEX demand_supports_page ON demand_supports (root_id, contact_id);

-- The broadcast that an event is about.
ALTER TABLE events ADD COLUMN broadcast_id BLOB REFERENCES broadcasts (id);
