-- How many chips had the book there at each full count, and how many were found? One row a count, or count and model.
WITH
counted AS (
    SELECT
        s.entry_index,
        s.party,
        s.site,
        CASE WHEN $grouping = 'model' THEN s.model END AS model,
        SUM(s.book) AS book,
        SUM(s.absent) AS absent,
        SUM(s.surplus) AS surplus
    FROM stocktake AS s
    WHERE s.scope = 'full' AND ($grouping <> 'site' OR s.site IS NOT NULL)
    GROUP BY 1, 2, 3, 4
),
-- Chips that a full count of the party, here or everywhere, did not find.
missed AS (
    SELECT
        c.party,
        COALESCE(c.site, '') AS site,
        CASE WHEN $grouping = 'model' THEN COALESCE(s.model, '') ELSE '' END AS model,
        l.chip,
        MIN(d.opened_index) AS missed_index
    FROM discrepancy AS d
    INNER JOIN discrepancy_chip AS l ON l.discrepancy = d.discrepancy
    INNER JOIN (SELECT DISTINCT k.entry_index, k.party, k.site FROM counted AS k) AS c
        ON c.entry_index = d.opened_index
    INNER JOIN chip_span AS s
        ON s.chip = l.chip
        AND s.from_index <= d.opened_index
        AND (s.to_index IS NULL OR s.to_index > d.opened_index)
    WHERE d.kind = 'absent' AND d.state <> 'withdrawn'
    GROUP BY 1, 2, 3, 4
),
-- Of those, the spans in which the book has them as missing or destroyed.
written_off AS (
    SELECT m.party, m.site, m.model, m.chip, s.from_index, s.to_index
    FROM missed AS m
    INNER JOIN chip_span AS s ON s.chip = m.chip
    WHERE s.from_index > m.missed_index AND s.custodian IS NULL AND s.status IN ('missing', 'destroyed')
),
gone AS (
    SELECT c.entry_index, COALESCE(c.model, '') AS model, COUNT(DISTINCT w.chip) AS chips
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
