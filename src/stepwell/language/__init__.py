"""What a definition says: parse, diagnose, compile. Pure: no clock, no randomness, no I/O."""
