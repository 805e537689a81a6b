"""Would this question be answered alike another time, by the same snapshot?

A question that asks a clock, chance or itself would not. It is told by its words, wherever they stand: a text
that only mentions one of them counts too, and loses nothing but that its answer can be kept. Knows no
database; a test compares the words with those the database has.
"""

import re

WORD = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
CLOCK = frozenset(
    {
        "age", "ago", "current_date", "current_localtime", "current_localtimestamp", "current_time",
        "current_timestamp", "get_current_time", "get_current_timestamp", "localtime", "localtimestamp",
        "now", "pg_conf_load_time", "pg_postmaster_start_time", "today", "transaction_timestamp",
    }
)  # fmt: skip
CHANCE = frozenset(
    {
        "bernoulli", "gen_random_uuid", "random", "reservoir", "reservoir_quantile", "sample", "setseed",
        "tablesample", "uuid", "uuidv4", "uuidv7",
    }
)  # fmt: skip
ITSELF = frozenset(
    {
        "current_connection_id", "current_database", "current_query", "current_query_id", "current_schema",
        "current_schemas", "current_setting", "current_transaction_id", "currval", "error", "getvariable",
        "in_search_path", "nextval", "setval", "sleep_ms", "stats", "txid_current", "vector_type",
        "write_log",
    }
)  # fmt: skip
"""What the run is asked about, and what is done rather than answered."""
UNSTEADY = CLOCK | CHANCE | ITSELF


def is_steady(query: str) -> bool:
    """Whether the same snapshot answers the same: but for an order nobody asked for, and last digits."""
    return UNSTEADY.isdisjoint(WORD.findall(query.lower()))
