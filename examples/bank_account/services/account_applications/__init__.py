"""Account Applications: what was applied for, and what became of it. It alone uses its database, `applications.db`."""
