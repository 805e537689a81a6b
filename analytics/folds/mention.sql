-- Of which chips does each entry not settled yet speak without moving them, and who held them then?
INSERT INTO record.taken_back
SELECT c.born, e.entry_index
FROM record.correction_version AS c
INNER JOIN record.entry AS e ON e.statement = c.corrects
WHERE c.born >= getvariable('settled')
ORDER BY c.born;

CREATE OR REPLACE TEMP TABLE undone AS
SELECT t.changed AS entry_index, t.born AS of_index
FROM record.transfer_version AS t
WHERE t.changed >= getvariable('settled') AND t.changed > t.born
UNION
SELECT b.entry_index, b.of_index
FROM record.taken_back AS b
WHERE b.entry_index >= getvariable('settled');

CREATE OR REPLACE TEMP TABLE spoken AS
SELECT s.entry_index, s.chip FROM record.said AS s
UNION
SELECT l.changed, l.chip FROM record.discrepancy_chip_version AS l WHERE l.changed >= getvariable('settled');

-- What those entries moved themselves, which is seldom anything.
CREATE OR REPLACE TEMP TABLE written AS
SELECT v.changed, v.chip
FROM record.chip_version AS v
WHERE
    v.changed >= getvariable('settled')
    AND v.changed IN (SELECT p.entry_index FROM spoken AS p UNION ALL SELECT u.entry_index FROM undone AS u);

INSERT INTO record.chip_mention
SELECT m.chip, m.entry_index, MIN(k.custodian)
FROM (
    SELECT p.entry_index, p.chip FROM spoken AS p
    UNION
    -- What an entry takes back or ends speaks of the chips that it spoke of.
    SELECT u.entry_index, b.chip
    FROM undone AS u
    INNER JOIN record.chip_mention AS b ON b.entry_index = u.of_index
    UNION
    SELECT u.entry_index, p.chip
    FROM undone AS u
    INNER JOIN spoken AS p ON p.entry_index = u.of_index
) AS m
LEFT JOIN known AS k ON k.entry_index = m.entry_index AND k.chip = m.chip
WHERE
    NOT EXISTS (
        SELECT 1 FROM written AS v WHERE v.changed = m.entry_index AND v.chip = m.chip
    )
GROUP BY m.chip, m.entry_index
ORDER BY m.entry_index, m.chip;

DROP TABLE written;
DROP TABLE spoken;
DROP TABLE undone;
