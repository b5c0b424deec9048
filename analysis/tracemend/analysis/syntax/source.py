"""Python source bytes to text and back, losing nothing.

The text keeps the file's own line ends, tabs and missing final newline, so that an edit elsewhere leaves them alone.
"""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass


class UndecodableSource(ValueError):
    """The bytes are not text in the encoding that the file declares (PEP 263) or in UTF-8."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """Decoded source with what is needed to encode it again byte for byte."""

    text: str
    encoding: str
    has_bom: bool
    newline: str  # The line end that most lines use: "\n", "\r\n" or "\r".

    def encode(self, text: str | None = None) -> bytes:
        """Encode `text` (by default this text) as the file was encoded.

        Raises `UnicodeEncodeError` where the file's encoding lacks a character of `text`.
        """
        data = (self.text if text is None else text).encode(self.encoding)
        return codecs.BOM_UTF8 + data if self.has_bom else data


def decode_source(data: bytes) -> SourceText:
    """Decode source `data` by its byte-order mark, its PEP 263 cookie, or as UTF-8.

    Raises `UndecodableSource` with a sentence for the user.
    """
    has_bom = data.startswith(codecs.BOM_UTF8)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise UndecodableSource(f"the file declares no usable encoding: {error}") from error
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    body = data[len(codecs.BOM_UTF8) :] if has_bom else data
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableSource(
            f"byte {error.start} is not {encoding}; add a coding line (PEP 263)"
        ) from error
    return SourceText(text, encoding, has_bom, prevailing_newline(text))


def prevailing_newline(text: str) -> str:
    """Return the line end that most lines of `text` use, "\\n" for text without any."""
    crlf = text.count("\r\n")
    lf, cr = text.count("\n") - crlf, text.count("\r") - crlf
    if crlf > lf and crlf >= cr:
        return "\r\n"
    return "\r" if cr > lf else "\n"
