-- The feed of what happened, without gaps and in commit order.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    contact_id BLOB REFERENCES contacts (id),
    inbox_id BLOB REFERENCES inbox (id),
    outbox_id BLOB REFERENCES outbox (id),
    created_at INTEGER NOT NULL
) STRICT;

-- How far a source was read (`telegram`: the next update to ask for).
CREATE TABLE cursors (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
