-- Who holds how many chips of each model, and with which figures are they to be classed? One row a group and model.
WITH
counted AS (
    SELECT y.custodian, y.owner, y.site, y.model, SUM(y.chips) AS chips
    FROM record.chip_tally AS y
    WHERE y.status IN ('held', 'in_transit')
    GROUP BY y.custodian, y.owner, y.site, y.model
),
grouped_by AS (
    SELECT
        CASE $grouping
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'custodian' THEN n.custodian
            WHEN 'owner' THEN n.owner
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, n.custodian)
        END AS grouped,
        n.model,
        n.chips,
        -- Quotas count what left the country whose they are.
        CASE WHEN COALESCE(t.country, p.country) = 'US' THEN 0 ELSE n.chips END AS abroad
    FROM counted AS n
    LEFT JOIN site AS t ON t.site = n.site
    LEFT JOIN party_span AS p ON p.party = n.custodian AND p.to_index IS NULL
    LEFT JOIN party_ancestor AS u
        ON u.party = n.custodian AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
)
SELECT
    g.grouped,
    g.model,
    CAST(SUM(g.chips) AS BIGINT) AS chips,
    CAST(SUM(g.chips * m.tpp) AS BIGINT) AS tpp,
    -- Fractions are summed as decimals: no last digit hangs on the order of rows.
    CAST(SUM(CAST(g.chips * m.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS h100e,
    CAST(SUM(g.abroad * m.tpp) AS BIGINT) AS abroad_tpp,
    MAX(m.tpp) AS chip_tpp,
    MAX(m.die_area_um2) AS die_area_um2,
    MAX(m.interconnect_gbps) AS interconnect_gbps,
    MAX(m.memory_bandwidth_gbps) AS memory_bandwidth_gbps,
    MAX(m.entry_index) AS entry_index
FROM grouped_by AS g
LEFT JOIN model AS m ON m.model = g.model
GROUP BY g.grouped, g.model
ORDER BY g.grouped, g.model;
