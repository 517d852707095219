-- What waits for one officer: a case that she was given, a note that names her, a citizen who answered,
-- something that is owed soon. It holds no words.
CREATE TABLE notices (
    id UUID NOT NULL PRIMARY KEY,
    staff_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('assigned', 'mentioned', 'answered', 'due')),
    case_id UUID NOT NULL REFERENCES cases (id),
    -- Who led to it, where that is an officer.
    by_id UUID,
    at BIGINT NOT NULL,
    seen_at BIGINT
);
-- Of one kind a case waits once.
CREATE UNIQUE INDEX notices_waiting ON notices (staff_id, case_id, kind) WHERE seen_at IS NULL;
CREATE INDEX notices_list ON notices (staff_id, id) WHERE seen_at IS NULL;
CREATE INDEX notices_seen ON notices (seen_at) WHERE seen_at IS NOT NULL;
