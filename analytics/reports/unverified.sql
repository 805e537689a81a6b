-- Which chips has nobody independent seen for long, and nothing else speaks against? One row a group and model.
WITH
evidence AS (
-- the rows of evidence.sql
),
unseen AS (
    SELECT c.chip, c.liable, c.custodian, c.owner, c.site, c.model, c.last_confirmed_at, c.entry_index
    FROM chip AS c
    WHERE
        c.status IN ('held', 'in_transit')
        AND (c.last_confirmed_at IS NULL OR c.last_confirmed_at < CAST($confirmed_since AS TIMESTAMP))
        AND NOT EXISTS (SELECT 1 FROM evidence AS x WHERE x.chip = c.chip)
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
    LEFT JOIN party_span AS p ON p.party = n.custodian AND p.to_index IS NULL
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
