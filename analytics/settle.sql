-- Which chips changed, or were confirmed, since the present ones were last brought up to date? Their last
-- versions replace them, with the last time somebody independent saw them in this life of theirs; those
-- corrected away are present no more. Numbers are what chips are found by: a scan of them costs least.
SET VARIABLE settled = (SELECT s.settled_size FROM record.standing AS s);

CREATE OR REPLACE TEMP TABLE moved AS
SELECT v.number, MAX(v.changed) AS changed
FROM record.chip_version AS v
WHERE v.changed >= getvariable('settled')
GROUP BY v.number;

-- Sightings taken back since, whenever they were.
CREATE OR REPLACE TEMP TABLE unsaid AS
SELECT b.of_index AS entry_index, b.entry_index >= getvariable('settled') AS is_new
FROM record.taken_back AS b;

CREATE OR REPLACE TEMP TABLE doubted AS
SELECT DISTINCT c.number
FROM record.confirmation AS c
INNER JOIN unsaid AS u ON u.entry_index = c.entry_index
WHERE u.is_new;

CREATE OR REPLACE TEMP TABLE confirmed AS
SELECT c.number, c.entry_index, c.confirmed_at
FROM record.confirmation AS c
WHERE c.entry_index >= getvariable('settled') AND c.entry_index NOT IN (SELECT u.entry_index FROM unsaid AS u)
UNION ALL
SELECT c.number, c.entry_index, c.confirmed_at
FROM record.confirmation AS c
INNER JOIN doubted AS d ON d.number = c.number
WHERE c.entry_index < getvariable('settled') AND c.entry_index NOT IN (SELECT u.entry_index FROM unsaid AS u);

CREATE OR REPLACE TEMP TABLE kept AS
SELECT s.*
FROM record.chip_state AS s
INNER JOIN (
    SELECT m.number FROM moved AS m
    UNION
    SELECT c.number FROM confirmed AS c
    UNION
    SELECT d.number FROM doubted AS d
) AS t ON t.number = s.number;

CREATE OR REPLACE TEMP TABLE present AS
SELECT v.number, v.changed, v.born, TRUE AS is_moved
FROM record.chip_version AS v
INNER JOIN moved AS m ON m.number = v.number AND m.changed = v.changed
WHERE v.changed >= getvariable('settled') AND v.born >= 0
UNION ALL
SELECT k.number, k.changed, k.born, FALSE AS is_moved
FROM kept AS k
WHERE NOT EXISTS (SELECT 1 FROM moved AS m WHERE m.number = k.number);

CREATE OR REPLACE TEMP TABLE seen_last AS
SELECT t.number, MAX(t.confirmed_at) AS confirmed_at
FROM (
    SELECT p.number, c.confirmed_at
    FROM present AS p
    INNER JOIN confirmed AS c ON c.number = p.number AND c.entry_index >= p.born
    UNION ALL
    SELECT p.number, k.confirmed_at
    FROM present AS p
    INNER JOIN kept AS k ON k.number = p.number AND k.born = p.born
    WHERE k.confirmed_at IS NOT NULL AND p.number NOT IN (SELECT d.number FROM doubted AS d)
) AS t
GROUP BY t.number;

DELETE FROM record.chip_state USING kept WHERE chip_state.number = kept.number;
INSERT INTO record.chip_state
SELECT v.*, s.confirmed_at
FROM record.chip_version AS v
INNER JOIN present AS p ON p.number = v.number AND p.changed = v.changed AND p.is_moved
LEFT JOIN seen_last AS s ON s.number = v.number
WHERE v.changed >= getvariable('settled');
INSERT INTO record.chip_state
SELECT k.* REPLACE (s.confirmed_at AS confirmed_at)
FROM kept AS k
INNER JOIN present AS p ON p.number = k.number AND NOT p.is_moved
LEFT JOIN seen_last AS s ON s.number = k.number;

UPDATE record.standing SET settled_size = log_size;
DROP TABLE seen_last;
DROP TABLE present;
DROP TABLE kept;
DROP TABLE confirmed;
DROP TABLE doubted;
DROP TABLE unsaid;
DROP TABLE moved;
