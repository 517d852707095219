-- Open complaints of a municipality and category, the newest first: what a new one may be a duplicate of.
CREATE INDEX cases_similar ON cases (municipality, category, id)
    WHERE closed_at IS NULL AND confidentiality = 'open';
