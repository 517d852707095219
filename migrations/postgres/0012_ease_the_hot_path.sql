-- What a message causes is written by one statement that has looked its contact and its message up, and
-- no row of these tables is ever deleted. Checking each reference once more, and locking the row that it
-- names, was most of what a message cost.
ALTER TABLE inbox DROP CONSTRAINT inbox_contact_id_fkey, DROP CONSTRAINT inbox_folded_into_fkey;
ALTER TABLE outbox DROP CONSTRAINT outbox_inbox_id_fkey, DROP CONSTRAINT outbox_contact_id_fkey;
ALTER TABLE events DROP CONSTRAINT events_contact_id_fkey, DROP CONSTRAINT events_inbox_id_fkey,
    DROP CONSTRAINT events_outbox_id_fkey;

-- These rows change with every message: room beside them, so that a new version needs no index entry.
ALTER TABLE contacts SET (fillfactor = 70);
ALTER TABLE conversations SET (fillfactor = 70);
