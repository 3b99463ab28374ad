-- What is to be brought to targets: the outbox. A row goes when its target has it, or it is given up.

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    created INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (due, id);
