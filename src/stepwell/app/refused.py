"""Why there is no server."""


class Refused(Exception):
    """The server can't be started like this; the message says why and what to do."""
