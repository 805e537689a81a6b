-- Which chips has nobody independent seen for long, and nothing else speaks against? One row a group and model.
WITH
-- What inspections accuse, until somebody independent answers it: its holder's word does not.
accused AS (
    SELECT i.inspection, i.chip, c.number, c.born, c.status, i.result, i.found_at, i.entry_index
    FROM inspection_item AS i
    INNER JOIN record.chip_state AS c ON c.chip = i.chip
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
heirs AS (
    SELECT v.party, v.successors, ROW_NUMBER() OVER (PARTITION BY v.party ORDER BY v.changed DESC) AS latest
    FROM record.party_version AS v
),
overdue AS (
    SELECT v.shipment
    FROM record.shipment_version AS v
    GROUP BY v.shipment
    HAVING MAX(v.due_by_s) < CAST($as_of_s AS BIGINT)
),
-- Whatever makes a chip of the book unaccounted for, as that report has it, takes it out of these.
against AS (
    SELECT n.chip FROM unanswered AS n
    UNION
    -- Absent from a full count, or from what was sent; seen elsewhere by who is neither its holder nor its heir.
    SELECT l.chip
    FROM discrepancy_chip AS l
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    INNER JOIN record.entry AS e ON e.entry_index = d.opened_index
    LEFT JOIN heirs AS p ON p.party = d.party_b AND p.latest = 1
    WHERE
        l.closed_index IS NULL
        AND d.state IN ('open', 'answered')
        AND (
            (d.kind = 'absent' AND e.kind IN ('stocktake.declared', 'shipment.arrived'))
            OR (
                d.kind = 'wrong_place'
                AND e.kind = 'chips.sighted'
                AND d.party_a <> d.party_b
                AND POSITION(' ' || d.party_a || ' ' IN ' ' || p.successors || ' ') = 0
            )
        )
    UNION
    -- Still on its way after the day it was due.
    SELECT c.chip
    FROM record.chip_state AS c
    INNER JOIN overdue AS s ON s.shipment = c.shipment
    WHERE c.status = 'in_transit'
),
unseen AS (
    SELECT c.chip, c.liable, c.custodian, c.owner, c.site, c.model, c.last_confirmed_at, c.entry_index
    FROM chip AS c
    WHERE
        c.status IN ('held', 'in_transit')
        AND (c.last_confirmed_at IS NULL OR c.last_confirmed_at < CAST($confirmed_since AS TIMESTAMP))
        AND NOT EXISTS (SELECT 1 FROM against AS x WHERE x.chip = c.chip)
),
counted AS (
    SELECT
        u.liable,
        u.custodian,
        u.owner,
        u.site,
        u.model,
        COUNT(*) AS chips,
        SUM(CASE WHEN u.last_confirmed_at IS NULL THEN 1 ELSE 0 END) AS never_confirmed,
        MIN(u.last_confirmed_at) AS oldest
    FROM unseen AS u
    GROUP BY u.liable, u.custodian, u.owner, u.site, u.model
),
grouped_by AS (
    SELECT
        CASE $grouping
            WHEN 'liable' THEN n.liable
            WHEN 'custodian' THEN n.custodian
            WHEN 'owner' THEN n.owner
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN n.site
            WHEN 'model' THEN n.model
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, n.liable)
        END AS grouped,
        n.*
    FROM counted AS n
    LEFT JOIN site AS t ON t.site = n.site
    LEFT JOIN party_span AS p ON p.party = n.liable AND p.to_index IS NULL
    LEFT JOIN party_ancestor AS u
        ON u.party = n.liable AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
)
SELECT
    g.grouped,
    g.model,
    CAST(SUM(g.chips) AS BIGINT) AS chips,
    CAST(SUM(g.never_confirmed) AS BIGINT) AS never_confirmed,
    MIN(g.oldest) AS oldest_confirmed_at,
    SUM(g.chips * m.h100e) AS h100e
FROM grouped_by AS g
LEFT JOIN model AS m ON m.model = g.model
GROUP BY g.grouped, g.model
ORDER BY g.grouped, g.model;
