"""Worlds that several files of tests ask: made once."""

import pytest

from tests.analytics.wide_reports import published


@pytest.fixture(scope="session", params=(7, 31))
def wide(request, tmp_path_factory):
    """A wider world and its snapshot."""
    return published(request.param, tmp_path_factory.mktemp("wide"))
