-- Cards about what worked in a municipality.
CREATE TABLE highlights (
    id BLOB NOT NULL PRIMARY KEY,
    -- The number by which people read it.
    code INTEGER NOT NULL UNIQUE CHECK (code >= 10),
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'published', 'withdrawn')),
    version INTEGER NOT NULL,
    municipality TEXT NOT NULL,
    -- The topic of the pack whose figure moved; the figures are read from the pack.
    topic TEXT NOT NULL,
    -- What is written, a document, sealed: before the review it may hold what points at somebody.
    text TEXT NOT NULL,
    author_id BLOB NOT NULL,
    -- Why it was rejected or withdrawn last, sealed.
    reason TEXT,
    -- What was approved: words and figures. It is shown while it is these.
    hash TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    published_at INTEGER
) STRICT;
CREATE INDEX highlights_state ON highlights (state, id);
-- Those who remember the published ones read the rest again by it.
CREATE INDEX highlights_updated ON highlights (updated_at, id);

-- Who edited a card, found its personal data harmless, and approved it. An edit takes the last two away.
CREATE TABLE highlight_signs (
    highlight_id BLOB NOT NULL REFERENCES highlights (id),
    kind TEXT NOT NULL CHECK (kind IN ('edited', 'cleared', 'approved')),
    staff_id BLOB NOT NULL,
    -- What was seen, of the last two.
    hash TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (highlight_id, kind, staff_id)
) STRICT;

-- Whether a card helped: of each person the last answer.
CREATE TABLE highlight_feedback (
    highlight_id BLOB NOT NULL REFERENCES highlights (id),
    -- A person, or a contact without one.
    holder_id BLOB NOT NULL,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'half', 'no')),
    at INTEGER NOT NULL,
    PRIMARY KEY (highlight_id, holder_id)
) STRICT;
CREATE INDEX highlight_feedback_contact ON highlight_feedback (contact_id);

-- Municipalities that took a practice over.
CREATE TABLE highlight_adoptions (
    highlight_id BLOB NOT NULL REFERENCES highlights (id),
    municipality TEXT NOT NULL,
    -- The municipality of the card, or an earlier one of these.
    learned_from TEXT NOT NULL,
    -- Since when: an ISO date.
    adopted_on TEXT NOT NULL,
    staff_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (highlight_id, municipality)
) STRICT;

-- The card that an event is about.
ALTER TABLE events ADD COLUMN highlight_id BLOB REFERENCES highlights (id);
