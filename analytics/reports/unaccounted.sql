-- Which chips can nobody show, on what evidence, and who answers for them? One row a chip.
WITH
shipment_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
        FROM record.shipment_version AS v
    ) AS s
    WHERE s.latest = 1
),
-- R: its receiver reported it absent, and nobody has received it since.
absent AS (
    SELECT l.chip, d.born AS since_index
    FROM record.discrepancy_chip AS l
    INNER JOIN (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
        FROM record.discrepancy_version AS v
    ) AS d ON d.discrepancy = l.discrepancy
    WHERE
        d.latest = 1
        AND d.kind = 'absent'
        AND d.shipment IS NOT NULL
        AND d.state IN ('open', 'answered')
        AND l.closed IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM record.chip_version AS v
            INNER JOIN record.entry AS e ON e.entry_index = v.changed
            WHERE
                v.chip = l.chip
                AND v.changed > d.born
                AND v.status = 'held'
                AND v.site IS NOT NULL
                AND e.kind = 'shipment.arrived'
        )
),
-- R: it was lost from a shipment whose other chips arrived.
lost_from AS (
    SELECT c.chip, c.changed AS since_index
    FROM record.chip_state AS c
    INNER JOIN (
        SELECT
            v.chip,
            v.changed,
            LAG(v.shipment) OVER (PARTITION BY v.chip ORDER BY v.changed) AS shipment
        FROM record.chip_version AS v
        WHERE v.chip IN (SELECT m.chip FROM record.chip_state AS m WHERE m.status = 'missing')
    ) AS before ON before.chip = c.chip AND before.changed = c.changed
    INNER JOIN shipment_now AS s ON s.shipment = before.shipment
    WHERE c.status = 'missing' AND s.state = 'closed'
),
evidence AS (
    SELECT a.chip, 'R' AS evidence, 1 AS place, MIN(a.since_index) AS since_index
    FROM (
        SELECT chip, since_index FROM absent
        UNION ALL
        SELECT chip, since_index FROM lost_from
    ) AS a
    GROUP BY a.chip
    UNION ALL
    -- O: still on its way after the day it was due.
    SELECT c.chip, 'O' AS evidence, 2 AS place, s.born AS since_index
    FROM record.chip_state AS c
    INNER JOIN shipment_now AS s ON s.shipment = c.shipment
    WHERE c.status = 'in_transit' AND s.due_by_s < CAST($as_of_s AS BIGINT)
    UNION ALL
    -- L: lost, stolen, released, or destroyed on its holder's word alone.
    SELECT c.chip, 'L' AS evidence, 3 AS place, c.changed AS since_index
    FROM record.chip_state AS c
    WHERE c.status IN ('missing', 'destroyed')
),
ranked AS (
    SELECT e.*, ROW_NUMBER() OVER (PARTITION BY e.chip ORDER BY e.place) AS rank_here
    FROM evidence AS e
),
named AS (
    SELECT
        r.chip,
        MIN(CASE WHEN r.rank_here = 1 THEN r.evidence END) AS evidence,
        STRING_AGG(CASE WHEN r.rank_here > 1 THEN r.evidence END, ' ' ORDER BY r.place) AS also,
        MIN(CASE WHEN r.rank_here = 1 THEN r.since_index END) AS since_index
    FROM ranked AS r
    GROUP BY r.chip
),
-- Of a destroyed chip, who answered for it last.
last_liable AS (
    SELECT chip, liable
    FROM (
        SELECT v.chip, v.liable, ROW_NUMBER() OVER (PARTITION BY v.chip ORDER BY v.changed DESC) AS latest
        FROM record.chip_version AS v
        WHERE v.liable IS NOT NULL AND v.chip IN (SELECT n.chip FROM named AS n)
    ) AS l
    WHERE l.latest = 1
),
charged AS (
    SELECT
        n.chip,
        c.model,
        n.evidence,
        n.also,
        COALESCE(c.liable, k.liable) AS liable,
        c.custodian,
        c.owner,
        COALESCE(t.country, p.country) AS country,
        c.site,
        c.status,
        c.shipment,
        n.since_index,
        e.admitted_at AS since,
        m.h100e,
        c.changed AS entry_index
    FROM named AS n
    INNER JOIN record.chip_state AS c ON c.chip = n.chip
    LEFT JOIN last_liable AS k ON k.chip = n.chip
    LEFT JOIN site AS t ON t.site = c.site
    LEFT JOIN party_span AS p ON p.party = COALESCE(c.liable, k.liable) AND p.to_index IS NULL
    LEFT JOIN model AS m ON m.model = c.model
    LEFT JOIN record.entry AS e ON e.entry_index = n.since_index
)
SELECT
    CASE $grouping
        WHEN 'liable' THEN a.liable
        WHEN 'custodian' THEN a.custodian
        WHEN 'owner' THEN a.owner
        WHEN 'country' THEN a.country
        WHEN 'site' THEN a.site
        WHEN 'model' THEN a.model
    END AS grouped,
    a.*
FROM charged AS a
ORDER BY grouped, a.chip;
