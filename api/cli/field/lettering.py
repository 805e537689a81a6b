"""Which letters can be printed, and what stands for those that cannot?

Without a font of the user's own the fonts that every PDF reader has are used, which know Western European
letters only. Promises: any text can be printed; accents that the font lacks are taken off, and what is still
missing is replaced by a visible sign, and counted, so that a page can say so.
"""

import unicodedata
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from api.cli.screen.terminal import wrong_usage

CORE_FONT = "Helvetica"
CORE_ENCODING = "latin-1"
OWN_FONT = "own"
REPLACEMENT = "?"
PLAINER = {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "ł": "l", "Ł": "L"}
PLAINER |= {"đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "\u00a0": " ", "\u202f": " ", "€": "EUR"}


class Lettering:
    """The font of one document, and how many characters it had to replace."""

    def __init__(self, page: FPDF, font: Path | None) -> None:
        """`font`: a TrueType or OpenType file; wrong usage where it cannot be read."""
        self._page = page
        self.replaced = 0
        self._family, self._known = CORE_FONT, None
        if font is not None:
            try:
                page.add_font(OWN_FONT, "", str(font))
                page.add_font(OWN_FONT, "B", str(font))
            except Exception as fault:  # the font library has errors of its own, and the file is a stranger's
                raise wrong_usage(f"{font}: no font that can be read: {fault}") from None
            own = page.fonts[OWN_FONT]
            assert isinstance(own, TTFFont)  # it came from a file
            self._family, self._known = OWN_FONT, frozenset(own.cmap)

    def size(self, points: float, *, bold: bool = False) -> None:
        """Print from here on in this size."""
        self._page.set_font(self._family, "B" if bold else "", points)

    def fit(self, text: str) -> str:
        """The text in letters of this font."""
        return "".join(map(self._fit_one, " ".join(text.split())))

    def _fit_one(self, letter: str) -> str:
        if self._has(letter):
            return letter
        plain = PLAINER.get(letter) or "".join(
            part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)
        )
        if plain and all(map(self._has, plain)):
            return plain
        self.replaced += 1
        return REPLACEMENT

    def _has(self, letter: str) -> bool:
        if self._known is not None:
            return ord(letter) in self._known
        return letter.isprintable() and letter.encode(CORE_ENCODING, "ignore") != b""


def shortened(page: FPDF, text: str, width_mm: float) -> str:
    """The text, cut with three dots where it is wider than that in the present font."""
    if page.get_string_width(text) <= width_mm:
        return text
    while text and page.get_string_width(text + "...") > width_mm:
        text = text[:-1]
    return text + "..."
