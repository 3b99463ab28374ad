-- Every statement of the store, by name. {rows of n} stands for rows of n parameters, as many as there are.
-- {name} stands for the text of another statement. The order of the columns is that of the records' fields.

-- name: insert_arn
INSERT INTO arns (arn) VALUES (?) ON CONFLICT DO NOTHING

-- name: arn_id
SELECT id FROM arns WHERE arn = ?

-- name: insert_executions
INSERT INTO executions VALUES {rows of 20} ON CONFLICT DO NOTHING

-- name: update_executions
UPDATE executions
SET status = row.column3, stopped = row.column4, output = row.column5, error = row.column6, cause = row.column7,
    version = row.column2, progress = row.column8, parked = row.column9
FROM (VALUES {rows of 9}) AS row
WHERE key = row.column1 AND version = row.column2 - 1

-- name: put_redrives
INSERT INTO redrives VALUES {rows of 5}
ON CONFLICT DO UPDATE SET times = excluded.times, redriven = excluded.redriven, tokens = excluded.tokens

-- name: insert_large_inputs
INSERT INTO large_inputs VALUES {rows of 2} ON CONFLICT DO NOTHING

-- name: insert_chunks
INSERT INTO history VALUES {rows of 3} ON CONFLICT DO NOTHING

-- name: put_lanes
INSERT INTO lanes VALUES {rows of 10}
ON CONFLICT DO UPDATE SET
    waits = excluded.waits, ticket = excluded.ticket, due = excluded.due, resource = excluded.resource,
    claimed_by = excluded.claimed_by, scheduled = excluded.scheduled, progress = excluded.progress,
    frame = coalesce(excluded.frame, frame)

-- name: put_large_frames
INSERT INTO large_frames VALUES {rows of 3} ON CONFLICT DO UPDATE SET frame = excluded.frame

-- SQLite would look at every row here, were the VALUES not within a SELECT of their own.
-- name: delete_lanes
DELETE FROM lanes WHERE (execution, lane) IN (SELECT * FROM (VALUES {rows of 2}))

-- name: delete_large_frames
DELETE FROM large_frames WHERE (execution, lane) IN (SELECT * FROM (VALUES {rows of 2}))

-- name: delete_all_lanes
DELETE FROM lanes WHERE execution IN (VALUES {rows of 1})

-- name: delete_all_large_frames
DELETE FROM large_frames WHERE execution IN (VALUES {rows of 1})

-- name: park
UPDATE executions SET parked = ? WHERE key = ?

-- name: insert_state_machine
INSERT INTO state_machines VALUES {rows of 12} ON CONFLICT DO NOTHING

-- name: update_state_machine
UPDATE state_machines
SET account = row.column3, region = row.column4, name = row.column5, type = row.column6, status = row.column7,
    revision = row.column8, created = row.column9, tags = row.column10, last_version = row.column11,
    published_as = row.column12
FROM (VALUES {rows of 12}) AS row
WHERE key = row.column1 AND arn = row.column2

-- name: delete_state_machine
DELETE FROM state_machines WHERE arn = ?

-- name: insert_revision
INSERT INTO revisions VALUES {rows of 9} ON CONFLICT DO NOTHING

-- name: insert_version
INSERT INTO versions VALUES {rows of 6} ON CONFLICT DO NOTHING

-- name: delete_version
DELETE FROM versions WHERE arn = ?

-- name: delete_versions
DELETE FROM versions WHERE state_machine_arn = ?

-- name: put_alias
INSERT INTO aliases VALUES {rows of 8}
ON CONFLICT DO UPDATE SET description = excluded.description, routes = excluded.routes, updated = excluded.updated

-- name: delete_alias
DELETE FROM aliases WHERE arn = ?

-- name: delete_aliases
DELETE FROM aliases WHERE state_machine_arn = ?

-- name: insert_activity
INSERT INTO activities VALUES {rows of 8} ON CONFLICT DO NOTHING

-- name: update_activity
UPDATE activities
SET account = row.column3, region = row.column4, name = row.column5, created = row.column6,
    encryption_configuration = row.column7, tags = row.column8
FROM (VALUES {rows of 8}) AS row
WHERE key = row.column1 AND arn = row.column2

-- name: delete_activity
DELETE FROM activities WHERE arn = ?

-- name: insert_resource
INSERT INTO resources VALUES {rows of 6} ON CONFLICT DO NOTHING

-- name: update_resource
UPDATE resources SET body = row.column6
FROM (VALUES {rows of 6}) AS row
WHERE key = row.column1 AND kind = row.column2 AND account = row.column3 AND region = row.column4 AND name = row.column5

-- name: delete_resource
DELETE FROM resources WHERE key = ?

-- name: put_deliveries
INSERT INTO deliveries VALUES {rows of 5}
ON CONFLICT DO UPDATE SET
    due = excluded.due, attempts = excluded.attempts, created = excluded.created, body = excluded.body

-- name: end_deliveries
DELETE FROM deliveries WHERE id IN (VALUES {rows of 1})

