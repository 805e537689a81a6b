-- Where was each chip, and whose, from which entry to which?
CREATE OR REPLACE VIEW chip_span AS
SELECT
    v.chip,
    v.changed AS from_index,
    v.to_index,
    v.custodian,
    v.owner,
    v.liable,
    v.model,
    v.class,
    v.site,
    v.system,
    v.status,
    e.admitted_at AS from_admitted_at,
    e.occurred_at AS from_occurred_at,
    v.changed AS entry_index
FROM (
    SELECT w.*, LEAD(w.changed) OVER (PARTITION BY w.chip ORDER BY w.changed) AS to_index
    FROM record.chip_version AS w
) AS v
LEFT JOIN record.entry AS e ON e.entry_index = v.changed
WHERE v.born >= 0;
