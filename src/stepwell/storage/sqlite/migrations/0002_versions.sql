-- Published versions of state machines, and executions that were started of one.

CREATE TABLE versions (
    arn TEXT PRIMARY KEY,
    state_machine_arn TEXT NOT NULL,
    number INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    description TEXT NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX versions_listed ON versions (state_machine_arn, number);

ALTER TABLE state_machines ADD COLUMN last_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state_machines ADD COLUMN published_as TEXT;

-- Ids of ARNs. Most executions have neither, and no place in the index.
ALTER TABLE executions ADD COLUMN state_machine_version INTEGER;
ALTER TABLE executions ADD COLUMN state_machine_alias INTEGER;
CREATE INDEX executions_of_version ON executions (state_machine_version, status)
    WHERE state_machine_version IS NOT NULL;