-- name: insert_secret
INSERT INTO installation VALUES (1, ?) ON CONFLICT DO NOTHING

-- name: secret
SELECT secret FROM installation

-- name: state_machine
SELECT * FROM state_machines WHERE arn = ?

-- name: state_machines
SELECT * FROM state_machines WHERE account = ? AND region = ? AND key < ? ORDER BY key DESC LIMIT ?

-- name: state_machine_count
SELECT count(*) FROM state_machines WHERE account = ? AND region = ?

-- name: revision
SELECT * FROM revisions WHERE key = ?

-- name: version
SELECT * FROM versions WHERE arn = ?

-- name: versions
SELECT * FROM versions WHERE state_machine_arn = ? AND number < ? ORDER BY number DESC LIMIT ?

-- name: alias
SELECT * FROM aliases WHERE arn = ?

-- name: aliases
SELECT * FROM aliases WHERE state_machine_arn = ? AND key > ? ORDER BY key LIMIT ?

-- name: activity
SELECT * FROM activities WHERE arn = ?

-- name: activities
SELECT * FROM activities WHERE account = ? AND region = ? AND key > ? ORDER BY key LIMIT ?

-- name: activity_count
SELECT count(*) FROM activities WHERE account = ? AND region = ?

-- name: activity_arns
SELECT arn FROM activities

-- name: resource
SELECT * FROM resources WHERE kind = ? AND account = ? AND region = ? AND name = ?

-- The names of a prefix are those that it begins: no LIKE, to which % and _ and the case mean something else.
-- name: resources
SELECT * FROM resources
WHERE kind = ?1 AND account = ?2 AND region = ?3 AND substr(name, 1, length(?4)) = ?4 AND key > ?5
ORDER BY key LIMIT ?6

-- name: all_resources
SELECT * FROM resources WHERE kind = ? ORDER BY key

-- name: deliveries
SELECT * FROM deliveries ORDER BY due, id LIMIT ?

-- name: whole_execution
SELECT key, prefix.arn || label, machine.arn, coalesce(name, label), revision, status,
    coalesce(input, (SELECT input FROM large_inputs WHERE execution = key)),
    started, stopped, output, error, cause, trace_header, version, progress, parked,
    (SELECT arn FROM arns WHERE id = state_machine_version), (SELECT arn FROM arns WHERE id = state_machine_alias),
    mock_test_case, times, redriven, tokens
FROM executions
    CROSS JOIN arns AS prefix ON prefix.id = executions.prefix
    CROSS JOIN arns AS machine ON machine.id = executions.machine
    LEFT JOIN redrives ON redrives.execution = key

-- There is no index of all that run, but one by state machine, and then by status: from one to the next by its help.
-- name: open_count
WITH RECURSIVE machines (id) AS (
    SELECT min(machine) FROM executions
    UNION ALL
    SELECT (SELECT min(machine) FROM executions WHERE machine > machines.id) FROM machines WHERE id IS NOT NULL
)
SELECT count(*) FROM machines CROSS JOIN executions ON machine = id WHERE status = 'RUNNING'

-- Without input, output and progress. The rest of it is made in listings.py.
-- name: listed_execution
SELECT key, prefix.arn || label, machine.arn, coalesce(name, label), revision, status,
    '', started, stopped, NULL, error, cause, trace_header, version, x'', parked,
    (SELECT arn FROM arns WHERE id = state_machine_version), (SELECT arn FROM arns WHERE id = state_machine_alias),
    mock_test_case, times, redriven, tokens
FROM executions
    CROSS JOIN arns AS prefix ON prefix.id = executions.prefix
    CROSS JOIN arns AS machine ON machine.id = executions.machine
    LEFT JOIN redrives ON redrives.execution = key

-- The newest of one status. `$column` and `$status` are filled in.
-- name: listed_keys
SELECT key FROM executions WHERE $column = (SELECT id FROM arns WHERE arn = ?1) AND status = $status AND key < ?2

-- name: not_redriven
AND NOT EXISTS (SELECT 1 FROM redrives WHERE execution = key)

-- The newest that were redriven.
-- name: redriven_keys
SELECT execution FROM redrives CROSS JOIN executions ON executions.key = execution
WHERE redrives.machine = (SELECT id FROM arns WHERE arn = ?4) AND execution < ?2
    AND executions.$column = (SELECT id FROM arns WHERE arn = ?1) AND status = ?5

-- name: execution
{whole_execution}
WHERE executions.prefix = (SELECT id FROM arns WHERE arn = ?) AND label = ?

-- name: execution_by_key
{whole_execution}
WHERE key = ?

-- name: parked
{whole_execution}
WHERE key IN (
    SELECT key FROM executions INDEXED BY executions_parked WHERE parked IS NOT NULL ORDER BY key LIMIT ?
)
ORDER BY key

-- The chunk that holds the first event is the last one that doesn't begin behind it. Parameters: ids of the first event
-- of all, of the first and the last that are asked for; the first event.
-- name: chunks
SELECT id & 1048575, last_event, chunk FROM history
WHERE id >= coalesce((SELECT max(id) FROM history WHERE id BETWEEN ?1 AND ?2), ?1) AND id <= ?3 AND last_event >= ?4
ORDER BY id

