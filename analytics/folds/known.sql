-- How did each chip stand that entries not settled yet move or speak of, just before each of them?
-- Numbers in place of names, and one number for all that a chip's standing is, because millions are compared.
SET VARIABLE settled = (SELECT s.settled_size FROM record.standing AS s);

-- What is named beside what was said, which names no chip twice.
CREATE OR REPLACE TEMP TABLE beside AS
SELECT b.entry_index, b.chip, BOOL_OR(b.is_spoken) AS is_spoken, BOOL_OR(b.is_counted) AS is_counted
FROM (
    SELECT c.entry_index, c.chip, FALSE AS is_spoken, TRUE AS is_counted FROM record.counted AS c
    UNION ALL
    SELECT l.changed, l.chip, TRUE AS is_spoken, FALSE AS is_counted
    FROM record.discrepancy_chip_version AS l
    WHERE l.changed >= getvariable('settled')
) AS b
WHERE NOT EXISTS (SELECT 1 FROM record.said AS s WHERE s.entry_index = b.entry_index AND s.chip = b.chip)
GROUP BY b.entry_index, b.chip;

CREATE OR REPLACE TEMP TABLE named AS
SELECT s.entry_index, s.chip, s.seen_at, TRUE AS is_spoken, j.entry_index IS NOT NULL AS is_counted
FROM record.said AS s
LEFT JOIN (SELECT DISTINCT j.entry_index FROM record.judged AS j WHERE j.is_of_itself) AS j
    ON j.entry_index = s.entry_index
UNION ALL
SELECT b.entry_index, b.chip, NULL AS seen_at, b.is_spoken, b.is_counted
FROM beside AS b;

-- A chip keeps its number, also when its making is taken back and made again.
CREATE OR REPLACE TEMP TABLE made AS
SELECT DISTINCT v.chip, v.number
FROM record.chip_version AS v
WHERE v.changed >= getvariable('settled') AND v.born = v.changed;

CREATE OR REPLACE TEMP TABLE older AS
SELECT DISTINCT n.chip
FROM named AS n
WHERE NOT EXISTS (SELECT 1 FROM made AS m WHERE m.chip = n.chip);

INSERT INTO made
SELECT s.chip, s.number
FROM record.chip_state AS s
INNER JOIN older AS o ON o.chip = s.chip;

-- How those stood when it was last settled that moved since, or are spoken of.
CREATE OR REPLACE TEMP TABLE stood_before AS
SELECT
    s.number,
    s.changed,
    s.born,
    SUBSTR(s.chip, 1, POSITION(':' IN s.chip) - 1) AS maker,
    s.model,
    s.custodian,
    s.owner,
    s.liable,
    s.site,
    s.status
FROM record.chip_state AS s
INNER JOIN (
    SELECT v.number FROM record.chip_version AS v WHERE v.changed >= getvariable('settled')
    UNION
    SELECT m.number FROM made AS m INNER JOIN older AS o ON o.chip = m.chip
) AS t ON t.number = s.number;

CREATE OR REPLACE TEMP VIEW stood AS
SELECT
    v.number,
    v.changed,
    v.born,
    SUBSTR(v.chip, 1, POSITION(':' IN v.chip) - 1) AS maker,
    v.model,
    v.custodian,
    v.owner,
    v.liable,
    v.site,
    v.status
FROM record.chip_version AS v
WHERE v.changed >= getvariable('settled')
UNION ALL
SELECT b.* FROM stood_before AS b;

CREATE OR REPLACE TEMP TABLE stand AS
SELECT ROW_NUMBER() OVER () AS stand, d.*
FROM (SELECT DISTINCT v.maker, v.model, v.custodian, v.owner, v.liable, v.site, v.status FROM stood AS v) AS d;

-- Each version, with the one before and until when it was the last.
CREATE OR REPLACE TEMP TABLE past AS
SELECT
    v.number,
    v.changed,
    v.born,
    v.stand,
    LAG(v.changed) OVER of_chip AS was_changed,
    LAG(v.born) OVER of_chip AS was_born,
    LAG(v.stand) OVER of_chip AS was_stand,
    LEAD(v.changed) OVER of_chip AS next_changed
FROM (
    SELECT v.number, v.changed, v.born, d.stand
    FROM stood AS v
    INNER JOIN stand AS d
        ON d.maker = v.maker
        AND d.model IS NOT DISTINCT FROM v.model
        AND d.custodian IS NOT DISTINCT FROM v.custodian
        AND d.owner IS NOT DISTINCT FROM v.owner
        AND d.liable IS NOT DISTINCT FROM v.liable
        AND d.site IS NOT DISTINCT FROM v.site
        AND d.status IS NOT DISTINCT FROM v.status
) AS v
WINDOW of_chip AS (PARTITION BY v.number ORDER BY v.changed);

-- `stand` is none where nothing was there.
CREATE OR REPLACE TEMP TABLE known AS
SELECT n.entry_index, n.chip, n.seen_at, n.is_spoken, n.is_counted, m.number, p.stand
FROM named AS n
LEFT JOIN made AS m ON m.chip = n.chip
LEFT JOIN past AS p
    ON p.number = m.number
    AND p.changed < n.entry_index
    AND (p.next_changed IS NULL OR p.next_changed >= n.entry_index)
    AND p.born >= 0;

DROP VIEW stood;
DROP TABLE stood_before;
DROP TABLE older;
DROP TABLE made;
DROP TABLE named;
DROP TABLE beside;
