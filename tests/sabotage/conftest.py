"""One besieged ledger for all tests that only try to harm it, held against what it was before."""

import pytest

from tests.sabotage.besieged import SIZE_AT_REST, Besieged, bundle, registration, trade
from tests.sabotage.spoiled_bundles import spoiled


@pytest.fixture(scope="session")
def ledger(tmp_path_factory):
    """The besieged one; audited when all is over, and unharmed."""
    besieged = Besieged(tmp_path_factory.mktemp("besieged"))
    besieged.start()
    try:
        besieged.facts = trade(besieged)
        assert besieged.state().size == SIZE_AT_REST == besieged.level()
        besieged.snapshot = newest_snapshot(besieged)
        (besieged.home / "rows.csv").write_text("site,name,country\nx,X,US\n")
        (besieged.home / "new.bundle.json").write_bytes(bundle(*registration(["N9"])))
        before = besieged.state()
        yield besieged
        assert besieged.state() == before
        assert besieged.audit()["clean"]
        assert besieged.process.poll() is None
        assert "Traceback" not in (besieged.folder / "server.err").read_text()
        assert '"level": "error"' not in (besieged.folder / "server.err").read_text()
    finally:
        besieged.stop()


@pytest.fixture
def unharmed(ledger):
    """Size, root and digest are the same after the test as before."""
    before = ledger.state()
    yield
    assert ledger.state() == before


@pytest.fixture(scope="session")
def bundles():
    """The bad bundles, made once."""
    return spoiled()


def newest_snapshot(ledger):
    """The name of the snapshot of the whole trade; the long poll is what passes the time."""
    for _ in range(60):
        items = ledger.http.get("/snapshots", headers=ledger.bearer("lab")).json()["items"]
        if items and items[-1]["size"] == SIZE_AT_REST:
            return items[-1]["name"]
        ledger.http.get(f"/entries?after={SIZE_AT_REST - 1}&wait=1", headers=ledger.bearer("agency"))
    raise AssertionError("no snapshot came")
