-- How many tries the gateway turned down, for the schedule of repeats; a wait that it asked for is none.
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
-- From when on it is worth sending for a day, where that is not when it was written: put off on purpose,
-- or sent again by a person.
ALTER TABLE outbox ADD COLUMN due_at INTEGER;
-- The gateway that a person chose for the next attempt.
ALTER TABLE outbox ADD COLUMN through TEXT;
-- When the gateway's list is asked next what became of an unknown attempt, and when staff were told of it.
ALTER TABLE outbox ADD COLUMN ask_at INTEGER;
ALTER TABLE outbox ADD COLUMN alarmed_at INTEGER;
CREATE INDEX outbox_asked ON outbox (ask_at) WHERE state = 'unknown';
