"""What strangers try, a row each: its name, the query, what it does where no walls are, the console's reason.

`{out}` is a path to write to, `{secret}` a file to read, `{snapshot}` the snapshot itself, `{port}` a local
server. Effects: `reads` the secret, `writes` a file, `calls` the server, `answers` (what nobody should be
told, or a change made); `tries` is nothing, here or there, and is not counted.
"""

# ruff: noqa: E501  a row is a line
from typing import NamedTuple


class Attack(NamedTuple):
    """One row."""

    name: str
    query: str
    effect: str
    reason: str


READ, WRITE, CALL, RUN, TRY = "reads", "writes", "calls", "answers", "tries"
DEED, FORBIDDEN, SEVERAL, FAILED = "not_a_question", "not_allowed", "not_one_statement", "failed"

FILES = (
    Attack("read a text", "SELECT * FROM read_text('{secret}')", READ, FORBIDDEN),
    Attack("read a csv", "SELECT * FROM read_csv('{secret}', header = false)", READ, FORBIDDEN),
    Attack("sniff a csv", "SELECT * FROM sniff_csv('{secret}')", RUN, FORBIDDEN),
    Attack("read it as a blob", "SELECT CAST(content AS VARCHAR) FROM read_blob('{secret}')", READ, FORBIDDEN),
    Attack("read lines", "FROM read_csv_auto('{secret}', header = false)", READ, FORBIDDEN),
    Attack("name a file as a table", "SELECT * FROM '{secret}'", READ, FORBIDDEN),
    Attack("quote a file as a table", 'SELECT * FROM "{secret}"', READ, FORBIDDEN),
    Attack("a file in a subquery", "SELECT (SELECT MAX(words) FROM read_csv('{secret}'))",
           READ, FORBIDDEN),
    Attack("a file in a join", "SELECT * FROM chip LEFT JOIN read_text('{secret}') AS t ON true", READ, FORBIDDEN),
    Attack("a file behind EXISTS", "SELECT 1 WHERE EXISTS (FROM read_text('{secret}'))", RUN, FORBIDDEN),
    Attack("a file in a CTE", "WITH t AS (FROM read_text('{secret}')) SELECT * FROM t", READ, FORBIDDEN),
    Attack("a file of a lateral join", "SELECT t.content FROM (SELECT 1) AS o, LATERAL (FROM read_text('{secret}')) AS t",
           READ, FORBIDDEN),
    Attack("describe a file", "DESCRIBE SELECT * FROM '{secret}'", RUN, FORBIDDEN),
    Attack("summarize a file", "SUMMARIZE '{secret}'", RUN, FORBIDDEN),
    Attack("list a folder", "SELECT * FROM glob('/*')", RUN, FORBIDDEN),
    Attack("list by a pattern", "SELECT * FROM read_text('{open}/../*.csv')", READ, FORBIDDEN),
    Attack("read the process", "SELECT * FROM read_text('/proc/self/environ')", RUN, FORBIDDEN),
    Attack("read the database's own file", "SELECT size FROM read_blob('{snapshot}')", RUN, FORBIDDEN),
    Attack("copy out", "COPY (SELECT 1) TO '{out}'", WRITE, DEED),
    Attack("copy out in parts", "COPY (SELECT 1 AS a) TO '{out}' (FORMAT csv, PARTITION_BY (a), WRITE_PARTITION_COLUMNS)",
           WRITE, DEED),
    Attack("copy to the file's own log", "COPY (SELECT 1) TO '{snapshot}.wal'", WRITE, DEED),
    Attack("copy in", "COPY record.standing (log) FROM '{secret}' (HEADER false, DELIM '|')", RUN, DEED),
    Attack("export all", "EXPORT DATABASE '{out}'", WRITE, DEED),
    Attack("attach a new database", "ATTACH '{out}' AS other", RUN, DEED),
    Attack("attach a memory", "ATTACH ':memory:' AS other", RUN, DEED),
    Attack("profile", "PRAGMA enable_profiling = 'json'", RUN, DEED),
    Attack("log into a file", "CALL enable_logging(storage = 'file', storage_config = {'path': '{out}'})", RUN, DEED),
)  # fmt: skip
NETWORK = (
    Attack("fetch from the network", "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')", CALL, FORBIDDEN),
    Attack("fetch as a table", "SELECT * FROM 'http://127.0.0.1:{port}/x.csv'", CALL, FORBIDDEN),
    Attack("fetch from a bucket", "SELECT * FROM read_parquet('s3://bucket/x.parquet')", CALL, FORBIDDEN),
    Attack("send by a copy", "COPY (SELECT 1) TO 'http://127.0.0.1:{port}/x.csv'", CALL, DEED),
    Attack("attach over the network", "ATTACH 'http://127.0.0.1:{port}/x.duckdb' AS far", CALL, DEED),
    Attack("install an extension", "INSTALL httpfs FROM 'http://127.0.0.1:{port}'", CALL, DEED),
    Attack("install again", "FORCE INSTALL spatial FROM 'http://127.0.0.1:{port}'", CALL, DEED),
    Attack("load an extension", "LOAD json", RUN, DEED),
    Attack("update extensions", "UPDATE EXTENSIONS", RUN, DEED),
)  # fmt: skip
WRITES = (
    Attack("create a table", "CREATE TABLE mine AS SELECT 1", RUN, DEED),
    Attack("create a temporary table", "CREATE TEMP TABLE mine AS SELECT 1", RUN, DEED),
    Attack("create a view", "CREATE OR REPLACE VIEW chip AS SELECT 1", RUN, DEED),
    Attack("create a sequence", "CREATE SEQUENCE counts", RUN, DEED),
    Attack("create a type", "CREATE TYPE mood AS ENUM ('a')", RUN, DEED),
    Attack("create a schema", "CREATE SCHEMA mine", RUN, DEED),
    Attack("change a chip", "UPDATE record.chip_state SET liable = 'somebody'", RUN, DEED),
    Attack("insert a row", "INSERT INTO record.standing SELECT * FROM record.standing", RUN, DEED),
    Attack("merge rows", "MERGE INTO record.standing AS s USING (SELECT 1) AS t ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES", RUN, DEED),
    Attack("delete the chips", "DELETE FROM record.chip_state", RUN, DEED),
    Attack("truncate the chips", "TRUNCATE record.chip_state", RUN, DEED),
    Attack("drop a view", "DROP VIEW chip", RUN, DEED),
    Attack("rename a view", "ALTER VIEW chip RENAME TO chips", RUN, DEED),
    Attack("comment on a view", "COMMENT ON VIEW chip IS 'mine'", RUN, DEED),
    Attack("begin", "BEGIN TRANSACTION", RUN, DEED),
    Attack("write the checkpoint", "CHECKPOINT", RUN, DEED),
    Attack("force the checkpoint", "FORCE CHECKPOINT", RUN, DEED),
    Attack("vacuum", "VACUUM", RUN, DEED),
    Attack("analyze", "ANALYZE", RUN, DEED),
    Attack("define a macro that reads", "CREATE MACRO m() AS TABLE SELECT * FROM read_text('{secret}')", RUN, DEED),
    Attack("write within a question", "WITH gone AS (DELETE FROM record.chip_state RETURNING *) SELECT * FROM gone", RUN, DEED),
)  # fmt: skip
SETTINGS = (
    Attack("raise the memory", "SET memory_limit = '20GB'", RUN, DEED),
    Attack("raise the threads", "SET GLOBAL threads = 64", RUN, DEED),
    Attack("set a folder to spill to", "SET temp_directory = '{out}'", RUN, DEED),
    Attack("open the files again", "SET enable_external_access = false", RUN, DEED),
    Attack("allow a path", "SET allowed_paths = ['{secret}']", RUN, DEED),
    Attack("lock it", "SET lock_configuration = true", RUN, DEED),
    Attack("set a variable", "SET VARIABLE x = 1", RUN, DEED),
    Attack("reset a setting", "RESET memory_limit", RUN, DEED),
    Attack("set by a pragma", "PRAGMA threads = 64", RUN, DEED),
    Attack("store a credential", "CREATE SECRET s (TYPE http, BEARER_TOKEN 'b')", RUN, DEED),
    Attack("change schema", "USE record", RUN, DEED),
    Attack("load by a setting", "SET custom_extension_repository = 'http://127.0.0.1:{port}'", RUN, DEED),
)  # fmt: skip
INFORMATION = (
    Attack("ask for a setting", "SELECT current_setting('temp_directory')", RUN, FORBIDDEN),
    Attack("ask for all settings", "SELECT * FROM duckdb_settings()", RUN, FORBIDDEN),
    Attack("settings by their other name", "SELECT * FROM pg_catalog.pg_settings", RUN, FORBIDDEN),
    Attack("learn where the file lies", "SELECT path FROM duckdb_databases()", RUN, FORBIDDEN),
    Attack("ask for credentials", "SELECT * FROM duckdb_secrets()", RUN, FORBIDDEN),
    Attack("ask which credential", "SELECT * FROM which_secret('s3://a', 's3')", RUN, FORBIDDEN),
    Attack("ask for extensions", "SELECT install_path FROM duckdb_extensions()", RUN, FORBIDDEN),
    Attack("ask for memory", "SELECT * FROM duckdb_memory()", RUN, FORBIDDEN),
    Attack("ask for files that were spilt", "SELECT * FROM duckdb_temporary_files()", RUN, FORBIDDEN),
    Attack("read the log", "SELECT * FROM duckdb_logs()", RUN, FORBIDDEN),
    Attack("ask a pragma", "PRAGMA database_list", RUN, DEED),
    Attack("ask a pragma as a table", "SELECT * FROM pragma_version()", RUN, FORBIDDEN),
    Attack("call a pragma", "CALL pragma_database_size()", RUN, DEED),
    Attack("show databases", "SHOW DATABASES", RUN, DEED),
    Attack("show databases in brackets", "SELECT * FROM (SHOW DATABASES)", RUN, DEED),
    Attack("show all tables in brackets", "SELECT * FROM (SHOW ALL TABLES)", RUN, "unreadable"),
    Attack("summarize a file in brackets", "SELECT * FROM (SUMMARIZE '{secret}')", RUN, FORBIDDEN),
    Attack("show all tables", "SHOW ALL TABLES", RUN, DEED),
    Attack("how is it stored", "SELECT * FROM pragma_storage_info('record.standing')", RUN, FORBIDDEN),
    Attack("read the environment", "SELECT getenv('PATH')", TRY, FORBIDDEN),
    Attack("read a variable", "SELECT getvariable('x')", RUN, FORBIDDEN),
    Attack("explain and run", "EXPLAIN ANALYZE SELECT 1", RUN, DEED),
    Attack("another snapshot", "SELECT * FROM '{open}/../snapshots/other.duckdb'", TRY, FORBIDDEN),
    Attack("a table of this program", "SELECT * FROM leaked", READ, FAILED),
    Attack("a table of this program, scanned", "SELECT * FROM python_map_function(leaked)", TRY, FORBIDDEN),
    Attack("a pointer", "SELECT * FROM arrow_scan(1, 2, 3)", TRY, FORBIDDEN),
)  # fmt: skip
TRICKS = (
    Attack("two statements", "SELECT 1; COPY (SELECT 1) TO '{out}'", WRITE, SEVERAL),
    Attack("two statements without a gap", "SELECT 1;COPY(SELECT 1)TO'{out}'", WRITE, SEVERAL),
    Attack("a statement behind a comment", "/* SELECT 1 */ COPY (SELECT 1) TO '{out}'", WRITE, DEED),
    Attack("a comment in a comment", "/* /* */ SELECT 1 */ COPY (SELECT 1) TO '{out}'", WRITE, DEED),
    Attack("a comment that does not end", "SELECT 1 --\n; COPY (SELECT 1) TO '{out}'", WRITE, SEVERAL),
    Attack("a comment ended by a return", "SELECT 1 --\r; COPY (SELECT 1) TO '{out}'", WRITE, SEVERAL),
    Attack("a quote in dollars", "SELECT $$ ' $$; COPY (SELECT 1) TO $a${out}$a$; SELECT $$ ' $$", WRITE, SEVERAL),
    Attack("a quote with escapes", "SELECT E'\\''; COPY (SELECT 1) TO '{out}'; --'", WRITE, SEVERAL),
    Attack("spaces that are not", "COPY\u00a0(SELECT\u20031)\u3000TO\u00a0'{out}'", WRITE, DEED),
    Attack("letters of other alphabets", "SELECT * FROM re\u0430d_text('{secret}')", TRY, FORBIDDEN),
    Attack("a byte order mark", "\ufeffCOPY (SELECT 1) TO '{out}'", WRITE, DEED),
    Attack("capitals and lower case", "SeLeCt * FrOm ReAd_TeXt('{secret}')", READ, FORBIDDEN),
    Attack("a function in quotes", "SELECT * FROM \"read_text\"('{secret}')", READ, FORBIDDEN),
    Attack("a function with its schema", "SELECT * FROM system.main.read_text('{secret}')", READ, FORBIDDEN),
    Attack("a function called by a dot", "SELECT 'threads'.current_setting()", RUN, FORBIDDEN),
    Attack("run text as a query", "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')", READ, FORBIDDEN),
    Attack("run text as a table", "SELECT * FROM query_table('{secret}')", READ, FORBIDDEN),
    Attack("run a plan", "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{secret}'')'))", READ, FORBIDDEN),
    Attack("prepare and run", "PREPARE p AS SELECT 1; EXECUTE p", RUN, SEVERAL),
    Attack("prepare", "PREPARE p AS COPY (SELECT 1) TO '{out}'", RUN, DEED),
    Attack("a parameter", "SELECT * FROM read_text($1)", TRY, FORBIDDEN),
    Attack("select into", "SELECT 1 INTO mine", TRY, DEED),
    Attack("a pipe of FROM first", "FROM '{secret}' SELECT *", READ, FORBIDDEN),
    Attack("a file to pivot", "PIVOT '{secret}' ON n USING COUNT(*)", RUN, DEED),
    Attack("a file in a union", "SELECT 'a' UNION ALL SELECT content FROM read_text('{secret}')", READ, FORBIDDEN),
    Attack("a file in VALUES", "VALUES ((SELECT content FROM read_text('{secret}')))", READ, FORBIDDEN),
    Attack("a file in ORDER BY", "SELECT 1 ORDER BY (SELECT content FROM read_text('{secret}'))", RUN, FORBIDDEN),
)  # fmt: skip
ATTACKS = FILES + NETWORK + WRITES + SETTINGS + INFORMATION + TRICKS
