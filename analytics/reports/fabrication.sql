-- Of the good dies a fab counted, how many became chips of the book, and of how many is nothing known? One row a group.
WITH
lot_now AS (
    SELECT
        t.*,
        CASE $grouping
            WHEN 'lot' THEN t.lot
            WHEN 'fab' THEN t.fab
            WHEN 'for_party' THEN t.for_party
            WHEN 'product' THEN t.product
        END AS grouped
    FROM (
        SELECT v.*, v.changed AS entry_index, ROW_NUMBER() OVER (PARTITION BY v.lot ORDER BY v.changed DESC) AS latest
        FROM record.lot_version AS v
    ) AS t
    WHERE t.latest = 1 AND t.born >= 0
),
-- Chips of one model that name the same lots are counted before any lot is looked for among them. A module
-- with a new serial is the old one's dies again: it is the old one that counts no more.
named AS (
    SELECT
        c.lots,
        LENGTH(c.lots) - LENGTH(REPLACE(c.lots, ' ', '')) + 1 AS lots_named,
        c.class,
        m.dies,
        SUM(c.chips) AS chips
    FROM record.lot_tally AS c
    INNER JOIN model AS m ON m.model = c.model
    WHERE NOT c.is_replaced
    GROUP BY c.lots, c.class, m.dies
),
met AS (
    SELECT n.lots, n.class, n.dies, n.chips, n.lots_named, t.grouped
    FROM named AS n
    INNER JOIN lot_now AS t ON t.lot = n.lots
    WHERE n.lots_named = 1
    UNION ALL
    SELECT n.lots, n.class, n.dies, n.chips, n.lots_named, t.grouped
    FROM named AS n
    INNER JOIN lot_now AS t ON POSITION(' ' || t.lot || ' ' IN ' ' || n.lots || ' ') > 0
    WHERE n.lots_named > 1
),
shares AS (
    SELECT x.grouped, x.lots, x.class, x.dies, x.chips, x.lots_named, COUNT(*) AS lots_here
    FROM met AS x
    GROUP BY x.grouped, x.lots, x.class, x.dies, x.chips, x.lots_named
),
-- All of a chip's dies are the group's where all its lots are. Else each lot it names gave one at least, where
-- it has as many dies as lots; where it has fewer, nobody knows which of them gave any.
bounded AS (
    SELECT
        s.*,
        CASE
            WHEN s.lots_here = s.lots_named THEN s.dies
            WHEN s.lots_named <= s.dies THEN s.lots_here
            ELSE 0
        END AS dies_low,
        CASE
            WHEN s.lots_here = s.lots_named OR s.lots_named > s.dies THEN s.dies
            ELSE s.dies - s.lots_named + s.lots_here
        END AS dies_high
    FROM shares AS s
),
registered AS (
    SELECT
        b.grouped,
        SUM(b.chips) AS chips,
        SUM(CASE WHEN b.lots_here < b.lots_named THEN b.chips ELSE 0 END) AS shared_chips,
        SUM(b.chips * b.dies_low) AS dies_low,
        SUM(b.chips * b.dies_high) AS dies_high,
        SUM(CASE b.class WHEN 'A' THEN b.chips * b.dies_high ELSE 0 END) AS dies_a,
        SUM(CASE b.class WHEN 'B' THEN b.chips * b.dies_high ELSE 0 END) AS dies_b
    FROM bounded AS b
    GROUP BY b.grouped
),
produced AS (
    SELECT
        t.grouped,
        COUNT(*) AS lots,
        SUM(t.wafers) AS wafers,
        SUM(t.gross_units) AS gross_units,
        SUM(t.good_units) AS good_units,
        SUM(t.lost) AS lost,
        SUM(t.banked) AS banked,
        SUM(t.other_product) AS other_product,
        MAX(t.entry_index) AS entry_index
    FROM lot_now AS t
    GROUP BY t.grouped
)
SELECT
    p.grouped,
    p.lots,
    CAST(p.wafers AS BIGINT) AS wafers,
    CAST(p.gross_units AS BIGINT) AS gross_units,
    CAST(p.good_units AS BIGINT) AS good_units,
    CAST(p.lost AS BIGINT) AS lost,
    CAST(p.banked AS BIGINT) AS banked,
    CAST(p.other_product AS BIGINT) AS other_product,
    CAST(COALESCE(r.chips, 0) AS BIGINT) AS registered_chips,
    CAST(COALESCE(r.shared_chips, 0) AS BIGINT) AS shared_chips,
    CAST(COALESCE(r.dies_low, 0) AS BIGINT) AS registered_dies_low,
    CAST(COALESCE(r.dies_high, 0) AS BIGINT) AS registered_dies_high,
    CAST(COALESCE(r.dies_a, 0) AS BIGINT) AS class_a_dies_high,
    CAST(COALESCE(r.dies_b, 0) AS BIGINT) AS class_b_dies_high,
    -- Class D: dies known only in a count.
    CAST(p.good_units - p.lost - p.banked - p.other_product - COALESCE(r.dies_high, 0) AS BIGINT) AS class_d_dies_low,
    CAST(p.good_units - p.lost - p.banked - p.other_product - COALESCE(r.dies_low, 0) AS BIGINT) AS class_d_dies_high,
    p.entry_index
FROM produced AS p
LEFT JOIN registered AS r ON r.grouped = p.grouped
ORDER BY p.grouped;
