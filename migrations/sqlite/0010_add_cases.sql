-- Cases: what somebody is owed an answer to.
CREATE TABLE cases (
    id BLOB NOT NULL PRIMARY KEY,
    -- Counts the cases of this database, without gaps; the search knows a case by it.
    number INTEGER NOT NULL UNIQUE,
    folio TEXT NOT NULL UNIQUE,
    -- Keyed hash of folio and PIN.
    pin_key BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('complaint', 'question', 'suggestion')),
    state TEXT NOT NULL CHECK (state IN ('received', 'in_review', 'assigned', 'in_progress', 'scheduled',
        'answered', 'resolved', 'closed_unfixed', 'not_ours', 'duplicate')),
    -- Grows by one with every change; the change is the row of case_changes with this version.
    version INTEGER NOT NULL,
    municipality TEXT NOT NULL,
    category TEXT NOT NULL,
    office TEXT NOT NULL,
    topic TEXT,
    -- Who opened it; NULL for a person who came by.
    contact_id BLOB REFERENCES contacts (id),
    -- The message that opened it.
    inbox_id BLOB UNIQUE REFERENCES inbox (id),
    assignee_id BLOB,
    -- Who closed it before a no opened it again: somebody else looks at it now.
    excluded_id BLOB,
    anonymity INTEGER NOT NULL CHECK (anonymity IN (1, 2, 3)),
    confidentiality TEXT NOT NULL CHECK (confidentiality IN ('open', 'confidential', 'restricted')),
    priority INTEGER NOT NULL CHECK (priority IN (0, 1, 2, 3)),
    -- Emergency or violence: the text said so.
    urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)),
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- How often it was closed; questions belong to a closing.
    closings INTEGER NOT NULL DEFAULT 0,
    -- When staff opened it first.
    seen_at INTEGER,
    -- Since when it waits for the citizen: the clocks stand still.
    waiting_since INTEGER,
    snoozed_until INTEGER,
    first_answer_due INTEGER,
    first_answer_at INTEGER,
    update_due INTEGER,
    solution_due INTEGER,
    -- Whether something is owed within reach, or overdue; kept by a job.
    due INTEGER NOT NULL DEFAULT 0 CHECK (due IN (0, 1)),
    -- Whether a no opened it and nobody closed it since, and how many did in all.
    disputed INTEGER NOT NULL DEFAULT 0 CHECK (disputed IN (0, 1)),
    disputes INTEGER NOT NULL DEFAULT 0,
    -- Distinct people behind it, the one who opened it counted.
    joined INTEGER NOT NULL DEFAULT 1,
    linked_to BLOB REFERENCES cases (id),
    merged_into BLOB REFERENCES cases (id),
    scheduled_for TEXT,
    -- Thousandths of the currency's unit.
    cost INTEGER,
    -- Where it is passed on to: name and telephone of an office, as JSON.
    referral TEXT,
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    -- The data key of its texts, wrapped, where it is confidential or restricted; the texts of this row
    -- and of its messages and changes are sealed with it.
    key_sealed TEXT,
    -- Colonia and reference as they were written.
    place TEXT,
    latitude REAL,
    longitude REAL,
    -- Answers to the questions of its category, as JSON.
    answers TEXT,
    -- Name and telephone of a person who came by, always sealed.
    reporter TEXT,
    -- The beginning of the last message of the citizen.
    preview TEXT
) STRICT;
CREATE INDEX cases_place ON cases (municipality, id);
CREATE INDEX cases_linked ON cases (linked_to) WHERE linked_to IS NOT NULL;
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into IS NOT NULL;

-- Who is told about a case: who opened it and who joined.
CREATE TABLE case_people (
    case_id BLOB NOT NULL REFERENCES cases (id),
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    role TEXT NOT NULL CHECK (role IN ('opener', 'joiner')),
    -- Kind of the contact's channel.
    channel_kind TEXT NOT NULL,
    inbox_id BLOB UNIQUE REFERENCES inbox (id),
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (case_id, contact_id)
) STRICT;
CREATE INDEX case_people_contact ON case_people (contact_id, case_id);

-- The thread of a case.
CREATE TABLE case_messages (
    id BLOB NOT NULL PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES cases (id),
    author TEXT NOT NULL CHECK (author IN ('citizen', 'bot', 'staff', 'note')),
    contact_id BLOB REFERENCES contacts (id),
    staff_id BLOB,
    inbox_id BLOB UNIQUE REFERENCES inbox (id),
    outbox_id BLOB UNIQUE REFERENCES outbox (id),
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When a message to a citizen was taken back before it was sent.
    taken_back_at INTEGER
) STRICT;
CREATE INDEX case_messages_case ON case_messages (case_id, id);

