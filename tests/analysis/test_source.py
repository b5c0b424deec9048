import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracemend.analysis.syntax.source import UndecodableSource, decode_source


@pytest.mark.parametrize(
    "data, text, newline",
    [
        (b"x = 1\n", "x = 1\n", "\n"),
        (b"\xef\xbb\xbfx = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n", "\r\n"),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n", "# -*- coding: latin-1 -*-\ns = 'é'\n", "\n"),
        ("s = 'ß€'".encode(), "s = 'ß€'", "\n"),
        (b"", "", "\n"),
    ],
)
def test_decodes_and_encodes_back(data, text, newline):
    source = decode_source(data)
    assert (source.text, source.newline) == (text, newline)
    assert source.encode() == data


@pytest.mark.parametrize(
    "data", [b"s = '\xff'\n", b"# coding: no-such-codec\n", b"# coding: ascii\ns='\xe9'\n"]
)
def test_says_why_it_cannot_decode(data):
    with pytest.raises(UndecodableSource, match=r"encoding|coding line"):
        decode_source(data)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_utf8_text_survives(text):
    data = b"#\n#\n" + text.encode()  # Two comment lines, so that the text holds no coding cookie.
    assert decode_source(data).encode() == data
