-- What speaks against each present chip, and nobody who may has answered it, as the log stands? One row a chip.
-- What hangs on the hour, that it is overdue, is the report's to say.
WITH
-- Every chip that anything may speak against, found in one look.
spoken AS (
    SELECT c.*
    FROM record.chip_state AS c
    LEFT JOIN (
        SELECT l.chip FROM record.discrepancy_chip_version AS l
        UNION
        SELECT v.item AS chip FROM record.sampled_chip_version AS v
    ) AS n ON n.chip = c.chip
    WHERE c.status IN ('missing', 'destroyed') OR n.chip IS NOT NULL
),
party_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.party ORDER BY v.changed DESC) AS latest
        FROM record.party_version AS v
    ) AS q
    WHERE q.latest = 1
),
-- What is disputed and settled by nobody, with the statement that opened it.
disputed AS (
    SELECT l.chip, d.kind, d.party_a, d.party_b, d.opened_index, e.kind AS said_in
    FROM discrepancy_chip AS l
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    INNER JOIN record.entry AS e ON e.entry_index = d.opened_index
    WHERE l.closed_index IS NULL AND d.state IN ('open', 'answered')
),
-- A chip was seen after its destruction, and a verifier who never answered for it decided that the book stands.
confirmed_gone AS (
    SELECT DISTINCT c.chip
    FROM spoken AS c
    INNER JOIN discrepancy_chip AS l ON l.chip = c.chip
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    INNER JOIN record.entry AS e ON e.entry_index = d.closed_index
    INNER JOIN party_span AS p
        ON p.party = e.party
        AND p.from_index <= e.entry_index
        AND (p.to_index IS NULL OR p.to_index > e.entry_index)
    WHERE
        c.status = 'destroyed'
        AND d.kind = 'after_end'
        AND d.outcome = 'book_stands'
        AND d.opened_index > c.changed
        AND POSITION(' verifier ' IN ' ' || p.roles || ' ') > 0
        AND e.party <> c.last_liable
),
-- What inspections accuse, until somebody independent answers it: its holder's word does not.
accused AS (
    SELECT i.inspection, i.chip, c.number, c.born, c.status, i.result, i.found_at, i.entry_index
    FROM inspection_item AS i
    INNER JOIN spoken AS c ON c.chip = i.chip
    WHERE i.stage IS NOT NULL AND i.result IN ('not_found', 'refused', 'mismatch', 'tampered')
),
-- The disagreement it opened was decided against the inspector, or the book took over what was seen.
decided AS (
    SELECT a.inspection, a.chip
    FROM accused AS a
    INNER JOIN record.sampled_chip_version AS v ON v.inspection = a.inspection AND v.item = a.chip
    INNER JOIN discrepancy_chip AS l ON l.chip = a.chip
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy AND d.opened_index = v.changed
    INNER JOIN record.entry AS e ON e.entry_index = l.closed_index
    WHERE
        (
            a.result = 'not_found'
            AND d.kind = 'absent'
            AND (
                (e.kind = 'discrepancy.answered' AND e.party = d.party_a)
                OR (e.kind = 'discrepancy.resolved' AND d.outcome = 'book_stands')
            )
        )
        OR (
            a.result = 'mismatch'
            AND d.kind = 'identity_differs'
            AND (
                e.kind = 'discrepancy.answered'
                OR (e.kind = 'discrepancy.resolved' AND d.outcome IN ('book_stands', 'observation_stands'))
            )
        )
),
-- What was not there, or not shown, was seen since where the book has it, and by no inspection.
shown AS (
    SELECT a.inspection, a.chip
    FROM accused AS a
    INNER JOIN record.confirmation AS k ON k.number = a.number
    INNER JOIN record.entry AS e ON e.entry_index = k.entry_index
    WHERE
        a.result IN ('not_found', 'refused')
        AND k.confirmed_at > a.found_at
        AND k.entry_index >= a.born
        AND e.kind <> 'inspection.found'
        AND NOT EXISTS (SELECT 1 FROM record.taken_back AS b WHERE b.of_index = k.entry_index)
),
unanswered AS (
    SELECT a.chip, MIN(a.entry_index) AS since_index
    FROM accused AS a
    WHERE
        a.status <> 'replaced'
        AND NOT EXISTS (
            SELECT 1 FROM inspection_item AS j
            WHERE j.chip = a.chip AND j.result = 'confirmed' AND j.found_at > a.found_at
        )
        AND NOT EXISTS (SELECT 1 FROM decided AS d WHERE d.inspection = a.inspection AND d.chip = a.chip)
        AND NOT EXISTS (SELECT 1 FROM shown AS k WHERE k.inspection = a.inspection AND k.chip = a.chip)
    GROUP BY a.chip
),
said AS (
    -- I: an inspection drew it, and accuses, and nobody independent has answered that.
    SELECT n.chip, 'I' AS evidence, 0 AS place, n.since_index
    FROM unanswered AS n
    WHERE NOT EXISTS (SELECT 1 FROM confirmed_gone AS g WHERE g.chip = n.chip)
    UNION ALL
    -- S: somebody else than its holder, or whoever acts for that one, saw it where the book does not have it.
    SELECT x.chip, 'S' AS evidence, 1 AS place, MIN(x.opened_index) AS since_index
    FROM disputed AS x
    INNER JOIN party_now AS p ON p.party = x.party_b
    WHERE
        x.said_in = 'chips.sighted'
        AND x.kind = 'wrong_place'
        AND x.party_a <> x.party_b
        AND POSITION(' ' || x.party_a || ' ' IN ' ' || p.successors || ' ') = 0
    GROUP BY x.chip
    UNION ALL
    -- K: its holder counted everything, and it was not there.
    SELECT x.chip, 'K' AS evidence, 2 AS place, MIN(x.opened_index) AS since_index
    FROM disputed AS x
    WHERE x.said_in = 'stocktake.declared' AND x.kind = 'absent'
    GROUP BY x.chip
    UNION ALL
    -- R: its receiver reported it absent.
    SELECT x.chip, 'R' AS evidence, 3 AS place, MIN(x.opened_index) AS since_index
    FROM disputed AS x
    WHERE x.said_in = 'shipment.arrived' AND x.kind = 'absent'
    GROUP BY x.chip
    UNION ALL
    -- L: lost, stolen, released, conceded, or destroyed on its holder's word alone.
    SELECT c.chip, 'L' AS evidence, 5 AS place, c.changed AS since_index
    FROM spoken AS c
    WHERE
        c.status = 'missing'
        OR (
            c.status = 'destroyed'
            AND NOT EXISTS (SELECT 1 FROM confirmed_gone AS g WHERE g.chip = c.chip)
        )
),
-- The first class that applies, and the rest in their order.
named AS (
    SELECT
        s.chip,
        MIN(s.place) AS place,
        MAX(CASE WHEN s.evidence = 'S' THEN ' S' ELSE '' END)
        || MAX(CASE WHEN s.evidence = 'K' THEN ' K' ELSE '' END)
        || MAX(CASE WHEN s.evidence = 'R' THEN ' R' ELSE '' END)
        || MAX(CASE WHEN s.evidence = 'L' THEN ' L' ELSE '' END) AS every
    FROM said AS s
    GROUP BY s.chip
),
first_said AS (
    SELECT
        n.chip,
        s.evidence,
        s.since_index,
        CASE WHEN s.evidence = 'I' THEN TRIM(n.every) ELSE TRIM(REPLACE(n.every, ' ' || s.evidence, '')) END AS also
    FROM named AS n
    INNER JOIN said AS s ON s.chip = n.chip AND s.place = n.place
),
-- Whoever has it now answers for no evidence that arose before: of what has changed since, the book of then is
-- asked. L is of what is so now.
earlier AS (
    SELECT
        n.chip,
        COALESCE(v.liable, v.last_liable) AS charged,
        ROW_NUMBER() OVER (PARTITION BY n.chip ORDER BY v.changed DESC) AS latest
    FROM first_said AS n
    INNER JOIN spoken AS c ON c.chip = n.chip
    INNER JOIN record.chip_version AS v ON v.number = c.number AND v.changed <= n.since_index
    WHERE n.evidence <> 'L' AND c.changed > n.since_index AND v.born >= 0
)
SELECT
    c.chip,
    c.number,
    n.evidence,
    NULLIF(n.also, '') AS also,
    n.since_index,
    COALESCE(r.charged, c.liable, c.last_liable) AS charged,
    c.model,
    c.custodian,
    c.owner,
    c.liable,
    c.last_liable,
    c.site,
    c.status,
    c.shipment,
    c.changed
FROM first_said AS n
INNER JOIN spoken AS c ON c.chip = n.chip
LEFT JOIN earlier AS r ON r.chip = n.chip AND r.latest = 1;
