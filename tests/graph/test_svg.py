"""The SVG is well-formed, needs nothing else, and shows names of any kind safely."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.graph import draw
from stepwell.graph.svg import to_svg
from stepwell.graph.text import safe_text

HOSTILE = [
    '"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "]]>", "&#x202e;", "a\u202egpj.exe", "nul\x00",
    "\ud800",
    "\N{ZERO WIDTH SPACE}", "' onload='x", "{{7*7}}", "a</script>", "\x1b[31m", "x" * 500,
]  # fmt: skip


def svg_of(names, **how):
    states = {name: {"Type": "Pass", "End": True, "Comment": name} for name in names}
    text = json.dumps({"StartAt": names[0], "States": states})
    return to_svg(draw(text), **how)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name):
    root = ElementTree.fromstring(svg_of([name]))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "style", "defs", "marker", "path", "rect", "circle", "g", "title", "text"}
    for element in root.iter():
        assert not [attribute for attribute in element.attrib if attribute.startswith("on") or "href" in attribute]
        for text in (element.text, *element.attrib.values()):
            assert text is None or text.strip() == safe_text(text.strip()) or element.tag.endswith("style")


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True))
def test_the_svg_of_any_names_is_well_formed(names):
    ElementTree.fromstring(svg_of(names))


def test_nothing_is_fetched_and_no_script_is_in_it():
    text = svg_of(["A"])
    assert "<script" not in text
    assert "@import" not in text
    assert "url(#" in text
    assert text.count("http") == 1  # the name space


@pytest.mark.parametrize(("theme", "paper"), [("light", "#ffffff"), ("dark", "#11161d")])
def test_a_theme_has_its_own_paper(theme, paper):
    text = svg_of(["A"], theme=theme)
    assert f".paper{{fill:{paper}}}" in text
    assert "prefers-color-scheme" not in text


def test_without_a_theme_it_follows_the_viewer():
    text = svg_of(["A"])
    assert ".paper{fill:#ffffff}" in text
    assert "@media (prefers-color-scheme:dark)" in text


def test_a_status_is_in_the_title_as_well_as_in_the_colour():
    text = svg_of(["A", "B"], statuses={"/States/A": "TIMED_OUT"})
    assert "<title>Pass A: TIMED_OUT</title>" in text
    assert "<title>Pass B</title>" in text
    assert 'class="node state status-timed-out"' in text


def test_text_that_steers_its_display_is_replaced():
    assert safe_text("a\u202eb\x00c\u2066d") == "a�b�c�d"
    assert safe_text("Grüße, 世界 🎉") == "Grüße, 世界 🎉"
    assert safe_text("abcdef", 4) == "abc…"
