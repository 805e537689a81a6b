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
-- What its receiver said was not in it, and nobody settled.
open_line AS (
    SELECT DISTINCT d.shipment, m.number
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
    INNER JOIN record.chip_mention AS m ON m.entry_index = d.born AND m.chip = l.chip
    WHERE
        d.latest = 1
        AND l.latest = 1
        AND d.kind = 'absent'
        AND d.state IN ('open', 'answered')
        AND e.kind = 'shipment.arrived'
        AND d.shipment IS NOT NULL
        AND l.closed IS NULL
),
-- Chips that did more than leave with a shipment and come out of it, or that are waited for: each is looked at.
odd AS (
    SELECT v.number, v.shipment
    FROM record.chip_version AS v
    WHERE
        v.shipment IS NOT NULL
        AND v.born >= 0
        AND v.changed < CAST($to_size AS BIGINT)
        AND v.changed NOT IN (SELECT s.born FROM shipment_now AS s)
        AND $grouping <> 'party'
    UNION
    SELECT o.number, o.shipment FROM open_line AS o WHERE $grouping <> 'party'
),
-- How those stood, version by version: looked up once for all that follows.
stood AS (
    SELECT v.number, v.changed, v.born, v.shipment, v.site, v.model, v.custodian, v.status
    FROM record.chip_version AS v
    WHERE
        v.changed < CAST($to_size AS BIGINT)
        AND v.number IN (SELECT d.number FROM odd AS d UNION SELECT n.number FROM open_line AS n)
),
-- By party a shipment's own counts do; for the sites that chips left, and for models, chips are counted.
on_the_way AS (
    SELECT v.number, v.shipment, MIN(v.changed) AS first_changed, MAX(v.changed) AS last_changed
    FROM stood AS v
    INNER JOIN odd AS o ON o.number = v.number AND o.shipment = v.shipment
    WHERE v.born >= 0
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
    INNER JOIN stood AS v ON v.number = w.number
    GROUP BY w.number, w.shipment
),
line AS (
    SELECT
        r.number,
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
    INNER JOIN stood AS w ON w.number = r.number AND w.changed = r.last_changed
    LEFT JOIN stood AS b ON b.number = r.number AND b.changed = r.before_changed
    LEFT JOIN stood AS n ON n.number = r.number AND n.changed = r.after_changed
    LEFT JOIN record.entry AS e ON e.entry_index = r.after_changed
),
-- All others, by the step that took them out of it.
plain AS (
    SELECT
        s.shipment,
        CASE $grouping WHEN 'site' THEN t.was_site WHEN 'model' THEN t.was_model END AS item,
        SUM(
            CASE
                WHEN e.kind = 'shipment.arrived' AND (t.custodian <> s.sender OR s.receiver = s.sender) THEN t.chips
                ELSE 0
            END
        ) AS received,
        SUM(CASE WHEN t.custodian IS NULL AND t.status = 'missing' THEN t.chips ELSE 0 END) AS lost
    FROM (
        SELECT v.changed, v.was_changed, v.was_site, v.was_model, v.custodian, v.status, v.chips
        FROM record.step_tally AS v
        WHERE $grouping <> 'party'
        UNION ALL
        -- Counted among them, and looked at one by one above.
        SELECT
            v.changed,
            v.was_changed,
            v.was_site,
            v.was_model,
            CASE WHEN v.born >= 0 THEN v.custodian END AS custodian,
            v.status,
            -1 AS chips
        FROM record.chip_step AS v
        INNER JOIN odd AS o ON o.number = v.number
        INNER JOIN shipment_now AS w ON w.shipment = o.shipment AND w.born = v.was_changed
    ) AS t
    INNER JOIN shipment_now AS s ON s.born = t.was_changed
    INNER JOIN record.entry AS e ON e.entry_index = t.changed
    WHERE t.changed < CAST($to_size AS BIGINT)
    GROUP BY 1, 2
),
-- What is lost by then is counted as that.
absent AS (
    SELECT
        o.shipment,
        i.item,
        COUNT(DISTINCT o.number) AS chips,
        COUNT(DISTINCT CASE WHEN c.status = 'in_transit' AND c.shipment = o.shipment THEN o.number END) AS waited_for
    FROM open_line AS o
    INNER JOIN (
        SELECT
            v.number, v.status, v.shipment, v.born,
            ROW_NUMBER() OVER (PARTITION BY v.number ORDER BY v.changed DESC) AS latest
        FROM stood AS v
        WHERE v.number IN (SELECT n.number FROM open_line AS n)
    ) AS c ON c.number = o.number
    LEFT JOIN line AS i ON i.shipment = o.shipment AND i.number = o.number
    WHERE c.latest = 1 AND c.born >= 0 AND c.status IN ('held', 'in_transit')
    GROUP BY o.shipment, i.item
),
counted AS (
    SELECT s.shipment, CAST(NULL AS VARCHAR) AS item, s.received, s.lost
    FROM shipment_now AS s
    WHERE $grouping = 'party'
    UNION ALL
    SELECT i.shipment, i.item, SUM(i.received) AS received, SUM(i.lost) AS lost
    FROM (
        SELECT l.shipment, l.item, l.received, l.lost FROM line AS l
        UNION ALL
        SELECT p.shipment, p.item, p.received, p.lost FROM plain AS p
    ) AS i
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