-- Every change, dated, for ever.
CREATE TABLE case_changes (
    case_id BLOB NOT NULL REFERENCES cases (id),
    -- The case's version after it.
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('citizen', 'staff', 'service')),
    staff_id BLOB,
    inbox_id BLOB REFERENCES inbox (id),
    -- What it was and is, as codes.
    was TEXT,
    became TEXT,
    -- Words: a reason, the text before a correction; sealed where the case is.
    detail TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (case_id, version)
) STRICT;

CREATE TABLE case_labels (
    case_id BLOB NOT NULL REFERENCES cases (id),
    label TEXT NOT NULL,
    PRIMARY KEY (label, case_id)
) STRICT;
CREATE INDEX case_labels_case ON case_labels (case_id);

-- In which lists a case stands now. A list is a queue and a place or an officer: `unassigned`,
-- `unassigned/12`, `unassigned/12066`, `mine/<officer>`; restricted cases have lists of their own, with a
-- `!` before.
CREATE TABLE case_lists (
    list TEXT NOT NULL,
    case_id BLOB NOT NULL REFERENCES cases (id),
    -- When something is owed next; the end of time where nothing is.
    due_at INTEGER NOT NULL,
    PRIMARY KEY (list, case_id)
) STRICT;
CREATE INDEX case_lists_due ON case_lists (list, due_at, case_id);
CREATE INDEX case_lists_case ON case_lists (case_id);

-- How many cases stand in a list, exactly: kept in the transaction that changes it.
CREATE TABLE case_counts (
    list TEXT NOT NULL PRIMARY KEY,
    cases INTEGER NOT NULL
) STRICT;

-- What is to be done with a case when an instant has come.
CREATE TABLE case_timers (
    case_id BLOB NOT NULL REFERENCES cases (id),
    -- due: something is owed within reach; wake: it slept long enough; resume: the citizen wrote, and its
    -- clocks go on; restart: it was opened again, and its clocks begin anew.
    kind TEXT NOT NULL CHECK (kind IN ('due', 'wake', 'resume', 'restart')),
    at INTEGER NOT NULL,
    -- Since when the clocks stood still.
    since INTEGER,
    PRIMARY KEY (case_id, kind)
) STRICT;
CREATE INDEX case_timers_at ON case_timers (at);

-- Folded words of cases that are not confidential.
CREATE TABLE case_texts (
    number INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
-- What is deleted is gone from the index at once, too.
CREATE VIRTUAL TABLE case_search USING fts5 (body, content='case_texts', content_rowid='number',
    tokenize='unicode61 remove_diacritics 0', prefix='2 3');
INSERT INTO case_search (case_search, rank) VALUES ('secure-delete', 1);

-- Whether it was put right: asked at a closing, 7 and 28 days later.
CREATE TABLE followups (
    id BLOB NOT NULL PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES cases (id),
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    -- Which closing of the case, from 1, and which question, 0 to 2.
    closing INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'yes', 'no', 'over')),
    due_at INTEGER NOT NULL,
    asked_at INTEGER,
    answered_at INTEGER,
    outbox_id BLOB REFERENCES outbox (id),
    UNIQUE (case_id, contact_id, closing, ordinal)
) STRICT;
CREATE INDEX followups_due ON followups (due_at) WHERE state = 'waiting';
CREATE INDEX followups_contact ON followups (contact_id, asked_at) WHERE state IN ('waiting', 'asked');

-- Tries at the PIN of a folio, by contact and by folio (keyed hashes and ids).
CREATE TABLE case_tries (
    key BLOB NOT NULL PRIMARY KEY,
    began_at INTEGER NOT NULL,
    tries INTEGER NOT NULL
) STRICT;
CREATE INDEX case_tries_began ON case_tries (began_at);

-- Which privacy notice a contact agreed to, and when.
CREATE TABLE consents (
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    version INTEGER NOT NULL,
    inbox_id BLOB REFERENCES inbox (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (contact_id, version)
) STRICT;

-- Suggestions, praise with words and stories: shown in public only after somebody looked at them.
CREATE TABLE feedback (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('suggestion', 'praise', 'story')),
    municipality TEXT NOT NULL,
    contact_id BLOB REFERENCES contacts (id),
    inbox_id BLOB UNIQUE REFERENCES inbox (id),
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'shown', 'hidden', 'asked')),
    reason TEXT,
    version INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_waiting ON feedback (municipality, id) WHERE state = 'waiting';

-- The case that an event, a message to a citizen or a file belongs to.
ALTER TABLE events ADD COLUMN case_id BLOB REFERENCES cases (id);
-- Where it happened, and whether only staff with a grant may know of it.
ALTER TABLE events ADD COLUMN municipality TEXT;
ALTER TABLE events ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1));
ALTER TABLE outbox ADD COLUMN case_id BLOB REFERENCES cases (id);
CREATE INDEX outbox_case ON outbox (case_id, id) WHERE case_id IS NOT NULL;
ALTER TABLE media ADD COLUMN case_id BLOB REFERENCES cases (id);
CREATE INDEX media_case ON media (case_id) WHERE case_id IS NOT NULL;
