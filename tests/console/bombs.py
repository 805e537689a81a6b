"""What would take all there is, a row each: its name, the query with a size `{n}`, a small size and a great one.

At the small size each is a plain question and is answered: it is the limits that stop it, and nothing else.
`ends` are the reasons it may end with: which wall it meets first is the machine's affair.
"""

# ruff: noqa: E501  a row is a line
from typing import NamedTuple


class Bomb(NamedTuple):
    """One row. In the query `{n}` is the size."""

    name: str
    query: str
    small: int
    great: int
    ends: frozenset[str]

    def at(self, size):
        """The query at a size; `{xs:TEXT}` repeats a text so many times."""
        query = self.query.replace("{n}", str(size))
        while "{xs:" in query:
            head, _, rest = query.partition("{xs:")
            text, _, tail = rest.partition(":}")
            query = head + text * size + tail
        return query


TOO_MUCH = frozenset({"memory", "stopped", "too_slow"})
LARGE = TOO_MUCH | {"output_too_large", "failed"}
DEEP = frozenset({"unreadable", "too_long", "stopped", "failed", "too_slow", "memory"})

BOMBS = (
    # memory
    Bomb("a list of long texts", "SELECT len(list(repeat('x', 10000) || range)) FROM range({n})", 3, 10**7, TOO_MUCH),
    Bomb("one long text of many", "SELECT length(string_agg(repeat('x', 1000), '')) FROM range({n})", 3, 10**8, TOO_MUCH),
    Bomb("a list of numbers", "SELECT len(range({n}))", 3, 10**10, LARGE),
    Bomb("an aggregate of a list", "SELECT list_aggregate(range({n}), 'sum')", 3, 10**9, LARGE),
    Bomb("a list of lists", "SELECT len([range({n}) FOR x IN range({n})])", 3, 10**5, TOO_MUCH),
    Bomb("a window over all", "SELECT MAX(s) FROM (SELECT SUM(range) OVER (ORDER BY hash(range)) AS s FROM range({n}))", 3, 10**8, TOO_MUCH),
    Bomb("a window of lists", "SELECT MAX(len(s)) FROM (SELECT list(range) OVER (ORDER BY range) AS s FROM range({n}))", 3, 10**7, TOO_MUCH),
    Bomb("a sort that would spill", "SELECT range FROM range({n}) ORDER BY hash(range) LIMIT 1 OFFSET {n} - 1", 3, 10**9, TOO_MUCH),
    Bomb("distinct values that would spill", "SELECT COUNT(DISTINCT hash(range)) FROM range({n})", 3, 10**9, TOO_MUCH),
    Bomb("a join that would spill", "SELECT COUNT(*) FROM range({n}) AS a JOIN range({n}) AS b ON hash(a.range) = hash(b.range + 1)", 3, 10**9, TOO_MUCH),
    Bomb("groups without end", "SELECT COUNT(*) FROM (SELECT range, list(range) FROM range({n}) GROUP BY range)", 3, 10**8, TOO_MUCH),
    Bomb("letters that grow", "SELECT length(replace(repeat('a', {n}), 'a', repeat('b', {n})))", 3, 10**5, LARGE),
    Bomb("letters that grow by a pattern", "SELECT length(regexp_replace(repeat('a', {n}), 'a', repeat('b', 1000), 'g'))", 3, 10**7, LARGE),
    Bomb("padding", "SELECT length(lpad('x', {n}, 'yz'))", 3, 2 * 10**9, LARGE),
    Bomb("a map of all", "SELECT cardinality(map_from_entries(list((range, repeat('x', 1000))))) FROM range({n})", 3, 10**7, TOO_MUCH),
    # time
    Bomb("a cross join", "SELECT COUNT(*) FROM range({n}) AS a, range({n}) AS b WHERE (a.range + b.range) % 7 = 1", 3, 10**7, TOO_MUCH),
    Bomb("the chips with themselves", "SELECT COUNT(*) FROM (SELECT chip FROM chip LIMIT {n}) AS a, chip AS b, chip AS c, chip AS d, chip AS e, chip AS f, chip AS g, chip AS h WHERE a.chip || b.chip || h.chip <> g.chip || c.chip", 0, 16, TOO_MUCH),
    Bomb("a count to no end", "SELECT COUNT(*) FROM range({n}) WHERE range % 3 = 1", 3, 10**12, TOO_MUCH),
    Bomb("hashing for as long as it takes", "SELECT MAX(sha256(repeat('x', 100000) || range)) FROM range({n})", 3, 10**7, TOO_MUCH),
    Bomb("one call that takes long", "SELECT levenshtein(repeat('a', {n}), repeat('b', {n}))", 3, 5 * 10**5, TOO_MUCH),
    Bomb("moments without end", "SELECT COUNT(*) FROM generate_series(TIMESTAMP '2000-01-01', TIMESTAMP '2000-01-01' + INTERVAL {n} DAYS, INTERVAL 1 MICROSECOND) WHERE 1 = random()", 0, 10**6, TOO_MUCH),
    Bomb("unnested lists", "SELECT COUNT(*) FROM (SELECT unnest(range({n})) AS u FROM range({n})) WHERE u % 3 = 1", 3, 10**6, TOO_MUCH),
    Bomb("lists unnested twice", "SELECT COUNT(*) FROM (SELECT unnest([[x, x] FOR x IN range({n})], recursive := true) AS u FROM range({n})) WHERE u % 3 = 1", 3, 10**5, TOO_MUCH),
    Bomb("every grouping there is", "SELECT COUNT(*) FROM (SELECT COUNT(*) FROM chip GROUP BY CUBE (chip{xs:, hash(chip):}))", 1, 15, TOO_MUCH | {"failed"}),
    # recursion
    Bomb("recursion", "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t WHERE x < {n}) SELECT MAX(x) FROM t", 3, 10**9, TOO_MUCH),
    Bomb("recursion that doubles", "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t, range(2) WHERE x < {n}) SELECT COUNT(*) FROM t", 3, 100, TOO_MUCH),
    Bomb("recursion of a text", "WITH RECURSIVE t AS (SELECT 'x' AS x UNION ALL SELECT x || x FROM t WHERE length(x) < {n}) SELECT MAX(length(x)) FROM t", 3, 10**12, LARGE),
    Bomb("tables of tables", "WITH a0 AS (SELECT 1 AS x UNION ALL SELECT 2), a1 AS (SELECT p.x FROM a0 AS p, a0 AS q LIMIT {n}), a2 AS (SELECT p.x FROM a1 AS p, a1 AS q, a1 AS r, a1 AS s), a3 AS (SELECT p.x FROM a2 AS p, a2 AS q, a2 AS r, a2 AS s) SELECT COUNT(*) FROM a3 WHERE x <> random()", 1, 10**9, TOO_MUCH),
    # output
    Bomb("a cell of 100 MB", "SELECT repeat('x', {n})", 3, 10**8, LARGE),
    Bomb("a cell of a GB", "SELECT repeat('x', {n})", 3, 10**9, LARGE),
    Bomb("a cell over the output", "SELECT repeat('x', {n})", 3, 2 * 10**6, frozenset({"output_too_large"})),
    # reading
    Bomb("brackets", "SELECT {xs:(:}1{xs:):}", 3, 20_000, DEEP),
    Bomb("a hundred thousand brackets", "SELECT {xs:(:}1{xs:):}", 3, 100_000, frozenset({"too_long"})),
    Bomb("terms", "SELECT 1{xs:+1:}", 3, 30_000, DEEP),
    Bomb("nots", "SELECT {xs:NOT :}true", 2, 15_000, DEEP),
    Bomb("subqueries", "SELECT 1 FROM {xs:(SELECT 1 FROM :}chip{xs:):}", 2, 3_000, DEEP),
    Bomb("cases", "SELECT {xs:CASE WHEN true THEN :}1{xs: END:}", 2, 2_000, DEEP),
    Bomb("lists in lists", "SELECT {xs:[:}1{xs:]:}", 2, 20_000, DEEP),
    Bomb("unions", "SELECT 1{xs: UNION SELECT 1:}", 2, 3_000, DEEP),
)  # fmt: skip
CUT = {
    "rows": "SELECT * FROM range(1000000000)",
    "more rows": "SELECT range FROM range(1000000000000)",
    "bytes": "SELECT repeat('x', 100000) FROM range(1000)",
    "columns": "SELECT " + ", ".join(["range"] * 300) + " FROM range(10000)",
    "chips with themselves": "SELECT a.*, b.* FROM chip AS a, chip AS b, chip AS c, chip AS d, chip AS e, chip AS f",
}
