"""What the guard lets through is one question; everything else it names and turns away."""

import pytest

from analytics.guard import refuse_statement
from analytics.question import QUERY_BYTES_MAX

QUESTIONS = (
    "SELECT 1",
    "select custodian, count(*) from chip group by all having count(*) > 1 order by 2 desc limit 3",
    "FROM chip SELECT chip WHERE status = 'held'",
    "WITH late AS (SELECT * FROM shipment WHERE due_by < TIMESTAMP '2026-01-01') SELECT * FROM late",
    "SELECT chip, LEAD(from_index) OVER (PARTITION BY chip ORDER BY from_index) FROM chip_span",
    "(SELECT 1) UNION ALL SELECT 2",
    "SELECT * FROM generate_series(1, 3), unnest([1, 2]) AS u(x)",
    "SELECT c.chip, m.h100e FROM main.chip AS c JOIN model AS m USING (model) -- a comment; with a semicolon",
    "SELECT ';', $$text; with a semicolon$$",
    "DESCRIBE chip",
    "SUMMARIZE chip",
    "VALUES (1)",
    "SELECT table_name FROM information_schema.tables",
    "SELECT column_name, comment FROM duckdb_columns()",
    "SELECT list_transform([1], x -> x + 1), date_diff('day', admitted_at, occurred_at) FROM entry;",
)
REFUSALS = {
    "": "not_one_statement",
    "SELECT 1; SELECT 2": "not_one_statement",
    "SELECT (": "unreadable",
    "SELECT 'open": "unreadable",
    "(" * 4000: "unreadable",
    "SELECT " + "1+" * (QUERY_BYTES_MAX // 2) + "1": "too_long",
    "CREATE TABLE x AS SELECT 1": "not_a_question",
    "WITH gone AS (DELETE FROM chip RETURNING *) SELECT * FROM gone": "not_a_question",
    "EXPLAIN ANALYZE SELECT 1": "not_a_question",
    "CALL pragma_version()": "not_a_question",
    "SELECT * FROM '/etc/passwd'": "not_allowed",
    "SELECT * FROM \"/etc/passwd\"": "not_allowed",
    "SELECT * FROM read_text('/etc/passwd')": "not_allowed",
    "SELECT (SELECT x FROM read_csv('/etc/passwd') AS t(x) LIMIT 1)": "not_allowed",
    "SELECT * FROM query('SELECT 1')": "not_allowed",
    "SELECT getenv('PATH')": "not_allowed",
    "SELECT current_setting('threads')": "not_allowed",
    "SELECT * FROM duckdb_settings": "not_allowed",
    "SELECT ?": "not_allowed",
    "SELECT 1 INTO x": "not_a_question",
}  # fmt: skip


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_question_passes(query):
    assert refuse_statement(query) is None


@pytest.mark.parametrize("query", REFUSALS)
def test_what_is_no_question_is_refused_with_its_reason(query):
    refused = refuse_statement(query)
    assert refused is not None and refused.reason == REFUSALS[query] and refused.detail
