-- What staff of a municipality set up: offices, categories, calendars (laid over those of the country
-- pack), canned replies and saved views. Each is a document that is read whole.
CREATE TABLE desk_entries (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('office', 'category', 'calendar', 'canned', 'view')),
    -- Key of a municipality; empty: of all.
    municipality TEXT NOT NULL,
    -- Whose it is: nobody's own where it is all zeros.
    owner_id UUID NOT NULL,
    -- Code of the office or category, letter of the canned reply, name of the view.
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, municipality, owner_id, code)
);
CREATE INDEX desk_entries_owner ON desk_entries (kind, owner_id, code);

-- A text that an officer has not sent yet, one for each case and kind; sealed.
CREATE TABLE drafts (
    id UUID NOT NULL PRIMARY KEY,
    staff_id UUID NOT NULL,
    case_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reply', 'note')),
    text TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (staff_id, case_id, kind)
);
CREATE INDEX drafts_case ON drafts (case_id);

-- Texts that the dialogue did not understand, those that say the same together: a keyed hash of the
-- folded text, and the newest message that says it.
CREATE TABLE unknown_groups (
    id UUID NOT NULL PRIMARY KEY,
    -- Home municipality of who wrote; empty where none is known.
    municipality TEXT NOT NULL,
    text_key BYTEA NOT NULL,
    inbox_id UUID REFERENCES inbox (id),
    messages BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'opened', 'dismissed')),
    decided_by UUID,
    version BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    UNIQUE (municipality, text_key)
);
CREATE INDEX unknown_groups_state ON unknown_groups (state, last_at);
CREATE INDEX unknown_groups_inbox ON unknown_groups (inbox_id);
ALTER TABLE unknown_texts ADD COLUMN group_id UUID REFERENCES unknown_groups (id);
CREATE INDEX unknown_texts_ungrouped ON unknown_texts (inbox_id) WHERE group_id IS NULL;
CREATE INDEX unknown_texts_group ON unknown_texts (group_id, inbox_id);

-- What staff send is held for some seconds and can be taken back until then.
CREATE TABLE held_sends (
    id UUID NOT NULL PRIMARY KEY,
    -- The case, or the message that it answers, where it is no case.
    case_id UUID,
    municipality TEXT NOT NULL,
    staff_id UUID NOT NULL,
    -- The message of the case's thread.
    message_id UUID,
    state TEXT NOT NULL CHECK (state IN ('sent', 'taken_back')),
    -- How the case was before, so that taking it back leaves no trace in its clocks.
    undo TEXT NOT NULL,
    -- Version of the case after it.
    version BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX held_sends_municipality ON held_sends (municipality, id);
CREATE INDEX held_sends_staff ON held_sends (staff_id, id);
CREATE INDEX held_sends_case ON held_sends (case_id);

CREATE TABLE held_messages (
    held_id UUID NOT NULL REFERENCES held_sends (id),
    outbox_id UUID NOT NULL UNIQUE REFERENCES outbox (id),
    PRIMARY KEY (held_id, outbox_id)
);

-- Who looked at a phone number in full, for the alarm; why is in the audit.
CREATE TABLE reveals (
    id UUID NOT NULL PRIMARY KEY,
    staff_id UUID NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX reveals_staff ON reveals (staff_id, at);