-- name: lanes
SELECT lane, waits, ticket, due, resource,
    CASE frame
        WHEN x'' THEN coalesce((SELECT f.frame FROM large_frames AS f
            WHERE f.execution = lanes.execution AND f.lane = lanes.lane), frame)
        ELSE frame
    END,
    progress, claimed_by, scheduled
FROM lanes WHERE execution = ? ORDER BY lane

-- name: due
SELECT due, execution, lane, ticket FROM lanes
WHERE due IS NOT NULL AND due <= ? ORDER BY due, execution, lane LIMIT ?

-- name: claimable
SELECT execution, lane FROM lanes
WHERE waits IN ('task', 'turn') AND claimed_by IS NOT ? AND (execution, lane) > (?, ?)
ORDER BY execution, lane LIMIT ?

-- name: activity_tasks
SELECT execution, lane, ticket FROM lanes
WHERE waits = 'activity' AND resource = ? ORDER BY scheduled, execution, lane LIMIT ?

-- name: jobs
SELECT execution, lane, ticket FROM lanes WHERE waits = 'job' AND resource = ? ORDER BY execution, lane

-- name: waiting_jobs
SELECT execution, lane, ticket, resource FROM lanes
WHERE waits = 'job' AND (resource, execution, lane) > (?, ?, ?) ORDER BY resource, execution, lane LIMIT ?

-- name: newest_key
SELECT max(
    coalesce((SELECT max(key) FROM state_machines), 0), coalesce((SELECT max(key) FROM revisions), 0),
    coalesce((SELECT max(key) FROM activities), 0), coalesce((SELECT max(key) FROM executions), 0),
    coalesce((SELECT max(key) FROM aliases), 0), coalesce((SELECT max(key) FROM resources), 0)
)

-- Each row with whether it is what is looked for. A parameter that is null asks for nothing. Parameters: of the machine's
-- ARN; keys below, and from; start since, and until; name; text; for searched_by an ARN's id and a status.
-- name: searched_execution
SELECT key, prefix.arn || label, machine.arn, coalesce(name, label), revision, status,
    '', started, stopped, NULL, error, cause, trace_header, version, x'', parked,
    (SELECT arn FROM arns WHERE id = state_machine_version), (SELECT arn FROM arns WHERE id = state_machine_alias),
    mock_test_case, times, redriven, tokens,
    machine.arn LIKE ?1
        AND (?4 IS NULL OR started >= ?4) AND (?5 IS NULL OR started <= ?5)
        AND (?6 IS NULL OR coalesce(name, label) LIKE ?6 ESCAPE '\')
        AND (?7 IS NULL OR error LIKE ?7 ESCAPE '\' OR cause LIKE ?7 ESCAPE '\'
            OR coalesce(input, (SELECT input FROM large_inputs WHERE execution = key)) LIKE ?7 ESCAPE '\'
            OR output LIKE ?7 ESCAPE '\')
FROM executions
    CROSS JOIN arns AS prefix ON prefix.id = executions.prefix
    CROSS JOIN arns AS machine ON machine.id = executions.machine
    LEFT JOIN redrives ON redrives.execution = key

-- name: searched
{searched_execution}
WHERE key >= ?3 AND key < ?2 ORDER BY key DESC

-- `$column` is filled in.
-- name: searched_by
{searched_execution}
WHERE executions.$column = ?8 AND status = ?9 AND key >= ?3 AND key < ?2 ORDER BY key DESC

-- name: machines_of
WITH RECURSIVE machines (id) AS (
    SELECT min(machine) FROM executions
    UNION ALL
    SELECT (SELECT min(machine) FROM executions WHERE machine > machines.id) FROM machines WHERE id IS NOT NULL
)
SELECT machines.id FROM machines CROSS JOIN arns ON arns.id = machines.id WHERE arn LIKE ?

-- Parameters: of the ARN; start since; keys from; a stretch of time; how many are looked at.
-- name: tally
SELECT started / ?4 * ?4, status, count(*)
FROM (
    SELECT started, status, machine FROM executions WHERE key >= ?3 ORDER BY key DESC LIMIT ?5
) AS newest CROSS JOIN arns ON arns.id = newest.machine
WHERE started >= ?2 AND arn LIKE ?1
GROUP BY 1, 2 ORDER BY 1, 2

-- name: examined
SELECT count(*) FROM (SELECT 1 FROM executions WHERE key >= ? LIMIT ?)

-- name: waiting_tokens
SELECT execution, lane, ticket, scheduled FROM lanes
WHERE waits = 'token' AND (execution, lane) > (?, ?) ORDER BY execution, lane LIMIT ?

-- name: token_count
SELECT count(*) FROM (SELECT 1 FROM lanes WHERE waits = 'token' LIMIT ?)

-- name: scopes
SELECT account, region, count(*) FROM state_machines GROUP BY account, region ORDER BY account, region
