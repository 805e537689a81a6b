-- Which chips can nobody show, on what evidence, and who answers for them? One row a chip.
WITH
evidence AS (
-- the rows of evidence.sql
),
ranked AS (
    SELECT e.*, ROW_NUMBER() OVER (PARTITION BY e.chip ORDER BY e.place) AS rank_here
    FROM evidence AS e
),
named AS (
    SELECT
        r.chip,
        MIN(CASE WHEN r.rank_here = 1 THEN r.evidence END) AS evidence,
        -- The rest in the order of the classes.
        NULLIF(
            TRIM(
                MAX(CASE WHEN r.rank_here > 1 AND r.evidence = 'S' THEN ' S' ELSE '' END)
                || MAX(CASE WHEN r.rank_here > 1 AND r.evidence = 'K' THEN ' K' ELSE '' END)
                || MAX(CASE WHEN r.rank_here > 1 AND r.evidence = 'R' THEN ' R' ELSE '' END)
                || MAX(CASE WHEN r.rank_here > 1 AND r.evidence = 'O' THEN ' O' ELSE '' END)
                || MAX(CASE WHEN r.rank_here > 1 AND r.evidence = 'L' THEN ' L' ELSE '' END)
            ),
            ''
        ) AS also,
        MIN(CASE WHEN r.rank_here = 1 THEN r.since_index END) AS since_index
    FROM ranked AS r
    GROUP BY r.chip
),
-- Whoever has it now answers for no evidence that arose before: of what has changed since, the book of then is asked.
-- O and L are of what is so now.
earlier AS (
    SELECT
        n.chip,
        COALESCE(v.liable, v.last_liable) AS liable,
        ROW_NUMBER() OVER (PARTITION BY n.chip ORDER BY v.changed DESC) AS latest
    FROM named AS n
    INNER JOIN record.chip_state AS c ON c.chip = n.chip
    INNER JOIN record.chip_version AS v ON v.number = c.number AND v.changed <= n.since_index
    WHERE n.evidence NOT IN ('O', 'L') AND c.changed > n.since_index AND v.born >= 0
),
charged AS (
    SELECT
        n.chip,
        c.model,
        n.evidence,
        n.also,
        COALESCE(r.liable, c.liable, c.last_liable) AS liable,
        c.custodian,
        c.owner,
        COALESCE(t.country, p.country) AS country,
        c.site,
        c.status,
        c.shipment,
        n.since_index,
        -- What is overdue is so since it was due; the entry is that of its dispatch.
        CASE WHEN n.evidence = 'O' THEN s.due_by ELSE e.admitted_at END AS since,
        m.h100e,
        c.changed AS entry_index,
        -- What nobody has is under its last holder, as capacity has it.
        COALESCE(c.custodian, c.liable, c.last_liable) AS holder,
        COALESCE(c.owner, c.last_liable) AS had_by
    FROM named AS n
    INNER JOIN record.chip_state AS c ON c.chip = n.chip
    LEFT JOIN earlier AS r ON r.chip = n.chip AND r.latest = 1
    LEFT JOIN site AS t ON t.site = c.site
    LEFT JOIN party_span AS p ON p.party = COALESCE(c.custodian, c.liable, c.last_liable) AND p.to_index IS NULL
    LEFT JOIN model AS m ON m.model = c.model
    LEFT JOIN shipment AS s ON s.shipment = c.shipment
    LEFT JOIN record.entry AS e ON e.entry_index = n.since_index
)
SELECT
    CASE $grouping
        WHEN 'liable' THEN a.liable
        WHEN 'custodian' THEN a.holder
        WHEN 'owner' THEN a.had_by
        WHEN 'country' THEN a.country
        WHEN 'site' THEN a.site
        WHEN 'model' THEN a.model
        WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, a.liable)
    END AS grouped,
    a.chip,
    a.model,
    a.evidence,
    a.also,
    a.liable,
    a.custodian,
    a.owner,
    a.country,
    a.site,
    a.status,
    a.shipment,
    a.since_index,
    a.since,
    a.h100e,
    a.entry_index
FROM charged AS a
LEFT JOIN party_ancestor AS u
    ON u.party = a.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
ORDER BY grouped, a.chip;
