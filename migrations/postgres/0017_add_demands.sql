-- Demands: what many ask for together.
CREATE TABLE demands (
    id UUID NOT NULL PRIMARY KEY,
    -- Three or four digits. One that is over keeps its code; a year later another may have it.
    code BIGINT NOT NULL CHECK (code BETWEEN 100 AND 9999),
    state TEXT NOT NULL CHECK (state IN ('confirming', 'moderation', 'collecting', 'reached', 'with_authority',
        'answered', 'followed', 'archived', 'rejected', 'withdrawn', 'expired', 'merged')),
    -- Grows by one with every change but a support; the change is the row of demand_changes with this version.
    version BIGINT NOT NULL,
    municipality TEXT NOT NULL,
    topic TEXT NOT NULL,
    -- Code of the office that owes the answer, and its name when it was handed over.
    office TEXT,
    office_name TEXT,
    -- What is asked for, one segment. Emptied where it never was public and its author was erased.
    text TEXT NOT NULL,
    -- Who wrote it; NULL once she was erased.
    contact_id UUID REFERENCES contacts (id),
    -- The message that opened it.
    inbox_id UUID UNIQUE REFERENCES inbox (id),
    -- Who opened it, where that is staff: out of cases.
    staff_id UUID,
    -- Who wrote it for her, with her code.
    relay_id UUID REFERENCES contacts (id),
    -- Whether its author was a verified leader when it was published.
    by_leader BOOLEAN NOT NULL DEFAULT FALSE,
    threshold BIGINT NOT NULL,
    -- Support, exactly: kept in the transaction that changes it. Of a merged one, what it had then.
    phone BIGINT NOT NULL DEFAULT 0,
    flagged BIGINT NOT NULL DEFAULT 0,
    verified BIGINT NOT NULL DEFAULT 0,
    paper BIGINT NOT NULL DEFAULT 0,
    new_senders BIGINT NOT NULL DEFAULT 0,
    merged_into UUID REFERENCES demands (id),
    -- The state before it was merged.
    state_before TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- When a total or anything else last changed: who remembers demands reads what is younger.
    touched_at BIGINT NOT NULL,
    -- Whether a total changed since the feed was last told.
    untold BOOLEAN NOT NULL DEFAULT FALSE,
    published_at BIGINT,
    collect_until BIGINT,
    reached_at BIGINT,
    handed_at BIGINT,
    answer_due BIGINT,
    -- When the term was over without an answer.
    silent_at BIGINT,
    answered_at BIGINT,
    archive_at BIGINT,
    over_at BIGINT,
    -- Why a moderator refused it.
    reason TEXT,
    -- When a clock looks at it next.
    next_at BIGINT
);
CREATE UNIQUE INDEX demands_code ON demands (code) WHERE over_at IS NULL;
CREATE INDEX demands_codes ON demands (code, over_at);
CREATE INDEX demands_next ON demands (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX demands_touched ON demands (touched_at, id);
CREATE INDEX demands_untold ON demands (id) WHERE untold;
CREATE INDEX demands_contact ON demands (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX demands_relay ON demands (relay_id) WHERE relay_id IS NOT NULL;
CREATE INDEX demands_merged ON demands (merged_into) WHERE merged_into IS NOT NULL;

-- Who supports a demand. Nobody reads it but who counts and who sends the news of it; who takes her support
-- back leaves no row.
CREATE TABLE demand_supports (
    id UUID NOT NULL PRIMARY KEY,
    -- The demand whose code was written.
    demand_id UUID NOT NULL REFERENCES demands (id),
    -- The demand in whose total it is: another one while the first is merged into it.
    root_id UUID NOT NULL REFERENCES demands (id),
    -- NULL: she was erased after the answer.
    contact_id UUID REFERENCES contacts (id),
    -- The person, or the contact where no other belongs to her.
    holder_id UUID NOT NULL,
    -- Who wrote it for her, with her code.
    relay_id UUID REFERENCES contacts (id),
    kind TEXT NOT NULL CHECK (kind IN ('phone', 'verified')),
    -- Open flags: 1 velocity, 2 range, 4 new senders; 0 where staff cleared them.
    flags BIGINT NOT NULL,
    cleared BOOLEAN NOT NULL DEFAULT FALSE,
    new_sender BOOLEAN NOT NULL,
    -- As what it is counted; NULL where another one of its person is.
    counted TEXT CHECK (counted IN ('phone', 'flagged', 'verified')),
    -- Of one person the least is counted: 0 verified, 1 phone, 2 flagged.
    rank BIGINT NOT NULL,
    -- Whether she wants no news of it.
    muted BOOLEAN NOT NULL DEFAULT FALSE,
    -- Number of the last notice that was for it.
    noticed BIGINT NOT NULL,
    -- Her municipality.
    municipality TEXT,
    -- Keyed hashes of the two ranges of her number; NULL once they serve no rule.
    range_a BYTEA,
    range_b BYTEA,
    signed_at BIGINT NOT NULL
);
-- Nobody is counted twice.
CREATE UNIQUE INDEX demand_supports_once ON demand_supports (root_id, holder_id)
    WHERE counted IS NOT NULL;
CREATE UNIQUE INDEX demand_supports_contact ON demand_supports (contact_id, demand_id)
    WHERE contact_id IS NOT NULL;
CREATE INDEX demand_supports_relay ON demand_supports (relay_id) WHERE relay_id IS NOT NULL;
CREATE INDEX demand_supports_holder ON demand_supports (holder_id, root_id);
CREATE INDEX demand_supports_noticed ON demand_supports (root_id, noticed);
CREATE INDEX demand_supports_own ON demand_supports (demand_id, noticed);
CREATE INDEX demand_supports_signed ON demand_supports (demand_id, signed_at, new_sender);
CREATE INDEX demand_supports_a ON demand_supports (demand_id, range_a) WHERE range_a IS NOT NULL;
CREATE INDEX demand_supports_b ON demand_supports (demand_id, range_b) WHERE range_b IS NOT NULL;

-- Supports of a day (since 1970, UTC), and those taken back.
CREATE TABLE demand_days (
    demand_id UUID NOT NULL REFERENCES demands (id),
    day BIGINT NOT NULL,
    signed BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    PRIMARY KEY (demand_id, day)
);
-- Where the supporters of a total live. Never shown without the rules for small numbers.
CREATE TABLE demand_regions (
    demand_id UUID NOT NULL REFERENCES demands (id),
    municipality TEXT NOT NULL,
    supports BIGINT NOT NULL,
    PRIMARY KEY (demand_id, municipality)
);

-- Support on paper: the list of an assembly.
CREATE TABLE demand_actas (
    id UUID NOT NULL PRIMARY KEY,
    demand_id UUID NOT NULL REFERENCES demands (id),
    folio TEXT NOT NULL,
    heads BIGINT NOT NULL CHECK (heads BETWEEN 1 AND 100000),
    held_on TEXT NOT NULL,
    place TEXT,
    -- The picture of it.
    media_id UUID,
    -- Of a sample that was called back: how many, and how many of them confirmed it.
    called BIGINT NOT NULL DEFAULT 0,
    confirmed BIGINT NOT NULL DEFAULT 0 CHECK (confirmed <= called),
    version BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    entered_at BIGINT NOT NULL,
    voided_at BIGINT
);
CREATE UNIQUE INDEX demand_actas_folio ON demand_actas (demand_id, folio) WHERE voided_at IS NULL;
CREATE INDEX demand_actas_list ON demand_actas (demand_id, id);
CREATE INDEX demand_actas_media ON demand_actas (media_id) WHERE media_id IS NOT NULL;

-- Every change but a support, dated, for ever.
CREATE TABLE demand_changes (
    demand_id UUID NOT NULL REFERENCES demands (id),
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('citizen', 'staff', 'service')),
    staff_id UUID,
    was TEXT,
    became TEXT,
    detail TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (demand_id, version)
);

-- In which lists of staff a demand stands now: a queue and a place, as those of cases.
CREATE TABLE demand_lists (
    list TEXT NOT NULL,
    demand_id UUID NOT NULL REFERENCES demands (id),
    PRIMARY KEY (list, demand_id)
);
CREATE INDEX demand_lists_demand ON demand_lists (demand_id);
CREATE TABLE demand_counts (
    list TEXT NOT NULL PRIMARY KEY,
    demands BIGINT NOT NULL
);

-- A merge that was asked for, and what became of it.
CREATE TABLE demand_merges (
    id UUID NOT NULL PRIMARY KEY,
    child_id UUID NOT NULL REFERENCES demands (id),
    parent_id UUID NOT NULL REFERENCES demands (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'done', 'refused', 'lapsed', 'undone')),
    staff_id UUID NOT NULL,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX demand_merges_child ON demand_merges (child_id) WHERE state IN ('asked', 'done');
CREATE INDEX demand_merges_children ON demand_merges (child_id, state);
CREATE INDEX demand_merges_parent ON demand_merges (parent_id);
CREATE INDEX demand_merges_until ON demand_merges (until_at) WHERE state = 'asked';

-- What an author wants her supporters to read.
CREATE TABLE demand_messages (
    id UUID NOT NULL PRIMARY KEY,
    demand_id UUID NOT NULL REFERENCES demands (id),
    municipality TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused')),
    reason TEXT,
    version BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    decided_by UUID,
    decided_at BIGINT
);
CREATE INDEX demand_messages_demand ON demand_messages (demand_id, id);
CREATE INDEX demand_messages_waiting ON demand_messages (municipality, id) WHERE state = 'waiting';

-- News that is on its way to many; one after the other, each to everybody once.
CREATE TABLE demand_notices (
    number BIGINT NOT NULL PRIMARY KEY,
    demand_id UUID NOT NULL REFERENCES demands (id),
    -- author: who wrote it; own: who signed this one; tree: all of its total; topic: who subscribed; cases:
    -- whose cases it grew out of.
    scope TEXT NOT NULL CHECK (scope IN ('author', 'own', 'tree', 'topic', 'cases')),
    kind TEXT NOT NULL,
    -- What it says besides, as JSON.
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    sent BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT
);
CREATE INDEX demand_notices_waiting ON demand_notices (number) WHERE done_at IS NULL;
CREATE INDEX demand_notices_demand ON demand_notices (demand_id, number);

-- The answer of the authority.
CREATE TABLE demand_answers (
    demand_id UUID NOT NULL PRIMARY KEY REFERENCES demands (id),
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'partly', 'rejected')),
    reason TEXT NOT NULL,
    -- Thousandths of the currency's unit.
    cost BIGINT,
    -- By when it is done.
    due_on TEXT,
    staff_id UUID NOT NULL,
    answered_at BIGINT NOT NULL
);

