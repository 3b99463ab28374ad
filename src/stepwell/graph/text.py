"""Text of users, made safe to show: nothing in it can hide, reorder or break what stands around it."""

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Control characters of C0 and C1, those that reorder text (bidi), joiners of nothing, halves of characters, and
# what is no character at all.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)


def safe_text(text: str, limit: int | None = None) -> str:
    """Return a text with every character that is invisible, or steers its display, replaced; cut to a length."""
    shown = _UNSAFE.sub(REPLACEMENT, text)
    return shown if limit is None or len(shown) <= limit else f"{shown[: limit - 1]}…"


def columns_of(text: str) -> int:
    """Return how many columns a text takes where each character has one or, as in Chinese, two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
