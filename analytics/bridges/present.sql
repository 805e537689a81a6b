-- Is there a mirror in these schemas, or something else?
SELECT
    TO_REGCLASS('{schema}_record.standing') IS NOT NULL AS is_mirror,
    EXISTS (
        SELECT 1
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('{schema}', '{schema}_record', '{schema}_incoming')
    ) AS is_taken,
    PG_TRY_ADVISORY_XACT_LOCK(HASHTEXT('chipledger mirror'), HASHTEXT('{schema}')) AS is_ours_alone
