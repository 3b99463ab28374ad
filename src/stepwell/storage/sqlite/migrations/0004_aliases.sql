-- Aliases of state machines, and executions that were started by one.

-- `routes` is JSON: [version's ARN, weight] pairs.
CREATE TABLE aliases (
    key INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    state_machine_arn TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    routes BLOB NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE INDEX aliases_listed ON aliases (state_machine_arn);

CREATE INDEX executions_of_alias ON executions (state_machine_alias, status)
    WHERE state_machine_alias IS NOT NULL;
