-- Which chips has nobody independent seen for long, and nothing else speaks against? One row a group and model.
WITH
shipment_now AS (
    SELECT *
    FROM (
        SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
        FROM record.shipment_version AS v
    ) AS s
    WHERE s.latest = 1
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
-- Whatever makes a chip of the book unaccounted for, as that report has it, takes it out of these.
spoken_against AS (
    -- I: an inspection drew it, and accuses; no inspection has confirmed it since.
    SELECT i.chip, 'I' AS evidence, 0 AS place, MIN(i.entry_index) AS since_index
    FROM inspection_item AS i
    WHERE
        i.stage IS NOT NULL
        AND i.result IN ('not_found', 'refused', 'mismatch', 'tampered')
        AND NOT EXISTS (
            SELECT 1 FROM inspection_item AS j
            WHERE j.chip = i.chip AND j.result = 'confirmed' AND j.found_at > i.found_at
        )
    GROUP BY i.chip
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
    -- O: still on its way after the day it was due.
    SELECT c.chip, 'O' AS evidence, 4 AS place, s.born AS since_index
    FROM record.chip_state AS c
    INNER JOIN shipment_now AS s ON s.shipment = c.shipment
    WHERE c.status = 'in_transit' AND s.due_by_s < CAST($as_of_s AS BIGINT)
),
unseen AS (
    SELECT c.chip, c.liable, c.custodian, c.owner, c.site, c.model, c.last_confirmed_at, c.entry_index
    FROM chip AS c
    WHERE
        c.status IN ('held', 'in_transit')
        AND (c.last_confirmed_at IS NULL OR c.last_confirmed_at < CAST($confirmed_since AS TIMESTAMP))
        AND NOT EXISTS (SELECT 1 FROM spoken_against AS x WHERE x.chip = c.chip)
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
