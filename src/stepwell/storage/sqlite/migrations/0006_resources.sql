-- What the other services on the port keep, such as the connections of EventBridge. `body` is theirs alone to read.

CREATE TABLE resources (
    key INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX resources_named ON resources (kind, account, region, name);
