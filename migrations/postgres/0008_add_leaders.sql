-- What one process alone does while several share a database, such as polling a bot: who does it, until
-- when, and how often it changed hands. A holder whose fence is old has been away too long.
CREATE TABLE leaders (
    name TEXT NOT NULL PRIMARY KEY,
    holder UUID NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- Codes that name a contact, for its erasure.
CREATE INDEX link_codes_only ON link_codes (only_id);
