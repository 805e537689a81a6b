-- Of which chips does each entry not settled yet speak without moving them, and what did the book say of them then?
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

-- What those entries moved themselves, which is seldom anything.
CREATE OR REPLACE TEMP TABLE written AS
SELECT v.changed, v.chip
FROM record.chip_version AS v
WHERE
    v.changed >= getvariable('settled')
    AND v.changed IN (
        SELECT k.entry_index FROM known AS k WHERE k.is_spoken UNION SELECT u.entry_index FROM undone AS u
    );

-- What an entry takes back or ends speaks of the chips that it spoke of.
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT u.entry_index, b.chip
FROM undone AS u
INNER JOIN record.chip_mention AS b ON b.entry_index = u.of_index
UNION
SELECT u.entry_index, k.chip
FROM undone AS u
INNER JOIN known AS k ON k.entry_index = u.of_index AND k.is_spoken;

INSERT INTO record.chip_mention
SELECT k.chip, k.entry_index, d.custodian, CASE WHEN k.stand IS NOT NULL THEN k.number END, d.site, d.status
FROM known AS k
LEFT JOIN stand AS d ON d.stand = k.stand
WHERE k.is_spoken AND NOT EXISTS (SELECT 1 FROM written AS v WHERE v.changed = k.entry_index AND v.chip = k.chip);
INSERT INTO record.chip_mention
SELECT r.chip, r.entry_index, d.custodian, CASE WHEN k.stand IS NOT NULL THEN k.number END, d.site, d.status
FROM repeated AS r
LEFT JOIN known AS k ON k.entry_index = r.entry_index AND k.chip = r.chip
LEFT JOIN stand AS d ON d.stand = k.stand
WHERE
    k.is_spoken IS DISTINCT FROM TRUE
    AND NOT EXISTS (SELECT 1 FROM written AS v WHERE v.changed = r.entry_index AND v.chip = r.chip)
ORDER BY r.entry_index, r.chip;

DROP TABLE repeated;
DROP TABLE written;
DROP TABLE undone;
