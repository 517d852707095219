-- The feed of what happened, without gaps and in commit order.
CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    contact_id UUID REFERENCES contacts (id),
    inbox_id UUID REFERENCES inbox (id),
    outbox_id UUID REFERENCES outbox (id),
    created_at BIGINT NOT NULL
);

-- How far a source was read (`telegram`: the next update to ask for).
CREATE TABLE cursors (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
