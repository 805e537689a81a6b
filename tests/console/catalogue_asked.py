"""Every question of the database's own catalogue of functions, behind the walls: what comes of each?

Run as a program: the path of a snapshot, and the names of modules to be taken in late, on the command line;
for each question its text, and reason and detail where it is refused, on standard output.
"""

import json
import sys
from pathlib import Path

import duckdb
import msgspec

from analytics.console_child import answer, confine_to, refuse, warm
from analytics.contained import open_watched
from analytics.question import Limits, Request

EXAMPLES = """
    SELECT DISTINCT 'SELECT ' || UNNEST(examples) AS query
    FROM duckdb_functions()
    WHERE LEN(examples) > 0
    ORDER BY query
"""
LIMITS = Limits(wall_seconds=900.0)
OF_OURS = (
    "SELECT [1, 2, 3][1] AS y",
    "SELECT string_split(chip, ':')[1] AS maker, COUNT(*) AS chips FROM chip GROUP BY 1",
    "SELECT chip[1:3] AS beginning FROM chip",
    "SELECT MAP {'a': 1}['a'] AS one, {'b': 2}.b AS two",
    "SELECT TIMESTAMPTZ '2020-01-01 00:00:00+02' AT TIME ZONE 'Europe/Berlin' AS there",
    "SELECT TIMESTAMP_NS '2024-11-20 15:49:53.123456789' AS t, [TIMESTAMP_NS '2024-11-20 15:49:53.1'] AS l",
    "SELECT list_transform([1, 2], lambda x: x + 1) AS l, [x + 1 FOR x IN [1, 2]] AS m",
    "SELECT * EXCLUDE (chip) FROM chip",
    "SELECT COLUMNS('m.*') FROM chip",
    "SELECT strftime(now(), '%A') AS day, date_trunc('month', admitted_at) AS month FROM entry",
    "FROM chip SELECT maker, COUNT(*) FILTER (WHERE status = 'held') AS held GROUP BY ALL ORDER BY ALL",
    "SELECT chip FROM chip QUALIFY ROW_NUMBER() OVER (PARTITION BY maker ORDER BY chip) = 1",
    "SELECT c.chip FROM chip AS c ASOF JOIN entry AS e ON c.birth_index >= e.entry_index",
    "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t",
    "SELECT '{\"a\": 1}'::JSON -> 'a' AS j, regexp_extract('a1', '([0-9])', 1) AS r, 'a' ILIKE 'A' AS i",
    "SELECT median(entry_index) AS m, arg_max(kind, entry_index) AS k, histogram(lines) AS h FROM entry",
    "SELECT * FROM chip USING SAMPLE 5",
    "DESCRIBE chip",
    "SUMMARIZE chip",
)


def main(snapshot, late):
    """Ask them all, one after another, in this process."""
    examples = [query for (query,) in duckdb.sql(EXAMPLES).fetchall()]
    outcomes = []
    with open_watched(Path(snapshot), f"{LIMITS.memory_bytes}B", LIMITS.threads) as connection:
        warm(connection, "json")
        for name in late:
            del sys.modules[name]
        confine_to(LIMITS)
        for query in (*OF_OURS, *examples):
            reply, _ = answer(connection, Request(snapshot, query, "json", LIMITS, {}), refuse)
            no = reply.refused
            outcomes.append((query, *((None, None) if no is None else (no.reason, no.detail))))
    sys.stdout.write(json.dumps({"ours": len(OF_OURS), "outcomes": outcomes}))


if __name__ == "__main__":
    msgspec.json.encode(LIMITS)  # taken in before the walls
    main(sys.argv[1], sys.argv[2:])
