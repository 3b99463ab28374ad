-- The first schema. Times are milliseconds since the epoch; what is JSON, and opaque blobs, rest as they are.

-- One row: the secret of this installation.
CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret BLOB NOT NULL
);

CREATE TABLE state_machines (
    key INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created INTEGER NOT NULL,
    tags BLOB NOT NULL
);
CREATE INDEX state_machines_listed ON state_machines (account, region);

CREATE TABLE revisions (
    key INTEGER PRIMARY KEY,
    state_machine_arn TEXT NOT NULL,
    revision_id TEXT,
    definition TEXT NOT NULL,
    role_arn TEXT NOT NULL,
    logging_configuration BLOB NOT NULL,
    tracing_configuration BLOB NOT NULL,
    encryption_configuration BLOB NOT NULL,
    created INTEGER NOT NULL
);

CREATE TABLE activities (
    key INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    encryption_configuration BLOB NOT NULL,
    tags BLOB NOT NULL
);
CREATE INDEX activities_listed ON activities (account, region);

-- Texts that many executions share: the ARNs of state machines, and of executions up to their last colon.
CREATE TABLE arns (
    id INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE
);

-- The ARN of an execution is `prefix` and `label` together. `name` is null where it is the label, and `input` where it
-- rests in large_inputs. The index by status serves the listing of all of them as well, merged.
CREATE TABLE executions (
    key INTEGER PRIMARY KEY,
    prefix INTEGER NOT NULL,
    label TEXT NOT NULL,
    machine INTEGER NOT NULL,
    name TEXT,
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    input TEXT,
    started INTEGER NOT NULL,
    stopped INTEGER,
    output TEXT,
    error TEXT,
    cause TEXT,
    trace_header TEXT,
    version INTEGER NOT NULL,
    progress BLOB NOT NULL,
    parked TEXT
);
CREATE UNIQUE INDEX executions_by_arn ON executions (prefix, label);
CREATE INDEX executions_listed ON executions (machine, status);
CREATE INDEX executions_parked ON executions (key) WHERE parked IS NOT NULL;

CREATE TABLE large_inputs (
    execution INTEGER PRIMARY KEY,
    input TEXT NOT NULL
);

-- `id` is the key of the execution and the first event in one: execution * 1048576 + first event.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    last_event INTEGER NOT NULL,
    chunk BLOB NOT NULL
);

-- `frame` is empty where it rests in large_frames.
CREATE TABLE lanes (
    execution INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    waits TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    due INTEGER,
    resource TEXT,
    claimed_by TEXT,
    scheduled INTEGER NOT NULL,
    progress BLOB NOT NULL,
    frame BLOB,
    PRIMARY KEY (execution, lane)
) WITHOUT ROWID;
CREATE INDEX lanes_due ON lanes (due) WHERE due IS NOT NULL;
CREATE INDEX lanes_claimable ON lanes (execution, lane, claimed_by) WHERE waits IN ('task', 'turn');
CREATE INDEX lanes_of_activity ON lanes (resource, scheduled) WHERE waits = 'activity';
CREATE INDEX lanes_of_job ON lanes (resource) WHERE waits = 'job';

CREATE TABLE large_frames (
    execution INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    frame BLOB NOT NULL,
    PRIMARY KEY (execution, lane)
) WITHOUT ROWID;
