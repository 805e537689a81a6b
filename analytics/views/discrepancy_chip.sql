-- Which chips is each disagreement about, what was seen of them, and which of them are settled?
CREATE OR REPLACE VIEW discrepancy_chip AS
SELECT
    l.discrepancy,
    l.chip,
    -- A chip seen twice has two lines, and is settled with the last of them.
    CASE WHEN MIN(CASE WHEN l.closed IS NULL THEN 0 ELSE 1 END) = 1 THEN MAX(l.closed) END AS closed_index,
    MIN(d.site) AS seen_site,
    MIN(l.seen_ik_sha256) AS seen_ik_sha256,
    MIN(l.seen_label) AS seen_label,
    MAX(l.changed) AS entry_index
FROM (
    SELECT
        v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy, v.chip, v.seen ORDER BY v.changed DESC) AS latest
    FROM record.discrepancy_chip_version AS v
) AS l
INNER JOIN record.discrepancy_version AS d ON d.discrepancy = l.discrepancy AND d.changed = d.born
WHERE l.latest = 1
GROUP BY l.discrepancy, l.chip;
