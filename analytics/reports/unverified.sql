-- Which chips has nobody independent seen for long, and nothing else speaks against? One row a group and model.
WITH
late AS (
-- the rows of late.sql
),
counted AS (
    SELECT
        y.liable,
        y.custodian,
        y.owner,
        y.site,
        y.model,
        SUM(y.chips) AS chips,
        SUM(CASE WHEN y.confirmed_at IS NULL THEN y.chips ELSE 0 END) AS never_confirmed,
        MIN(y.confirmed_at) AS oldest
    FROM record.chip_tally AS y
    LEFT JOIN late AS s ON s.shipment = y.shipment
    WHERE
        NOT y.is_accused
        AND (y.status = 'held' OR (y.status = 'in_transit' AND s.shipment IS NULL))
        AND (y.confirmed_at IS NULL OR y.confirmed_at < CAST($confirmed_since AS TIMESTAMP))
    GROUP BY y.liable, y.custodian, y.owner, y.site, y.model
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
    -- Fractions are summed as decimals: no last digit hangs on the order of rows.
    CAST(SUM(CAST(g.chips * m.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS h100e
FROM grouped_by AS g
LEFT JOIN model AS m ON m.model = g.model
GROUP BY g.grouped, g.model
ORDER BY g.grouped, g.model;
