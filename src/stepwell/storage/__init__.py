"""Where executions rest: one port, several stores behind it."""
