-- Of each shipment somebody spoke about, how much was shipped and how much came? One row a shipment, site or model.
-- All as it stood at the end of the span, of shipments last spoken about within it.
WITH
shipment_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
        FROM record.shipment_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS s
    WHERE s.latest = 1
),
-- By party a shipment's own counts do; for the sites that chips left, and for models, chips are counted.
on_the_way AS (
    SELECT v.number, v.shipment, MIN(v.changed) AS first_changed, MAX(v.changed) AS last_changed
    FROM record.chip_version AS v
    WHERE
        v.shipment IS NOT NULL
        AND v.born >= 0
        AND v.changed < CAST($to_size AS BIGINT)
        AND $grouping <> 'party'
    GROUP BY v.number, v.shipment
),
around AS (
    SELECT
        w.number,
        w.shipment,
        MAX(CASE WHEN v.changed < w.first_changed THEN v.changed END) AS before_changed,
        MIN(CASE WHEN v.changed > w.last_changed THEN v.changed END) AS after_changed,
        MAX(w.last_changed) AS last_changed
    FROM on_the_way AS w
    INNER JOIN record.chip_version AS v ON v.number = w.number AND v.changed < CAST($to_size AS BIGINT)
    GROUP BY w.number, w.shipment
),
-- Versions just before and after, picked out first: where none are asked for, none are looked through.
near AS (
    SELECT v.number, v.changed, v.site, v.custodian, v.status
    FROM record.chip_version AS v
    INNER JOIN (
        SELECT r.number, r.before_changed AS changed FROM around AS r
        UNION
        SELECT r.number, r.after_changed AS changed FROM around AS r
    ) AS p ON p.number = v.number AND p.changed = v.changed
),
line AS (
    SELECT
        w.chip,
        r.shipment,
        CASE $grouping
            WHEN 'party' THEN NULL
            WHEN 'site' THEN b.site
            WHEN 'model' THEN w.model
        END AS item,
        CASE
            WHEN e.kind = 'shipment.arrived' AND (n.custodian <> s.sender OR s.receiver = s.sender) THEN 1
            ELSE 0
        END AS received,
        CASE WHEN n.custodian IS NULL AND n.status = 'missing' THEN 1 ELSE 0 END AS lost
    FROM around AS r
    INNER JOIN shipment_now AS s ON s.shipment = r.shipment
    INNER JOIN record.chip_version AS w ON w.number = r.number AND w.changed = r.last_changed
    LEFT JOIN near AS b ON b.number = r.number AND b.changed = r.before_changed
    LEFT JOIN near AS n ON n.number = r.number AND n.changed = r.after_changed
    LEFT JOIN record.entry AS e ON e.entry_index = r.after_changed
),
-- What its receiver said was not in it, and nobody settled.
open_line AS (
    SELECT DISTINCT d.shipment, l.chip
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
        FROM record.discrepancy_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS d
    INNER JOIN (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy, v.chip, v.seen ORDER BY v.changed DESC) AS latest
        FROM record.discrepancy_chip_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS l ON l.discrepancy = d.discrepancy
    INNER JOIN record.entry AS e ON e.entry_index = d.born
    WHERE
        d.latest = 1
        AND l.latest = 1
        AND d.kind = 'absent'
        AND d.state IN ('open', 'answered')
        AND e.kind = 'shipment.arrived'
        AND d.shipment IS NOT NULL
        AND l.closed IS NULL
),
-- What is lost by then is counted as that.
absent AS (
    SELECT
        o.shipment,
        i.item,
        COUNT(DISTINCT o.chip) AS chips,
        COUNT(DISTINCT CASE WHEN c.status = 'in_transit' AND c.shipment = o.shipment THEN o.chip END) AS waited_for
    FROM open_line AS o
    INNER JOIN (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.chip ORDER BY v.changed DESC) AS latest
        FROM record.chip_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT) AND v.chip IN (SELECT n.chip FROM open_line AS n)
    ) AS c ON c.chip = o.chip
    LEFT JOIN line AS i ON i.shipment = o.shipment AND i.chip = o.chip
    WHERE c.latest = 1 AND c.born >= 0 AND c.status IN ('held', 'in_transit')
    GROUP BY o.shipment, i.item
),
counted AS (
    SELECT s.shipment, CAST(NULL AS VARCHAR) AS item, s.received, s.lost
    FROM shipment_now AS s
    WHERE $grouping = 'party'
    UNION ALL
    SELECT i.shipment, i.item, SUM(i.received) AS received, SUM(i.lost) AS lost
    FROM line AS i
    GROUP BY i.shipment, i.item
)
SELECT
    CASE $grouping WHEN 'party' THEN s.sender ELSE n.item END AS grouped,
    s.shipment,
    s.sender,
    s.receiver,
    CAST(n.received + n.lost + COALESCE(a.waited_for, 0) AS BIGINT) AS shipped,
    CAST(n.received - COALESCE(a.chips, 0) + COALESCE(a.waited_for, 0) AS BIGINT) AS received,
    e.admitted_at AS spoken_at,
    s.changed AS entry_index
FROM counted AS n
INNER JOIN shipment_now AS s ON s.shipment = n.shipment
LEFT JOIN absent AS a ON a.shipment = n.shipment AND COALESCE(a.item, '') = COALESCE(n.item, '')
LEFT JOIN record.entry AS e ON e.entry_index = s.changed
WHERE n.received + n.lost + COALESCE(a.chips, 0) > 0 AND s.changed >= CAST($from_size AS BIGINT)
ORDER BY grouped, s.changed, s.shipment;
