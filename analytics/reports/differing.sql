-- Which chips are other at one size than at another? One row a chip that differs, with its last versions before
-- both sizes, and no more of it than decides that: millions may differ, and few are told.
WITH
-- The last step of each chip within the sizes, and the last one before them: what the first step within them
-- had before it, if it had anything.
touched AS (
    SELECT v.number, MAX(v.changed) AS changed, COUNT(*) AS entries, MIN(v.was_changed) AS was_changed
    FROM record.chip_step AS v
    WHERE
        v.changed >= CAST($from_size AS BIGINT)
        AND v.changed < CAST($to_size AS BIGINT)
    GROUP BY v.number
),
beside_it AS (
    SELECT
        k.number,
        n.chip,
        k.entries,
        k.changed AS entry_index,
        o.changed AS was_index,
        n.custodian AS new_custodian,
        o.custodian AS old_custodian,
        n.owner AS new_owner,
        n.site AS new_site,
        CASE WHEN n.born < 0 THEN o.model ELSE n.model END AS model,
        CASE WHEN n.born < 0 THEN 0 ELSE 1 END AS is_there,
        CASE
            WHEN o.number IS NULL THEN CASE WHEN n.born < 0 THEN 0 ELSE 1 END
            WHEN n.born < 0 THEN 1
            WHEN
                COALESCE(o.status, '') <> COALESCE(n.status, '')
                OR COALESCE(o.custodian, '') <> COALESCE(n.custodian, '')
                OR COALESCE(o.owner, '') <> COALESCE(n.owner, '')
                OR COALESCE(o.liable, '') <> COALESCE(n.liable, '')
                OR COALESCE(o.site, '') <> COALESCE(n.site, '')
                OR COALESCE(o.system, '') <> COALESCE(n.system, '')
                OR COALESCE(o.slot, '') <> COALESCE(n.slot, '')
                OR COALESCE(o.model, '') <> COALESCE(n.model, '')
                OR COALESCE(o.class, '') <> COALESCE(n.class, '')
                THEN 1
            ELSE 0
        END AS is_other
    FROM touched AS k
    INNER JOIN (
        SELECT *
        FROM record.chip_version AS v
        WHERE
            v.changed >= CAST($from_size AS BIGINT)
            AND v.changed < CAST($to_size AS BIGINT)
    ) AS n ON n.number = k.number AND n.changed = k.changed
    LEFT JOIN (
        SELECT *
        FROM record.chip_version AS v
        WHERE v.changed < CAST($from_size AS BIGINT)
    ) AS o ON o.number = k.number AND o.changed = k.was_changed
)
SELECT
    CASE $grouping
        WHEN 'kind' THEN e.kind
        WHEN 'new_custodian' THEN CASE WHEN b.is_there = 1 THEN b.new_custodian END
        WHEN 'old_custodian' THEN b.old_custodian
        WHEN 'new_owner' THEN CASE WHEN b.is_there = 1 THEN b.new_owner END
        WHEN 'new_site' THEN CASE WHEN b.is_there = 1 THEN b.new_site END
        WHEN 'model' THEN b.model
    END AS grouped,
    b.chip,
    b.number,
    b.was_index,
    b.entries,
    b.model,
    b.entry_index
FROM beside_it AS b
INNER JOIN record.entry AS e ON e.entry_index = b.entry_index
WHERE b.is_other = 1;
