-- People who work with the console. The sign-in name is folded; a password hash is a PHC string.
CREATE TABLE staff (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    shown_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- Code of the office whose cases are its own.
    office TEXT,
    password_hash TEXT,
    -- The secret of the second factor, sealed with the address keys of key_version, and its last step.
    totp_sealed BYTEA,
    key_version BIGINT,
    totp_step BIGINT NOT NULL DEFAULT 0,
    -- The keyed hash of the one-time code by which a password is chosen.
    setup_hash BYTEA,
    setup_expires_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    signed_in_at BIGINT
);
CREATE INDEX staff_key_version ON staff (key_version) WHERE key_version IS NOT NULL;

-- What somebody may do, and where: 'country', 'state:12', 'municipality:12066'.
CREATE TABLE staff_roles (
    staff_id UUID NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL CHECK (role IN ('moderator', 'caseworker', 'editor', 'approver', 'auditor',
        'analyst', 'administrator')),
    scope TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, role, scope)
);

-- What a role alone does not allow.
CREATE TABLE staff_grants (
    staff_id UUID NOT NULL REFERENCES staff (id),
    code TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, code)
);

-- Sessions: of the token only its SHA-256 is kept, of the place a keyed hash.
CREATE TABLE staff_sessions (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    staff_id UUID NOT NULL REFERENCES staff (id),
    source_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id, id);
CREATE INDEX staff_sessions_created ON staff_sessions (created_at);

-- Codes that stand in for the second factor once each, as keyed hashes.
CREATE TABLE staff_recovery_codes (
    staff_id UUID NOT NULL REFERENCES staff (id),
    code_hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (staff_id, code_hash)
);

-- Sign-ins that failed, by account (also one that is not there) and by place, each as a keyed hash.
CREATE TABLE staff_attempts (
    kind TEXT NOT NULL CHECK (kind IN ('account', 'source')),
    attempt_key BYTEA NOT NULL,
    failures BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (kind, attempt_key)
);
CREATE INDEX staff_attempts_updated ON staff_attempts (updated_at);
CREATE INDEX staff_attempts_failing ON staff_attempts (failures) WHERE failures >= 5;

-- Answers to writes of the staff API, sealed, so that a repeat gets the first one's.
CREATE TABLE staff_answers (
    staff_id UUID NOT NULL,
    answer_key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, answer_key)
);
CREATE INDEX staff_answers_created ON staff_answers (created_at);

-- Who did what, chained: each mac covers its row and the mac before it. The key is not in here. Ids
-- and codes only.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id UUID,
    act TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac BYTEA NOT NULL
);
CREATE INDEX audit_actor ON audit (actor_id, seq);
CREATE INDEX audit_target ON audit (target_kind, target_id, seq);
CREATE INDEX audit_act ON audit (act, seq);

-- The end of that chain, and which key it is made with. Its row is locked while an entry is added.
CREATE TABLE audit_head (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'head'),
    seq BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    key_fingerprint BYTEA NOT NULL
);
INSERT INTO audit_head (name, seq, mac, key_fingerprint) VALUES ('head', 0, ''::bytea, ''::bytea);
