"""What a checker of accessibility finds on the page that a browser shows."""

import pytest

CHECKER = "axe_playwright_python.sync_playwright"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PASSES_MIN = 10


def violations(page):
    """(rule, first offender) of each; the test is skipped where the checker is not installed."""
    axe = pytest.importorskip(CHECKER, reason="the checker of accessibility is not installed").Axe()
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": list(RULES)}}).response
    assert len(found["passes"]) > PASSES_MIN, "it looked"
    return [(each["id"], each["nodes"][0]["html"][:300]) for each in found["violations"]]
