-- Of the chips that others saw in each place, how many had the book there, and how many has it in all? One row a group.
WITH
party_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.party ORDER BY v.changed DESC) AS latest
        FROM record.party_version AS v
    ) AS q
    WHERE q.latest = 1
),
place AS (
    SELECT
        t.site,
        t.operator,
        CASE $grouping
            WHEN 'site' THEN t.site
            WHEN 'operator' THEN t.operator
            WHEN 'country' THEN t.country
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, t.operator)
            WHEN 'book' THEN 'book'
        END AS grouped
    FROM site AS t
    LEFT JOIN party_ancestor AS u
        ON u.party = t.operator AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
),
heard AS (
    SELECT e.entry_index, e.kind, e.party
    FROM entry AS e
    WHERE
        e.kind IN ('chips.sighted', 'inspection.found')
        AND e.corrected_by IS NULL
        AND e.admitted_at >= CAST($confirmed_since AS TIMESTAMP)
),
-- Inspections that drew positions: those that drew chips of the book looked for nothing else.
floor_visit AS (
    SELECT v.changed AS entry_index, MIN(SUBSTR(v.item, 1, POSITION('#' IN v.item) - 1)) AS site
    FROM record.sampled_chip_version AS v
    INNER JOIN inspection AS i ON i.inspection = v.inspection
    WHERE i.direction = 'floor_to_book' AND v.result IS NOT NULL AND POSITION('#' IN v.item) > 0
    GROUP BY v.changed
),
-- What was seen otherwise than the book has it; what was decided against whoever saw it was not seen.
disputed AS (
    SELECT
        d.opened_index AS entry_index,
        l.chip,
        MIN(l.seen_site) AS site,
        MIN(
            CASE
                WHEN d.state = 'withdrawn' THEN 1
                WHEN l.closed_index IS NOT NULL AND d.outcome IN ('book_stands', 'observer') THEN 1
                ELSE 0
            END
        ) AS is_wrong
    FROM discrepancy_chip AS l
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    INNER JOIN heard AS h ON h.entry_index = d.opened_index
    GROUP BY d.opened_index, l.chip
),
-- Where somebody was who saw something amiss: all that the statement saw was there.
stood AS (
    SELECT d.entry_index, MIN(d.site) AS site FROM disputed AS d GROUP BY d.entry_index
),
-- What the book said just before is in the mention itself: a later correction changes nothing of it. Chips are
-- known by their numbers; names are carried only where the book knew none, or where lines are told apart.
seen AS (
    SELECT
        m.number,
        CASE WHEN m.number IS NULL OR n.entry_index IS NOT NULL THEN m.chip END AS chip,
        m.entry_index,
        m.holder,
        m.status,
        m.site AS book_site,
        h.party AS observer,
        CASE
            WHEN f.site IS NOT NULL THEN f.site
            WHEN n.entry_index IS NOT NULL THEN n.site
            ELSE m.site
        END AS site
    FROM record.chip_mention AS m
    INNER JOIN heard AS h ON h.entry_index = m.entry_index
    LEFT JOIN floor_visit AS f ON f.entry_index = m.entry_index AND h.kind = 'inspection.found'
    LEFT JOIN stood AS n ON n.entry_index = m.entry_index
    WHERE
        (m.status IS NULL OR m.status <> 'in_transit')
        AND (
            (h.kind = 'chips.sighted' AND $seen_by <> 'floor')
            OR (f.entry_index IS NOT NULL AND $seen_by <> 'sightings')
        )
),
-- What nobody had made by then, or what was taken back, may have been known at other times: it is one chip.
named AS (
    SELECT k.chip, MIN(k.number) AS number
    FROM (
        SELECT c.chip, c.number
        FROM record.chip_state AS c
        INNER JOIN (SELECT DISTINCT s.chip FROM seen AS s WHERE s.number IS NULL) AS u ON u.chip = c.chip
        UNION ALL
        SELECT m.chip, m.number
        FROM record.chip_mention AS m
        INNER JOIN heard AS h ON h.entry_index = m.entry_index
        INNER JOIN (SELECT DISTINCT s.chip FROM seen AS s WHERE s.number IS NULL) AS u ON u.chip = m.chip
        WHERE m.number IS NOT NULL
    ) AS k
    GROUP BY k.chip
),
looked AS (
    SELECT
        COALESCE(s.number, k.number) AS number,
        s.chip,
        s.entry_index,
        s.observer,
        s.holder,
        s.status,
        s.book_site,
        s.site
    FROM seen AS s
    LEFT JOIN named AS k ON k.chip = s.chip AND s.number IS NULL
    LEFT JOIN disputed AS d ON d.entry_index = s.entry_index AND d.chip = s.chip
    WHERE COALESCE(d.is_wrong, 0) = 0
),
stands AS (
    SELECT DISTINCT l.observer, l.holder, l.site FROM looked AS l
),
sides AS (
    SELECT l.observer, p.operator AS side
    FROM stands AS l
    INNER JOIN place AS p ON p.site = l.site
    UNION
    SELECT l.observer, l.holder AS side
    FROM stands AS l
    WHERE l.holder IS NOT NULL
),
-- Whoever is the same, under the same head, or acts for the other, saw nothing independently.
partial_to AS (
    SELECT x.observer, x.side
    FROM sides AS x
    INNER JOIN party_now AS o ON o.party = x.observer
    INNER JOIN party_now AS w ON w.party = x.side
    LEFT JOIN party_ancestor AS a
        ON a.party = x.observer AND a.basis = $basis AND a.is_ultimate AND a.to_index IS NULL
    LEFT JOIN party_ancestor AS b
        ON b.party = x.side AND b.basis = $basis AND b.is_ultimate AND b.to_index IS NULL
    WHERE
        COALESCE(a.ancestor, x.observer) = COALESCE(b.ancestor, x.side)
        OR POSITION(' ' || x.observer || ' ' IN ' ' || w.successors || ' ') > 0
        OR POSITION(' ' || x.side || ' ' IN ' ' || o.successors || ' ') > 0
),
judged AS (
    SELECT
        CASE WHEN $grouping = 'book' THEN 'book' ELSE p.grouped END AS grouped,
        l.number,
        l.chip,
        l.entry_index,
        l.status,
        CASE
            WHEN l.status = 'held' AND ($grouping = 'book' OR q.grouped = p.grouped) THEN 1 ELSE 0
        END AS is_both
    FROM looked AS l
    LEFT JOIN place AS p ON p.site = l.site
    LEFT JOIN place AS q ON q.site = l.book_site
    LEFT JOIN partial_to AS x ON x.observer = l.observer AND x.side = p.operator
    LEFT JOIN partial_to AS y ON y.observer = l.observer AND y.side = l.holder
    WHERE x.side IS NULL AND y.side IS NULL
),
-- The second list: each chip once in a group, on both if the book had it there when somebody saw it there.
listed AS (
    SELECT
        j.grouped,
        j.number,
        MAX(j.chip) AS chip,
        MAX(j.is_both) AS is_both,
        MAX(CASE WHEN j.status IS NULL THEN 0 WHEN j.status = 'held' THEN 2 ELSE 1 END) AS known,
        MAX(j.entry_index) AS entry_index
    FROM judged AS j
    WHERE j.grouped IS NOT NULL
    GROUP BY j.grouped, j.number, CASE WHEN j.number IS NULL THEN j.chip END
),
-- The book of now, counted before anything is joined to it.
counted AS (
    SELECT c.site, COUNT(*) AS chips FROM record.chip_state AS c WHERE c.status = 'held' GROUP BY c.site
),
tallied AS (
    SELECT
        CASE WHEN $grouping = 'book' THEN 'book' ELSE p.grouped END AS grouped,
        SUM(n.chips) AS on_book,
        0 AS again,
        0 AS second,
        0 AS on_both,
        0 AS elsewhere,
        0 AS ended,
        0 AS unknown,
        CAST(NULL AS BIGINT) AS entry_index
    FROM counted AS n
    LEFT JOIN place AS p ON p.site = n.site
    GROUP BY 1
    UNION ALL
    SELECT
        l.grouped,
        0 AS on_book,
        -- Chips of the second list that the book has there now: on the first list only if they were when seen.
        SUM(CASE WHEN c.number IS NOT NULL AND ($grouping = 'book' OR p.grouped = l.grouped) THEN 1 ELSE 0 END) AS again,
        COUNT(*) AS second,
        SUM(l.is_both) AS on_both,
        SUM(CASE WHEN l.is_both = 0 AND l.known = 2 THEN 1 ELSE 0 END) AS elsewhere,
        SUM(CASE WHEN l.is_both = 0 AND l.known = 1 THEN 1 ELSE 0 END) AS ended,
        SUM(CASE WHEN l.is_both = 0 AND l.known = 0 THEN 1 ELSE 0 END) AS unknown,
        MAX(l.entry_index) AS entry_index
    FROM listed AS l
    LEFT JOIN record.chip_state AS c ON c.number = l.number AND c.status = 'held'
    LEFT JOIN place AS p ON p.site = c.site
    GROUP BY l.grouped
)
SELECT
    t.grouped,
    CAST(SUM(t.on_book - t.again + t.on_both) AS BIGINT) AS declared,
    CAST(SUM(t.second) AS BIGINT) AS seen,
    CAST(SUM(t.on_both) AS BIGINT) AS both_lists,
    CAST(SUM(t.elsewhere) AS BIGINT) AS seen_elsewhere,
    CAST(SUM(t.ended) AS BIGINT) AS seen_after_end,
    CAST(SUM(t.unknown) AS BIGINT) AS seen_unknown,
    MAX(t.entry_index) AS entry_index
FROM tallied AS t
WHERE t.grouped IS NOT NULL
GROUP BY t.grouped
ORDER BY t.grouped;
