"""What the examples have in common: a server as a child, and telling what happens."""
