-- Of what each group holds on the book, how much was seen of late, and how much more can nobody show? One row a group.
WITH
late AS (
-- the rows of late.sql
),
-- What is unaccounted for and on the book is in the book's figure already, and not in the low one; what has
-- left the book is added. A module with a new serial is there under that.
present AS (
    SELECT
        COALESCE(y.custodian, y.liable, y.last_liable) AS holder,
        COALESCE(y.owner, y.last_liable) AS owner,
        y.site,
        y.model,
        CASE WHEN y.status IN ('held', 'in_transit') THEN y.chips ELSE 0 END AS on_book,
        CASE
            WHEN
                y.status IN ('held', 'in_transit')
                AND NOT y.is_accused
                AND (y.status = 'held' OR s.shipment IS NULL)
                AND y.confirmed_at >= CAST($confirmed_since AS TIMESTAMP)
                THEN y.chips
            ELSE 0
        END AS seen,
        CASE WHEN y.inspected_at >= CAST($confirmed_since AS TIMESTAMP) THEN 1 ELSE 0 END AS visited,
        CASE WHEN y.status IN ('missing', 'destroyed') AND y.is_accused THEN y.chips ELSE 0 END AS gone
    FROM record.chip_tally AS y
    LEFT JOIN late AS s ON s.shipment = y.shipment
),
counted AS (
    SELECT
        q.holder,
        q.owner,
        q.site,
        q.model,
        SUM(q.on_book) AS book,
        SUM(q.seen) AS confirmed,
        SUM(q.seen * q.visited) AS inspected,
        SUM(q.gone) AS unaccounted
    FROM present AS q
    WHERE q.on_book > 0 OR q.gone > 0
    GROUP BY q.holder, q.owner, q.site, q.model
),
grouped_by AS (
    SELECT
        CASE $grouping
            WHEN 'custodian' THEN n.holder
            WHEN 'owner' THEN n.owner
            WHEN 'country' THEN COALESCE(t.country, p.country)
            WHEN 'site' THEN n.site
            WHEN 'model' THEN n.model
            WHEN 'ultimate_parent' THEN COALESCE(u.ancestor, n.holder)
            WHEN 'owner_parent' THEN COALESCE(o.ancestor, n.owner)
        END AS grouped,
        n.book,
        n.confirmed,
        n.inspected,
        n.unaccounted,
        m.h100e,
        COALESCE(m.bf16_gflops, m.fp16_gflops) AS half_gflops,
        m.memory_gb
    FROM counted AS n
    LEFT JOIN site AS t ON t.site = n.site
    LEFT JOIN party_span AS p ON p.party = n.holder AND p.to_index IS NULL
    LEFT JOIN party_ancestor AS u
        ON u.party = n.holder AND u.basis = $basis AND u.is_ultimate AND u.to_index IS NULL
    LEFT JOIN party_ancestor AS o
        ON o.party = n.owner AND o.basis = $basis AND o.is_ultimate AND o.to_index IS NULL
    LEFT JOIN model AS m ON m.model = n.model
)
SELECT
    g.grouped,
    CAST(SUM(g.confirmed) AS BIGINT) AS low_chips,
    CAST(SUM(g.inspected) AS BIGINT) AS low_inspected_chips,
    CAST(SUM(g.book) AS BIGINT) AS book_chips,
    CAST(SUM(g.unaccounted) AS BIGINT) AS unaccounted_chips,
    CAST(SUM(CASE WHEN g.half_gflops IS NULL THEN g.book ELSE 0 END) AS BIGINT) AS chips_without_rate,
    -- Fractions are summed as decimals: no last digit hangs on the order of rows.
    CAST(SUM(CAST(g.confirmed * g.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS low_h100e,
    CAST(SUM(CAST(g.book * g.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS book_h100e,
    CAST(SUM(CAST(g.unaccounted * g.h100e AS DECIMAL(38, 15))) AS DOUBLE) AS unaccounted_h100e,
    CAST(SUM(g.confirmed * g.half_gflops) AS BIGINT) AS low_half_gflops,
    CAST(SUM(g.book * g.half_gflops) AS BIGINT) AS book_half_gflops,
    CAST(SUM(g.unaccounted * g.half_gflops) AS BIGINT) AS unaccounted_half_gflops,
    CAST(SUM(g.confirmed * g.memory_gb) AS BIGINT) AS low_memory_gb,
    CAST(SUM(g.book * g.memory_gb) AS BIGINT) AS book_memory_gb,
    CAST(SUM(g.unaccounted * g.memory_gb) AS BIGINT) AS unaccounted_memory_gb
FROM grouped_by AS g
GROUP BY g.grouped
ORDER BY g.grouped;
