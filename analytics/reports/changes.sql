-- Which chips are other at one size than at another, how, and by which entry? One row a chip that differs.
WITH
differing AS (
-- the rows of differing.sql
),
beside_it AS (
    SELECT
        k.grouped,
        n.chip,
        CASE WHEN o.chip IS NULL OR o.born < 0 THEN 0 ELSE 1 END AS was_there,
        CASE WHEN n.born < 0 THEN 0 ELSE 1 END AS is_there,
        CASE WHEN o.born < 0 THEN NULL ELSE o.status END AS old_status,
        CASE WHEN n.born < 0 THEN NULL ELSE n.status END AS new_status,
        CASE WHEN o.born < 0 THEN NULL ELSE o.custodian END AS old_custodian,
        CASE WHEN n.born < 0 THEN NULL ELSE n.custodian END AS new_custodian,
        CASE WHEN o.born < 0 THEN NULL ELSE o.owner END AS old_owner,
        CASE WHEN n.born < 0 THEN NULL ELSE n.owner END AS new_owner,
        CASE WHEN o.born < 0 THEN NULL ELSE o.liable END AS old_liable,
        CASE WHEN n.born < 0 THEN NULL ELSE n.liable END AS new_liable,
        CASE WHEN o.born < 0 THEN NULL ELSE o.site END AS old_site,
        CASE WHEN n.born < 0 THEN NULL ELSE n.site END AS new_site,
        CASE WHEN o.born < 0 THEN NULL ELSE o.system END AS old_system,
        CASE WHEN n.born < 0 THEN NULL ELSE n.system END AS new_system,
        CASE WHEN o.born < 0 THEN NULL ELSE o.slot END AS old_slot,
        CASE WHEN n.born < 0 THEN NULL ELSE n.slot END AS new_slot,
        CASE WHEN o.born < 0 THEN NULL ELSE o.model END AS old_model,
        CASE WHEN n.born < 0 THEN NULL ELSE n.model END AS new_model,
        CASE WHEN o.born < 0 THEN NULL ELSE o.class END AS old_class,
        CASE WHEN n.born < 0 THEN NULL ELSE n.class END AS new_class,
        k.entries,
        k.model,
        k.entry_index
    FROM differing AS k
    INNER JOIN record.chip_version AS n ON n.number = k.number AND n.changed = k.entry_index
    LEFT JOIN record.chip_version AS o ON o.number = k.number AND o.changed = k.was_index
),
told AS (
    SELECT
        b.*,
        TRIM(
            CASE WHEN b.was_there = 0 AND b.is_there = 1 THEN 'born ' ELSE '' END
            || CASE WHEN b.was_there = 1 AND b.is_there = 0 THEN 'unmade ' ELSE '' END
            || CASE WHEN COALESCE(b.old_status, '') <> COALESCE(b.new_status, '') THEN 'status ' ELSE '' END
            || CASE WHEN COALESCE(b.old_custodian, '') <> COALESCE(b.new_custodian, '') THEN 'custodian ' ELSE '' END
            || CASE WHEN COALESCE(b.old_owner, '') <> COALESCE(b.new_owner, '') THEN 'owner ' ELSE '' END
            || CASE WHEN COALESCE(b.old_liable, '') <> COALESCE(b.new_liable, '') THEN 'liable ' ELSE '' END
            || CASE WHEN COALESCE(b.old_site, '') <> COALESCE(b.new_site, '') THEN 'site ' ELSE '' END
            || CASE WHEN COALESCE(b.old_system, '') <> COALESCE(b.new_system, '') THEN 'system ' ELSE '' END
            || CASE WHEN COALESCE(b.old_slot, '') <> COALESCE(b.new_slot, '') THEN 'slot ' ELSE '' END
            || CASE WHEN COALESCE(b.old_model, '') <> COALESCE(b.new_model, '') THEN 'model ' ELSE '' END
            || CASE WHEN COALESCE(b.old_class, '') <> COALESCE(b.new_class, '') THEN 'class ' ELSE '' END
        ) AS changed
    FROM beside_it AS b
)
SELECT
    t.grouped,
    t.chip,
    t.changed,
    e.kind,
    t.old_status,
    t.new_status,
    t.old_custodian,
    t.new_custodian,
    t.old_owner,
    t.new_owner,
    t.old_liable,
    t.new_liable,
    t.old_site,
    t.new_site,
    t.old_system,
    t.new_system,
    t.old_slot,
    t.new_slot,
    t.old_model,
    t.new_model,
    t.old_class,
    t.new_class,
    t.entries,
    e.admitted_at,
    m.h100e,
    t.entry_index
FROM told AS t
INNER JOIN record.entry AS e ON e.entry_index = t.entry_index
LEFT JOIN model AS m ON m.model = t.model
ORDER BY t.grouped, t.chip;
