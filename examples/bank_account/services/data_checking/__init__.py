"""Data Checking: looks at the names and addresses of applicants. It keeps nothing, so it has no database."""
