"""Why a call came to nothing."""


class Refused(Exception):
    """The address may not be called, or is none; to try again would not help. The message says why and what to do."""


class Forbidden(Refused):
    """The address is one, and may not be called as it is."""


class Failed(Exception):
    """There was no whole answer: no connection, no certificate, no end within the time."""


class TooLarge(Exception):
    """The answer is larger than was asked for."""
