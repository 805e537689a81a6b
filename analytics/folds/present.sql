-- Which chips changed, or were confirmed, since the present ones were last brought up to date? Their last
-- versions replace them, with the last time somebody independent saw them in this life of theirs; those
-- corrected away are present no more. Numbers are what chips are found by: a scan of them costs least.
-- `moved` is what `step.sql` made of the versions since.
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
SELECT c.number, c.entry_index, c.confirmed_at, c.is_inspected
FROM record.confirmation AS c
WHERE c.entry_index >= getvariable('settled') AND c.entry_index NOT IN (SELECT u.entry_index FROM unsaid AS u)
UNION ALL
SELECT c.number, c.entry_index, c.confirmed_at, c.is_inspected
FROM record.confirmation AS c
INNER JOIN doubted AS d ON d.number = c.number
WHERE c.entry_index < getvariable('settled') AND c.entry_index NOT IN (SELECT u.entry_index FROM unsaid AS u);

-- Those that may not stay as they are; of these what does not move is only confirmed.
CREATE OR REPLACE TEMP TABLE stood AS
SELECT s.number, s.born, s.confirmed_at, s.inspected_at, m.number IS NOT NULL AS is_moved
FROM record.chip_state AS s
INNER JOIN (
    SELECT m.number FROM moved AS m
    UNION
    SELECT c.number FROM confirmed AS c
    UNION
    SELECT d.number FROM doubted AS d
) AS t ON t.number = s.number
LEFT JOIN moved AS m ON m.number = s.number;

CREATE OR REPLACE TEMP TABLE present AS
SELECT v.number, v.changed, v.born
FROM record.chip_version AS v
INNER JOIN moved AS m ON m.number = v.number AND m.changed = v.changed
WHERE v.changed >= getvariable('settled') AND v.born >= 0;

CREATE OR REPLACE TEMP TABLE seen_last AS
SELECT t.number, MAX(t.confirmed_at) AS confirmed_at, MAX(t.inspected_at) AS inspected_at
FROM (
    SELECT p.number, c.confirmed_at, CASE WHEN c.is_inspected THEN c.confirmed_at END AS inspected_at
    FROM (
        SELECT p.number, p.born FROM present AS p
        UNION ALL
        SELECT k.number, k.born FROM stood AS k WHERE NOT k.is_moved
    ) AS p
    INNER JOIN confirmed AS c ON c.number = p.number AND c.entry_index >= p.born
    UNION ALL
    SELECT k.number, k.confirmed_at, k.inspected_at
    FROM stood AS k
    LEFT JOIN present AS p ON p.number = k.number
    WHERE
        k.confirmed_at IS NOT NULL
        AND (NOT k.is_moved OR p.born = k.born)
        AND k.number NOT IN (SELECT d.number FROM doubted AS d)
) AS t
GROUP BY t.number;

DELETE FROM record.chip_state USING moved WHERE chip_state.number = moved.number;
INSERT INTO record.chip_state
SELECT v.*, s.confirmed_at, s.inspected_at
FROM record.chip_version AS v
INNER JOIN present AS p ON p.number = v.number AND p.changed = v.changed
LEFT JOIN seen_last AS s ON s.number = v.number
WHERE v.changed >= getvariable('settled');
UPDATE record.chip_state SET confirmed_at = t.confirmed_at, inspected_at = t.inspected_at
FROM (
    SELECT k.number, s.confirmed_at, s.inspected_at
    FROM stood AS k
    LEFT JOIN seen_last AS s ON s.number = k.number
    WHERE
        NOT k.is_moved
        AND (
            k.confirmed_at IS DISTINCT FROM s.confirmed_at OR k.inspected_at IS DISTINCT FROM s.inspected_at
        )
) AS t
WHERE chip_state.number = t.number;

DELETE FROM record.said;
DELETE FROM record.counted;
DELETE FROM record.judged;
UPDATE record.standing SET settled_size = log_size;
DROP TABLE seen_last;
DROP TABLE present;
DROP TABLE stood;
DROP TABLE confirmed;
DROP TABLE doubted;
DROP TABLE unsaid;
DROP TABLE moved;
