-- Who could run how much compute, and is it placed, stored, in transit or disputed? One row a group and standing.
WITH
counted AS (
    SELECT
        y.custodian,
        y.owner,
        y.site,
        y.model,
        CASE
            WHEN y.is_disputed THEN 'disputed'
            WHEN y.status = 'in_transit' THEN 'in_transit'
            WHEN y.is_placed THEN 'placed'
            ELSE 'stored'
        END AS standing,
        SUM(y.chips) AS chips
    FROM record.chip_tally AS y
    WHERE y.status IN ('held', 'in_transit')
    GROUP BY 1, 2, 3, 4, 5
),
grouped_by AS (
    SELECT
        CASE $grouping
            WHEN 'custodian' THEN n.custodian
            WHEN 'owner' THEN n.owner
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN n.site
            WHEN 'model' THEN n.model
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, n.custodian)
            WHEN 'owner_parent' THEN COALESCE(o.ancestor, n.owner)
        END AS grouped,
        n.standing,
        n.chips,
        m.*
    FROM counted AS n
    LEFT JOIN site AS t ON t.site = n.site
    LEFT JOIN party_span AS p ON p.party = n.custodian AND p.to_index IS NULL
    LEFT JOIN party_ancestor AS u
        ON u.party = n.custodian AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
    LEFT JOIN party_ancestor AS o
        ON o.party = n.owner AND o.basis = $basis AND o.is_ultimate AND o.to_index IS NULL
    LEFT JOIN model AS m ON m.model = n.model
)
SELECT
    g.grouped,
    g.standing,
    CAST(SUM(g.chips) AS BIGINT) AS chips,
    CAST(SUM(CASE WHEN g.h100e IS NULL THEN g.chips ELSE 0 END) AS BIGINT) AS chips_without_h100e,
    CAST(SUM(g.chips * g.fp64_gflops) AS BIGINT) AS fp64_gflops,
    CAST(SUM(g.chips * g.fp32_gflops) AS BIGINT) AS fp32_gflops,
    CAST(SUM(g.chips * g.tf32_gflops) AS BIGINT) AS tf32_gflops,
    CAST(SUM(g.chips * g.bf16_gflops) AS BIGINT) AS bf16_gflops,
    CAST(SUM(g.chips * g.fp16_gflops) AS BIGINT) AS fp16_gflops,
    CAST(SUM(g.chips * g.fp8_gflops) AS BIGINT) AS fp8_gflops,
    CAST(SUM(g.chips * g.int8_gflops) AS BIGINT) AS int8_gflops,
    CAST(SUM(g.chips * g.fp4_gflops) AS BIGINT) AS fp4_gflops,
    CAST(SUM(g.chips * g.tpp) AS BIGINT) AS tpp,
    CAST(SUM(g.chips * g.memory_gb) AS BIGINT) AS memory_gb,
    -- Fractions are summed as decimals: no last digit hangs on the order of rows.
    CAST(SUM(CAST(g.chips * g.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS h100e
FROM grouped_by AS g
GROUP BY g.grouped, g.standing
ORDER BY g.grouped, g.standing;
