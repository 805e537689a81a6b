-- What did each inspection draw or come upon, and what was found of it?
CREATE OR REPLACE VIEW inspection_item AS
SELECT
    s.inspection,
    s.item AS chip,
    d.stratum,
    d.ticket,
    d.rank,
    d.stage,
    s.result,
    s.found_at,
    s.evidence_sha256,
    s.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.inspection, v.item ORDER BY v.changed DESC) AS latest
    FROM record.sampled_chip_version AS v
) AS s
LEFT JOIN (
    -- What several stages drew is told once, as the first of them drew it.
    SELECT i.*, ROW_NUMBER() OVER (PARTITION BY i.inspection, i.item ORDER BY i.stage) AS earliest
    FROM record.drawn_item AS i
) AS d ON d.inspection = s.inspection AND d.item = s.item AND d.earliest = 1
WHERE s.latest = 1 AND (d.item IS NOT NULL OR s.result IS NOT NULL);
