"""The steps of the schema, numbered from 1; each leads from the version before to its own."""
