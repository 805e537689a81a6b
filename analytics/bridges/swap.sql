-- How do the rows that came in take the place of the old ones, for everybody at once?
CREATE INDEX ON {schema}_incoming.chip_state (chip);
CREATE INDEX ON {schema}_incoming.chip_version (chip, changed);
CREATE INDEX ON {schema}_incoming.entry (entry_index);
COMMENT ON SCHEMA {schema} IS 'Views of a chipledger snapshot; `snapshot` says which. Written by `chipledger mirror`.';
COMMENT ON SCHEMA {schema}_incoming IS 'What the views of the schema {schema} read. Written by `chipledger mirror`.';

-- The views read the new tables by now. Whatever else was built on the old ones stops us here.
DO $$
DECLARE
    old_tables TEXT;
BEGIN
    SELECT STRING_AGG(FORMAT('%I.%I', t.schemaname, t.tablename), ', ') INTO old_tables
    FROM pg_tables AS t
    WHERE t.schemaname = '{schema}_record';
    IF old_tables IS NOT NULL THEN
        EXECUTE 'DROP TABLE ' || old_tables;
    END IF;
END
$$;
DROP SCHEMA IF EXISTS {schema}_record;
ALTER SCHEMA {schema}_incoming RENAME TO {schema}_record;
