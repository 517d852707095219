-- People who work with the console. The sign-in name is folded; a password hash is a PHC string.
CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    shown_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- Code of the office whose cases are its own.
    office TEXT,
    password_hash TEXT,
    -- The secret of the second factor, sealed with the address keys of key_version, and its last step.
    totp_sealed BLOB,
    key_version INTEGER,
    totp_step INTEGER NOT NULL DEFAULT 0,
    -- The keyed hash of the one-time code by which a password is chosen.
    setup_hash BLOB,
    setup_expires_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    signed_in_at INTEGER
) STRICT;
CREATE INDEX staff_key_version ON staff (key_version) WHERE key_version IS NOT NULL;

-- What somebody may do, and where: 'country', 'state:12', 'municipality:12066'.
CREATE TABLE staff_roles (
    staff_id BLOB NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL CHECK (role IN ('moderator', 'caseworker', 'editor', 'approver', 'auditor',
        'analyst', 'administrator')),
    scope TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, role, scope)
) STRICT;

-- What a role alone does not allow.
CREATE TABLE staff_grants (
    staff_id BLOB NOT NULL REFERENCES staff (id),
    code TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, code)
) STRICT;

-- Sessions: of the token only its SHA-256 is kept, of the place a keyed hash.
CREATE TABLE staff_sessions (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    source_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id, id);
CREATE INDEX staff_sessions_created ON staff_sessions (created_at);

-- Codes that stand in for the second factor once each, as keyed hashes.
CREATE TABLE staff_recovery_codes (
    staff_id BLOB NOT NULL REFERENCES staff (id),
    code_hash BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (staff_id, code_hash)
) STRICT;

-- Sign-ins that failed, by account (also one that is not there) and by place, each as a keyed hash.
CREATE TABLE staff_attempts (
    kind TEXT NOT NULL CHECK (kind IN ('account', 'source')),
    attempt_key BLOB NOT NULL,
    failures INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, attempt_key)
) STRICT;
CREATE INDEX staff_attempts_updated ON staff_attempts (updated_at);
CREATE INDEX staff_attempts_failing ON staff_attempts (failures) WHERE failures >= 5;

-- Answers to writes of the staff API, sealed, so that a repeat gets the first one's.
CREATE TABLE staff_answers (
    staff_id BLOB NOT NULL,
    answer_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, answer_key)
) STRICT;
CREATE INDEX staff_answers_created ON staff_answers (created_at);

-- Who did what, chained: each mac covers its row and the mac before it. The key is not in here. Ids
-- and codes only.
CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id BLOB,
    act TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_actor ON audit (actor_id, seq);
CREATE INDEX audit_target ON audit (target_kind, target_id, seq);
CREATE INDEX audit_act ON audit (act, seq);

-- The end of that chain, and which key it is made with. Its row is locked while an entry is added.
CREATE TABLE audit_head (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'head'),
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL,
    key_fingerprint BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (name, seq, mac, key_fingerprint) VALUES ('head', 0, X'', X'');
