"""Which browser do tests of pages drive?

A page is only known to work once a real browser has opened it. Where none is installed the test is skipped
and says so; where `CHIPLEDGER_BROWSER` is `required`, it fails instead. The variable may also be a path.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

VARIABLE = "CHIPLEDGER_BROWSER"
REQUIRED = "required"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")
MILLISECONDS_MAX = 180_000  # of any one step, the browser's start included: the machine may be busy


def browser_path() -> Path:
    """The browser's executable; skips the test, or fails it where a browser is required."""
    told = os.environ.get(VARIABLE, "")
    if told and told != REQUIRED:
        assert Path(told).is_file(), f"{VARIABLE} names {told}, and no file is there"
        return Path(told)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        why = f"no browser is installed: none of {', '.join(NAMES)}"
        if told == REQUIRED:
            pytest.fail(f"{why}, and {VARIABLE}={REQUIRED}")
        pytest.skip(f"{why}; {VARIABLE} may name one")
    return Path(found)


class Watched:
    """A page, and what it did that a page of ours may not do."""

    def __init__(self, page):
        self.page, self.errors, self.requests = page, [], []
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        page.on("request", lambda asked: self.requests.append(asked.url))


def follow(locator, **how):
    """Click on what leads to another page, and wait for the whole of that: a click ends where it begins."""
    locator.click(**how)
    locator.page.wait_for_load_state()


@contextmanager
def watched_page(**context):
    """A fresh browser's page until the end of the block; `context` as the browser's own settings take it."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(browser_path()), args=list(ARGUMENTS), timeout=MILLISECONDS_MAX
        )
        try:
            made = browser.new_context(**context)
            made.set_default_timeout(MILLISECONDS_MAX)
            yield Watched(made.new_page())
        finally:
            browser.close()
