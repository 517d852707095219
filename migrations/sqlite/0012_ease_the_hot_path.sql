-- Nothing to do here: checking a reference is cheap on SQLite, and every write is made by one writer.
SELECT 1;
