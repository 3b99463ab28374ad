"""Accounts: opens accounts. It alone uses its database, `accounts.db`."""
