"""What do the documents say that the code can confirm: tables, links, commands, settings?

Reads Markdown as far as the house writes it. Knows nothing of what is true; the tests compare.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[\s;`(])chipledger ([a-z]+)(?: ([a-z]+))?(?![a-z.])", re.MULTILINE)
VARIABLE = re.compile(r"CHIPLEDGER_[A-Z_]*[A-Z]")


def papers() -> dict[str, str]:
    """Every document for people, by its path from the root."""
    there = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "api" / "cli" / "figures" / "README.md"]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(there)}


def table_under(text: str, first_heading: str) -> list[list[str]]:
    """The cells, row by row, of the table whose first column is headed so; no header, no rule."""
    lines = text.split("\n")
    head = next(place for place, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows = []
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def code_in(text: str) -> str:
    """All that is set as code: blocks, and spans outside them."""
    return "\n".join([*FENCED.findall(text), *SPAN.findall(FENCED.sub("", text))])


def commands_in(text: str) -> set[tuple[str, str]]:
    """`chipledger` commands in code: the first word and the one after it, empty where it is no plain word."""
    return {(found[1], found[2] or "") for found in COMMAND.finditer(code_in(text))}


def links_in(text: str) -> list[str]:
    """Where its links lead, code left out."""
    return LINK.findall(SPAN.sub("", FENCED.sub("", text)))


def anchors_of(text: str) -> set[str]:
    """The anchors that a page's headings make."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(FENCED.sub("", text)))
    return {heading.replace(" ", "-") for heading in plain}


def broken_links(pages: dict[str, str]) -> list[str]:
    """Links inside the project that lead nowhere."""
    broken = []
    for name, text in pages.items():
        for link in links_in(text):
            if "://" in link:
                continue
            target, _, anchor = link.partition("#")
            path = (ROOT / name).parent / target if target else ROOT / name
            if not path.exists():
                broken.append(f"{name}: {link}: no such file")
            elif anchor and anchor not in anchors_of(path.read_text(encoding="utf-8")):
                broken.append(f"{name}: {link}: no such heading")
    return broken
