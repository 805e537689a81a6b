-- What did each count come to, model by model, that is complete with an entry not settled yet?
-- `judged` has (stocktake, entry_index, party, site, is_full), `known` says which chips were named in its parts.
CREATE OR REPLACE TEMP TABLE whose AS
SELECT j.entry_index, j.party AS custodian FROM record.judged AS j
UNION
-- Whom the party acts for.
SELECT j.entry_index, w.party AS custodian
FROM record.judged AS j
INNER JOIN record.party_version AS w
    ON w.changed < j.entry_index AND POSITION(' ' || j.party || ' ' IN ' ' || w.successors || ' ') > 0
WHERE
    NOT EXISTS (
        SELECT 1 FROM record.party_version AS x
        WHERE x.party = w.party AND x.changed > w.changed AND x.changed < j.entry_index
    );

-- Chips that were theirs and there, whether counted or not; a count of some says nothing of the others.
CREATE OR REPLACE TEMP TABLE theirs AS
SELECT h.entry_index, h.chip, h.model, h.status
FROM (
    SELECT j.entry_index, s.chip, s.number, s.model, s.status, s.changed
    FROM record.judged AS j
    INNER JOIN whose AS w ON w.entry_index = j.entry_index
    INNER JOIN record.chip_state AS s ON s.custodian = w.custodian
    WHERE j.is_full AND s.status IN ('held', 'in_transit') AND (j.site IS NULL OR j.site = s.site)
    UNION ALL
    SELECT j.entry_index, v.chip, v.number, v.model, v.status, v.changed
    FROM record.judged AS j
    INNER JOIN whose AS w ON w.entry_index = j.entry_index
    INNER JOIN record.chip_version AS v ON v.custodian = w.custodian AND v.changed < j.entry_index
    WHERE
        v.changed >= getvariable('settled')
        AND v.born >= 0
        AND j.is_full
        AND v.status IN ('held', 'in_transit')
        AND (j.site IS NULL OR j.site = v.site)
) AS h
WHERE
    NOT EXISTS (
        SELECT 1 FROM record.chip_version AS r
        WHERE
            r.changed >= getvariable('settled')
            AND r.number = h.number
            AND r.changed > h.changed
            AND r.changed < h.entry_index
    );

INSERT INTO record.stocktake_model
SELECT
    j.stocktake,
    j.entry_index,
    t.model,
    SUM(t.is_book) AS book,
    SUM(t.is_counted) AS counted,
    SUM(CASE WHEN t.is_book = 1 AND t.is_counted = 0 THEN 1 ELSE 0 END) AS absent,
    SUM(CASE WHEN t.is_book = 0 AND t.is_counted = 1 THEN 1 ELSE 0 END) AS surplus,
    SUM(t.is_moving) AS in_motion
FROM record.judged AS j
INNER JOIN (
    SELECT
        a.entry_index,
        a.chip,
        MAX(a.model) AS model,
        MAX(a.is_counted) AS is_counted,
        MAX(CASE WHEN a.status = 'held' THEN 1 ELSE 0 END) AS is_book,
        MAX(CASE WHEN a.status = 'in_transit' THEN 1 ELSE 0 END) AS is_moving
    FROM (
        SELECT
            k.entry_index,
            k.chip,
            d.model,
            1 AS is_counted,
            CASE WHEN w.custodian IS NOT NULL AND (i.site IS NULL OR i.site = d.site) THEN d.status END AS status
        FROM known AS k
        INNER JOIN record.judged AS i ON i.entry_index = k.entry_index
        LEFT JOIN stand AS d ON d.stand = k.stand
        LEFT JOIN whose AS w ON w.entry_index = k.entry_index AND w.custodian = d.custodian
        WHERE k.is_counted
        UNION ALL
        SELECT h.entry_index, h.chip, h.model, 0 AS is_counted, h.status
        FROM theirs AS h
    ) AS a
    GROUP BY a.entry_index, a.chip
) AS t ON t.entry_index = j.entry_index
GROUP BY j.stocktake, j.entry_index, t.model
ORDER BY j.entry_index, t.model;

DROP TABLE theirs;
DROP TABLE whose;
