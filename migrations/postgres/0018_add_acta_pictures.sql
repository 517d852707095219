-- A photo of a list of an assembly that a leader sent for a demand, by the message that it came with. It is kept for a
-- while, until staff enters the list from it.
CREATE TABLE demand_pictures (
    inbox_id UUID NOT NULL PRIMARY KEY,
    demand_id UUID NOT NULL REFERENCES demands (id),
    at BIGINT NOT NULL
);
CREATE INDEX demand_pictures_list ON demand_pictures (demand_id, inbox_id);
