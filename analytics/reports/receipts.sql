-- Of each shipment somebody spoke about, how much was shipped and how much came? One row a shipment.
WITH
shipment_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
        FROM record.shipment_version AS v
    ) AS s
    WHERE s.latest = 1
),
-- What its receiver said was not in it, and nobody settled. What is lost by now is counted as that.
absent AS (
    SELECT
        d.shipment,
        COUNT(DISTINCT l.chip) AS chips,
        COUNT(DISTINCT CASE WHEN c.status = 'in_transit' AND c.shipment = d.shipment THEN l.chip END) AS waited_for
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
        FROM record.discrepancy_version AS v
    ) AS d
    INNER JOIN discrepancy_chip AS l ON l.discrepancy = d.discrepancy
    INNER JOIN record.entry AS e ON e.entry_index = d.born
    INNER JOIN record.chip_state AS c ON c.chip = l.chip
    WHERE
        d.latest = 1
        AND d.kind = 'absent'
        AND d.state IN ('open', 'answered')
        AND e.kind = 'shipment.arrived'
        AND d.shipment IS NOT NULL
        AND l.closed_index IS NULL
        AND c.status IN ('held', 'in_transit')
    GROUP BY d.shipment
)
SELECT
    s.sender AS grouped,
    s.shipment,
    s.receiver,
    s.received + s.lost + COALESCE(a.waited_for, 0) AS shipped,
    s.received - COALESCE(a.chips, 0) + COALESCE(a.waited_for, 0) AS received,
    e.admitted_at AS spoken_at,
    s.changed AS entry_index
FROM shipment_now AS s
LEFT JOIN absent AS a ON a.shipment = s.shipment
LEFT JOIN record.entry AS e ON e.entry_index = s.changed
WHERE s.received + s.lost + COALESCE(a.chips, 0) > 0
ORDER BY s.sender, s.changed, s.shipment;
