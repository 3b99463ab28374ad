"""Encodings: Base64 and URLs."""

import base64
import re
from typing import Any
from urllib.parse import quote

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED

_MARKS = "-_.!~*'()"
_RESERVED = ";/?:@&=+$,#"
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


@native("base64encode", "<s-:s>")
def base64encode(run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text's lower bytes in Base64."""
    if text is UNDEFINED:
        return UNDEFINED
    run.reserve_text(len(text) * 4 // 3)
    units = text.encode("utf-16-le", "surrogatepass")[::2]
    return base64.b64encode(units).decode("ascii")


@native("base64decode", "<s-:s>")
def base64decode(run: Run, text: Any = UNDEFINED) -> Any:
    """Return the bytes of a text in Base64, each as a character."""
    if text is UNDEFINED:
        return UNDEFINED
    run.spend(len(text) // 64)
    digits = _NOT_BASE64.sub("", text.partition("=")[0].replace("-", "+").replace("_", "/"))
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")


def _encode(run: Run, text: str, safe: str, name: str) -> str:
    run.reserve_text(len(text))
    try:
        result = quote(text, safe=safe)
    except UnicodeEncodeError:
        raise JsonataError("D3140", text, functionName=name) from None
    run.reserve_text(len(result))
    return result


def _decode(run: Run, text: str, kept: str, name: str) -> str:
    run.reserve_text(len(text))

    def decode(found: "re.Match[str]") -> str:
        if found[0] == "%":
            raise JsonataError("D3140", text, functionName=name)
        try:
            characters = bytes.fromhex(found[0].replace("%", "")).decode()
        except UnicodeDecodeError:
            raise JsonataError("D3140", text, functionName=name) from None
        if not kept:
            return characters
        at, result = 0, []
        for character in characters:
            size = 3 * len(character.encode())
            result.append(found[0][at : at + size] if character in kept else character)
            at += size
        return "".join(result)

    return _ESCAPES.sub(decode, text)


@native("encodeUrlComponent", "<s-:s>")
def encode_url_component(run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text as a part of a URL."""
    return UNDEFINED if text is UNDEFINED else _encode(run, text, _MARKS, "encodeUrlComponent")


@native("encodeUrl", "<s-:s>")
def encode_url(run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text as a URL: what separates its parts stays."""
    return UNDEFINED if text is UNDEFINED else _encode(run, text, _MARKS + _RESERVED, "encodeUrl")


@native("decodeUrlComponent", "<s-:s>")
def decode_url_component(run: Run, text: Any = UNDEFINED) -> Any:
    """Return the text that a part of a URL means."""
    return UNDEFINED if text is UNDEFINED else _decode(run, text, "", "decodeUrlComponent")


@native("decodeUrl", "<s-:s>")
def decode_url(run: Run, text: Any = UNDEFINED) -> Any:
    """Return the text that a URL means; what would separate its parts stays encoded."""
    return UNDEFINED if text is UNDEFINED else _decode(run, text, _RESERVED, "decodeUrl")
