"""The operations of the API, by the nouns they are about. Each takes a validated request and returns the answer."""
