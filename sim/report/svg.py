"""Makes matplotlib's SVG fit to stand inside a page: own ids, no style sheet, no style attributes, short numbers.

A page that allows no inline style can show it, two figures on a page cannot disturb each other, and the same figure is
the same text.
"""

from __future__ import annotations

import re
from html import escape

FONTS = "DejaVu Sans, Verdana, Geneva, sans-serif"

_HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)
_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>\s*", re.DOTALL)
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_PATH = re.compile(r'\sd="([^"]*)"')
_DECIMALS = re.compile(r"-?\d+\.\d{2,}")
_POSITION = re.compile(r'\s(x|y|transform)="([^"]*\.\d{3,}[^"]*)"')
_ID = re.compile(r'\sid="([^"]+)"')
_LINK = re.compile(r'(xlink:href="#|url\(#)')
_GAP = re.compile(r">\s+<")


def tidy(text: str, key: str, alt: str) -> str:
    """Return one `<svg>` element whose ids begin with `key`, named for readers of the screen by `alt`."""
    text = _HEAD.sub("", text, count=1)
    text = _SHEET.sub("", _METADATA.sub("", text))
    text = _STYLE.sub(_attributes, text)
    text = _PATH.sub(lambda match: f' d="{_shorten(" ".join(match[1].split()))}"', text)
    text = _POSITION.sub(lambda match: f' {match[1]}="{_shorten(match[2])}"', text)
    text = _ID.sub(rf' id="{key}-\1"', text)
    text = _LINK.sub(rf"\g<1>{key}-", text)
    text = _GAP.sub(">\n<", text).strip()
    root = f'<svg role="img" aria-label="{escape(alt)}" font-family="{FONTS}" stroke-linejoin="round" '
    return text.replace("<svg ", root, 1) + "\n"


def described(svg: str, text: str) -> str:
    """Return an `<svg>` element that carries a text which is not shown: what a file that stands alone has to say."""
    return re.sub(r"(<svg [^>]*>)", lambda match: f"{match[1]}\n<desc>{escape(text)}</desc>", svg, count=1)


def _attributes(match: re.Match[str]) -> str:
    """Turn `style="fill: red; stroke: none"` into presentation attributes; the font is the root's."""
    pairs = [part.split(":", 1) for part in match[1].split(";") if ":" in part]
    named = [(name.strip(), value.strip()) for name, value in pairs]
    return "".join(f' {name}="{value}"' for name, value in named if name not in ("font-family", "font"))


def _shorten(text: str) -> str:
    return _DECIMALS.sub(lambda match: _number(match[0]), text)


def _number(text: str) -> str:
    short = f"{float(text):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