-- A public promise.
CREATE TABLE commitments (
    id UUID NOT NULL PRIMARY KEY,
    demand_id UUID NOT NULL UNIQUE REFERENCES demands (id),
    municipality TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Who keeps it: an office or a post, no person.
    owner TEXT NOT NULL,
    due_on TEXT,
    state TEXT NOT NULL CHECK (state IN ('not_started', 'in_progress', 'stuck', 'finished', 'incomplete')),
    percent BIGINT NOT NULL CHECK (percent BETWEEN 0 AND 100),
    -- What supporters say, exactly.
    yes BIGINT NOT NULL DEFAULT 0,
    nope BIGINT NOT NULL DEFAULT 0,
    half BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX commitments_place ON commitments (municipality, id);
CREATE TABLE commitment_milestones (
    id UUID NOT NULL PRIMARY KEY,
    commitment_id UUID NOT NULL REFERENCES commitments (id),
    ordinal BIGINT NOT NULL,
    title TEXT NOT NULL,
    due_on TEXT,
    state TEXT NOT NULL CHECK (state IN ('not_started', 'in_progress', 'stuck', 'finished', 'incomplete')),
    UNIQUE (commitment_id, ordinal)
);
-- Secret, as supports are.
CREATE TABLE commitment_votes (
    commitment_id UUID NOT NULL REFERENCES commitments (id),
    holder_id UUID NOT NULL,
    contact_id UUID NOT NULL REFERENCES contacts (id),
    vote TEXT NOT NULL CHECK (vote IN ('yes', 'no', 'half')),
    voted_at BIGINT NOT NULL,
    PRIMARY KEY (commitment_id, holder_id)
);
CREATE INDEX commitment_votes_contact ON commitment_votes (contact_id);

-- How offices answer demands.
CREATE TABLE demand_offices (
    municipality TEXT NOT NULL,
    office TEXT NOT NULL,
    office_name TEXT NOT NULL,
    answered BIGINT NOT NULL,
    -- Of the answered ones, those within the term.
    in_time BIGINT NOT NULL,
    -- Terms that were over without an answer.
    silent BIGINT NOT NULL,
    PRIMARY KEY (municipality, office)
);

-- Cases that a demand grew out of or that ask for the same.
CREATE TABLE demand_cases (
    demand_id UUID NOT NULL REFERENCES demands (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    staff_id UUID NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (demand_id, case_id)
);
CREATE INDEX demand_cases_case ON demand_cases (case_id);

-- Organisations that sign in public.
CREATE TABLE demand_endorsements (
    demand_id UUID NOT NULL REFERENCES demands (id),
    organisation TEXT NOT NULL,
    staff_id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (demand_id, organisation)
);

-- Who asked to be known as a leader.
CREATE TABLE community_leaders (
    id UUID NOT NULL PRIMARY KEY,
    contact_id UUID NOT NULL UNIQUE REFERENCES contacts (id),
    municipality TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'verified', 'refused')),
    -- Name and group as she wrote them, sealed.
    words TEXT NOT NULL,
    reason TEXT,
    version BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by UUID,
    decided_at BIGINT
);
CREATE INDEX community_leaders_list ON community_leaders (state, municipality, id);

