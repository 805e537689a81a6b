-- What did each count that is complete with an entry of this batch come to, model by model?
-- `judged` has (stocktake, entry_index, party, site, is_full), `counted` the chips named in all its parts.
CREATE OR REPLACE TEMP TABLE whose AS
SELECT j.entry_index, j.party AS custodian FROM judged AS j
UNION
-- Whom the party acts for.
SELECT j.entry_index, w.party AS custodian
FROM judged AS j
INNER JOIN record.party_version AS w
    ON w.changed < j.entry_index AND POSITION(' ' || j.party || ' ' IN ' ' || w.successors || ' ') > 0
WHERE
    NOT EXISTS (
        SELECT 1 FROM record.party_version AS x
        WHERE x.party = w.party AND x.changed > w.changed AND x.changed < j.entry_index
    );

CREATE OR REPLACE TEMP TABLE theirs AS
SELECT h.*
FROM (
    SELECT w.entry_index, s.chip, s.number, s.model, s.site, s.status, s.born, s.changed
    FROM whose AS w
    INNER JOIN record.chip_state AS s ON s.custodian = w.custodian
    UNION ALL
    SELECT w.entry_index, r.chip, r.number, r.model, r.site, r.status, r.born, r.changed
    FROM whose AS w
    INNER JOIN recent AS r ON r.custodian = w.custodian AND r.changed < w.entry_index
) AS h
WHERE
    h.born >= 0
    AND NOT EXISTS (
        SELECT 1 FROM recent AS r
        WHERE r.number = h.number AND r.changed > h.changed AND r.changed < h.entry_index
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
FROM judged AS j
INNER JOIN (
    SELECT
        a.entry_index,
        a.chip,
        MAX(a.model) AS model,
        MAX(a.is_counted) AS is_counted,
        MAX(a.is_book) AS is_book,
        MAX(a.is_moving) AS is_moving
    FROM (
        SELECT c.entry_index, c.chip, k.model, 1 AS is_counted, 0 AS is_book, 0 AS is_moving
        FROM counted AS c
        LEFT JOIN known AS k ON k.entry_index = c.entry_index AND k.chip = c.chip
        UNION ALL
        SELECT
            h.entry_index,
            h.chip,
            h.model,
            0 AS is_counted,
            CASE WHEN h.status = 'held' THEN 1 ELSE 0 END AS is_book,
            CASE WHEN h.status = 'in_transit' THEN 1 ELSE 0 END AS is_moving
        FROM theirs AS h
        INNER JOIN judged AS i ON i.entry_index = h.entry_index
        WHERE
            h.status IN ('held', 'in_transit')
            AND (i.site IS NULL OR i.site = h.site)
            -- A count of some says nothing of the others.
            AND (
                i.is_full
                OR EXISTS (SELECT 1 FROM counted AS c WHERE c.entry_index = h.entry_index AND c.chip = h.chip)
            )
    ) AS a
    GROUP BY a.entry_index, a.chip
) AS t ON t.entry_index = j.entry_index
GROUP BY j.stocktake, j.entry_index, t.model
ORDER BY j.entry_index, t.model;

DROP TABLE theirs;
DROP TABLE whose;
DROP TABLE known;
DROP TABLE named;
DROP TABLE recent;
