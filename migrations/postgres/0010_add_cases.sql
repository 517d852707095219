-- Cases: what somebody is owed an answer to.
CREATE TABLE cases (
    id UUID NOT NULL PRIMARY KEY,
    -- Counts the cases of this database, without gaps; the search knows a case by it.
    number BIGINT NOT NULL UNIQUE,
    folio TEXT NOT NULL UNIQUE,
    -- Keyed hash of folio and PIN.
    pin_key BYTEA NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('complaint', 'question', 'suggestion')),
    state TEXT NOT NULL CHECK (state IN ('received', 'in_review', 'assigned', 'in_progress', 'scheduled',
        'answered', 'resolved', 'closed_unfixed', 'not_ours', 'duplicate')),
    -- Grows by one with every change; the change is the row of case_changes with this version.
    version BIGINT NOT NULL,
    municipality TEXT NOT NULL,
    category TEXT NOT NULL,
    office TEXT NOT NULL,
    topic TEXT,
    -- Who opened it; NULL for a person who came by.
    contact_id UUID REFERENCES contacts (id),
    -- The message that opened it.
    inbox_id UUID UNIQUE REFERENCES inbox (id),
    assignee_id UUID,
    -- Who closed it before a no opened it again: somebody else looks at it now.
    excluded_id UUID,
    anonymity BIGINT NOT NULL CHECK (anonymity IN (1, 2, 3)),
    confidentiality TEXT NOT NULL CHECK (confidentiality IN ('open', 'confidential', 'restricted')),
    priority BIGINT NOT NULL CHECK (priority IN (0, 1, 2, 3)),
    -- Emergency or violence: the text said so.
    urgent BOOLEAN NOT NULL,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    closed_at BIGINT,
    -- How often it was closed; questions belong to a closing.
    closings BIGINT NOT NULL DEFAULT 0,
    -- When staff opened it first.
    seen_at BIGINT,
    -- Since when it waits for the citizen: the clocks stand still.
    waiting_since BIGINT,
    snoozed_until BIGINT,
    first_answer_due BIGINT,
    first_answer_at BIGINT,
    update_due BIGINT,
    solution_due BIGINT,
    -- Whether something is owed within reach, or overdue; kept by a job.
    due BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whether a no opened it and nobody closed it since, and how many did in all.
    disputed BOOLEAN NOT NULL DEFAULT FALSE,
    disputes BIGINT NOT NULL DEFAULT 0,
    -- Distinct people behind it, the one who opened it counted.
    joined BIGINT NOT NULL DEFAULT 1,
    linked_to UUID REFERENCES cases (id),
    merged_into UUID REFERENCES cases (id),
    scheduled_for TEXT,
    -- Thousandths of the currency's unit.
    cost BIGINT,
    -- Where it is passed on to: name and telephone of an office, as JSON.
    referral TEXT,
    rating BIGINT CHECK (rating BETWEEN 1 AND 5),
    -- The data key of its texts, wrapped, where it is confidential or restricted; the texts of this row
    -- and of its messages and changes are sealed with it.
    key_sealed TEXT,
    -- Colonia and reference as they were written.
    place TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    -- Answers to the questions of its category, as JSON.
    answers TEXT,
    -- Name and telephone of a person who came by, always sealed.
    reporter TEXT,
    -- The beginning of the last message of the citizen.
    preview TEXT
);
CREATE INDEX cases_place ON cases (municipality, id);
CREATE INDEX cases_linked ON cases (linked_to) WHERE linked_to IS NOT NULL;
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into IS NOT NULL;

-- Who is told about a case: who opened it and who joined.
CREATE TABLE case_people (
    case_id UUID NOT NULL REFERENCES cases (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    role TEXT NOT NULL CHECK (role IN ('opener', 'joiner')),
    -- Kind of the contact's channel.
    channel_kind TEXT NOT NULL,
    inbox_id UUID UNIQUE REFERENCES inbox (id),
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, contact_id)
);
CREATE INDEX case_people_contact ON case_people (contact_id, case_id);

-- The thread of a case.
CREATE TABLE case_messages (
    id UUID NOT NULL PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    author TEXT NOT NULL CHECK (author IN ('citizen', 'bot', 'staff', 'note')),
    contact_id UUID REFERENCES contacts (id),
    staff_id UUID,
    inbox_id UUID UNIQUE REFERENCES inbox (id),
    outbox_id UUID UNIQUE REFERENCES outbox (id),
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a message to a citizen was taken back before it was sent.
    taken_back_at BIGINT
);
CREATE INDEX case_messages_case ON case_messages (case_id, id);