-- Whose number was checked.
CREATE TABLE verified_contacts (
    contact_id UUID NOT NULL PRIMARY KEY REFERENCES contacts (id),
    how TEXT NOT NULL CHECK (how IN ('code', 'staff')),
    staff_id UUID,
    at BIGINT NOT NULL
);

-- Codes by which a person lets another one write for her, keyed hashes only.
CREATE TABLE relay_codes (
    id UUID NOT NULL PRIMARY KEY,
    code_key BYTEA NOT NULL UNIQUE,
    -- Who writes, and for whom.
    relay_id UUID NOT NULL REFERENCES contacts (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX relay_codes_relay ON relay_codes (relay_id, created_at);
CREATE INDEX relay_codes_contact ON relay_codes (contact_id, created_at);
CREATE INDEX relay_codes_expiring ON relay_codes (expires_at);

-- Cases that somebody reported for another one, with her code: who wrote, and for whom.
CREATE TABLE case_relays (
    case_id UUID NOT NULL PRIMARY KEY REFERENCES cases (id),
    relay_id UUID NOT NULL REFERENCES contacts (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    at BIGINT NOT NULL
);
CREATE INDEX case_relays_contact ON case_relays (contact_id);
CREATE INDEX case_relays_relay ON case_relays (relay_id);

-- What news a contact asked for; each is a consent of its own.
CREATE TABLE subscriptions (
    contact_id UUID NOT NULL REFERENCES contacts (id),
    kind TEXT NOT NULL CHECK (kind IN ('topic', 'week')),
    -- Empty for the week.
    topic TEXT NOT NULL,
    municipality TEXT NOT NULL,
    -- Version of the wording that she agreed to.
    consent BIGINT NOT NULL,
    -- Number of the last notice that was for it.
    noticed BIGINT NOT NULL,
    -- When the next digest is due.
    next_at BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (contact_id, kind, topic)
);
CREATE INDEX subscriptions_topic ON subscriptions (municipality, topic, noticed) WHERE kind = 'topic';
CREATE INDEX subscriptions_week ON subscriptions (next_at) WHERE next_at IS NOT NULL;

-- The demand that an event is about.
ALTER TABLE events ADD COLUMN demand_id UUID REFERENCES demands (id);
