"""What a Task can call: one port, one registry from resource ARN to handler."""
