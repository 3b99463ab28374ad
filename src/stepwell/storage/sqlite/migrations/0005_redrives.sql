-- Redrives: one row for each execution that was redriven. They are few, so what all executions have stays as it was.

-- `machine` is the id of an ARN, as in executions; `tokens` is JSON: [token, when] pairs.
CREATE TABLE redrives (
    execution INTEGER PRIMARY KEY,
    machine INTEGER NOT NULL,
    times INTEGER NOT NULL,
    redriven INTEGER NOT NULL,
    tokens BLOB NOT NULL
);
CREATE INDEX redrives_listed ON redrives (machine);
