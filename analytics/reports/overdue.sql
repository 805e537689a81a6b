-- Which shipments were due and have not all come, how late are they, and who answers? One row a shipment and liable.
WITH
late AS (
-- the rows of late.sql
),
waiting AS (
    SELECT
        y.shipment,
        y.liable,
        SUM(y.chips) AS chips,
        -- Fractions are summed as decimals: no last digit hangs on the order of rows.
        CAST(SUM(CAST(y.chips * m.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS h100e
    FROM record.chip_tally AS y
    LEFT JOIN model AS m ON m.model = y.model
    WHERE y.status = 'in_transit' AND y.shipment IN (SELECT l.shipment FROM late AS l)
    GROUP BY y.shipment, y.liable
)
SELECT
    CASE $grouping
        WHEN 'liable' THEN w.liable
        WHEN 'receiver' THEN s.receiver
        WHEN 'country' THEN s.country
        WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, w.liable)
    END AS grouped,
    s.shipment,
    w.liable,
    s.sender,
    s.receiver,
    s.country,
    s.due_by,
    CAST(FLOOR((CAST($as_of_s AS BIGINT) - s.due_by_s) / 86400.0) AS BIGINT) AS days_late,
    CAST(w.chips AS BIGINT) AS chips,
    s.sent,
    s.received,
    w.h100e,
    e.admitted_at AS dispatched,
    s.born AS dispatched_index,
    s.changed AS entry_index
FROM late AS s
INNER JOIN waiting AS w ON w.shipment = s.shipment
LEFT JOIN record.entry AS e ON e.entry_index = s.born
LEFT JOIN party_ancestor AS u
    ON u.party = w.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
WHERE s.state = 'open'
ORDER BY grouped, s.shipment, w.liable;