-- Every change, dated, for ever.
CREATE TABLE case_changes (
    case_id UUID NOT NULL REFERENCES cases (id),
    -- The case's version after it.
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('citizen', 'staff', 'service')),
    staff_id UUID,
    inbox_id UUID REFERENCES inbox (id),
    -- What it was and is, as codes.
    was TEXT,
    became TEXT,
    -- Words: a reason, the text before a correction; sealed where the case is.
    detail TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, version)
);

CREATE TABLE case_labels (
    case_id UUID NOT NULL REFERENCES cases (id),
    label TEXT NOT NULL,
    PRIMARY KEY (label, case_id)
);
CREATE INDEX case_labels_case ON case_labels (case_id);

-- In which lists a case stands now. A list is a queue and a place or an officer: `unassigned`,
-- `unassigned/12`, `unassigned/12066`, `mine/<officer>`; restricted cases have lists of their own, with a
-- `!` before.
CREATE TABLE case_lists (
    list TEXT NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    -- When something is owed next; the end of time where nothing is.
    due_at BIGINT NOT NULL,
    PRIMARY KEY (list, case_id)
);
CREATE INDEX case_lists_due ON case_lists (list, due_at, case_id);
CREATE INDEX case_lists_case ON case_lists (case_id);

-- How many cases stand in a list, exactly: kept in the transaction that changes it.
CREATE TABLE case_counts (
    list TEXT NOT NULL PRIMARY KEY,
    cases BIGINT NOT NULL
);

-- What is to be done with a case when an instant has come.
CREATE TABLE case_timers (
    case_id UUID NOT NULL REFERENCES cases (id),
    -- due: something is owed within reach; wake: it slept long enough; resume: the citizen wrote, and its
    -- clocks go on; restart: it was opened again, and its clocks begin anew.
    kind TEXT NOT NULL CHECK (kind IN ('due', 'wake', 'resume', 'restart')),
    at BIGINT NOT NULL,
    -- Since when the clocks stood still.
    since BIGINT,
    PRIMARY KEY (case_id, kind)
);
CREATE INDEX case_timers_at ON case_timers (at);

-- Folded words of cases that are not confidential.
CREATE TABLE case_texts (
    number BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE INDEX case_texts_words ON case_texts USING gin (to_tsvector('simple'::regconfig, body));

-- Whether it was put right: asked at a closing, 7 and 28 days later.
CREATE TABLE followups (
    id UUID NOT NULL PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    -- Which closing of the case, from 1, and which question, 0 to 2.
    closing BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'yes', 'no', 'over')),
    due_at BIGINT NOT NULL,
    asked_at BIGINT,
    answered_at BIGINT,
    outbox_id UUID REFERENCES outbox (id),
    UNIQUE (case_id, contact_id, closing, ordinal)
);
CREATE INDEX followups_due ON followups (due_at) WHERE state = 'waiting';
CREATE INDEX followups_contact ON followups (contact_id, asked_at) WHERE state IN ('waiting', 'asked');

-- Tries at the PIN of a folio, by contact and by folio (keyed hashes and ids).
CREATE TABLE case_tries (
    key BYTEA NOT NULL PRIMARY KEY,
    began_at BIGINT NOT NULL,
    tries BIGINT NOT NULL
);
CREATE INDEX case_tries_began ON case_tries (began_at);

-- Which privacy notice a contact agreed to, and when.
CREATE TABLE consents (
    contact_id UUID NOT NULL REFERENCES contacts (id),
    version BIGINT NOT NULL,
    inbox_id UUID REFERENCES inbox (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (contact_id, version)
);

-- Suggestions, praise with words and stories: shown in public only after somebody looked at them.
CREATE TABLE feedback (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('suggestion', 'praise', 'story')),
    municipality TEXT NOT NULL,
    contact_id UUID REFERENCES contacts (id),
    inbox_id UUID UNIQUE REFERENCES inbox (id),
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'shown', 'hidden', 'asked')),
    reason TEXT,
    version BIGINT NOT NULL,
    decided_by UUID,
    decided_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX feedback_waiting ON feedback (municipality, id) WHERE state = 'waiting';

-- The case that an event, a message to a citizen or a file belongs to.
ALTER TABLE events ADD COLUMN case_id UUID REFERENCES cases (id);
-- Where it happened, and whether only staff with a grant may know of it.
ALTER TABLE events ADD COLUMN municipality TEXT;
ALTER TABLE events ADD COLUMN restricted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outbox ADD COLUMN case_id UUID REFERENCES cases (id);
CREATE INDEX outbox_case ON outbox (case_id, id) WHERE case_id IS NOT NULL;
ALTER TABLE media ADD COLUMN case_id UUID REFERENCES cases (id);
CREATE INDEX media_case ON media (case_id) WHERE case_id IS NOT NULL;
