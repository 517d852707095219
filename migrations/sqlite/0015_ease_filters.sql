-- All that a free filter asks of a case: it reads this index and fetches only the cases that it found.
CREATE INDEX cases_filtered ON cases (number, opened_at, municipality, confidentiality, state, category, office,
    priority, assignee_id, id);
CREATE INDEX cases_assigned ON cases (assignee_id, number) WHERE assignee_id IS NOT NULL;
