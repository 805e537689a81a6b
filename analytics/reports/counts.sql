-- How many chips had the book there at each full count, and how many were found? One row a count, or count and model.
WITH
-- Counts that stood at the end of the span, and were complete within it.
counted AS (
    SELECT
        m.entry_index,
        s.party,
        s.site,
        CASE WHEN $grouping = 'model' THEN m.model END AS model,
        SUM(m.book) AS book,
        SUM(m.absent) AS absent,
        SUM(m.surplus) AS surplus
    FROM record.stocktake_model AS m
    INNER JOIN (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.stocktake ORDER BY v.changed DESC) AS latest
        FROM record.stocktake_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS s ON s.stocktake = m.stocktake AND s.changed = m.entry_index
    WHERE
        s.latest = 1
        AND s.born >= 0
        AND s.scope = 'full'
        AND ($grouping <> 'site' OR s.site IS NOT NULL)
        AND m.entry_index >= CAST($from_size AS BIGINT)
    GROUP BY 1, 2, 3, 4
),
-- What full counts of a party, here or everywhere, did not find: a count speaks of it and moves nothing, so its
-- number stands in the mention.
unfound AS (
    SELECT c.party, c.site, d.born, m.number
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
        FROM record.discrepancy_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS d
    INNER JOIN (
        SELECT DISTINCT v.discrepancy, v.chip
        FROM record.discrepancy_chip_version AS v
        WHERE v.changed < CAST($to_size AS BIGINT)
    ) AS l ON l.discrepancy = d.discrepancy
    INNER JOIN (SELECT DISTINCT k.entry_index, k.party, k.site FROM counted AS k) AS c ON c.entry_index = d.born
    INNER JOIN record.chip_mention AS m ON m.entry_index = d.born AND m.chip = l.chip
    WHERE d.latest = 1 AND d.kind = 'absent' AND d.state <> 'withdrawn'
),
-- How those chips stood, from which entry to which: of them alone versions are put in order.
span AS (
    SELECT v.number, v.model, v.custodian, v.status, v.changed AS from_index, v.to_index
    FROM (
        SELECT
            w.number, w.model, w.custodian, w.status, w.born, w.changed,
            LEAD(w.changed) OVER (PARTITION BY w.number ORDER BY w.changed) AS to_index
        FROM record.chip_step AS w
        WHERE w.number IN (SELECT u.number FROM unfound AS u)
    ) AS v
    WHERE v.born >= 0
),
missed AS (
    SELECT
        u.party,
        COALESCE(u.site, '') AS site,
        CASE WHEN $grouping = 'model' THEN COALESCE(s.model, '') ELSE '' END AS model,
        u.number,
        MIN(u.born) AS missed_index
    FROM unfound AS u
    INNER JOIN span AS s
        ON s.number = u.number
        AND s.from_index <= u.born
        AND (s.to_index IS NULL OR s.to_index > u.born)
    GROUP BY 1, 2, 3, 4
),
-- Of those, the spans in which the book has them as missing or destroyed.
written_off AS (
    SELECT m.party, m.site, m.model, m.number, s.from_index, s.to_index
    FROM missed AS m
    INNER JOIN span AS s ON s.number = m.number
    WHERE s.from_index > m.missed_index AND s.custodian IS NULL AND s.status IN ('missing', 'destroyed')
),
gone AS (
    SELECT c.entry_index, COALESCE(c.model, '') AS model, COUNT(DISTINCT w.number) AS chips
    FROM counted AS c
    INNER JOIN written_off AS w
        ON w.party = c.party
        AND w.site = COALESCE(c.site, '')
        AND w.model = COALESCE(c.model, '')
        AND w.from_index < c.entry_index
        AND (w.to_index IS NULL OR w.to_index > c.entry_index)
    GROUP BY 1, 2
)
SELECT
    CASE $grouping WHEN 'party' THEN c.party WHEN 'site' THEN c.site ELSE c.model END AS grouped,
    c.party,
    c.site,
    CAST(c.book AS BIGINT) AS book,
    CAST(c.book - c.absent AS BIGINT) AS found,
    CAST(c.surplus AS BIGINT) AS surplus,
    CAST(COALESCE(o.chips, 0) AS BIGINT) AS written_off,
    e.admitted_at AS counted_at,
    c.entry_index
FROM counted AS c
LEFT JOIN gone AS o ON o.entry_index = c.entry_index AND o.model = COALESCE(c.model, '')
LEFT JOIN record.entry AS e ON e.entry_index = c.entry_index
ORDER BY grouped, c.party, c.site, c.entry_index;
