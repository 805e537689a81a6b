-- Which chips were seen of late as the book has them, by somebody who neither had nor owned nor answered
-- for them, nor belongs to one who did?
CREATE OR REPLACE TEMP TABLE seen AS
-- By inspectors, and by those who came upon them.
SELECT k.entry_index, k.number, k.stand, k.seen_at, TRUE AS is_inspected
FROM known AS k
WHERE k.seen_at IS NOT NULL AND k.stand IS NOT NULL
UNION ALL
-- By who unpacked them and took them over: from one, who stands for all sides.
SELECT p.changed AS entry_index, p.number, NULL AS stand, e.occurred_at AS seen_at, FALSE AS is_inspected
FROM past AS p
INNER JOIN stand AS d ON d.stand = p.stand
INNER JOIN record.entry AS e ON e.entry_index = p.changed
INNER JOIN record.counterparty AS o ON o.entry_index = p.changed
WHERE
    p.changed >= getvariable('settled')
    AND e.entry_index >= getvariable('settled')
    AND o.entry_index >= getvariable('settled')
    AND e.kind = 'shipment.arrived'
    AND e.lines > 0
    AND d.custodian <> o.counterparty;

CREATE OR REPLACE TEMP TABLE pair AS
SELECT t.entry_index, t.stand, e.party AS observer, UNNEST([t.custodian, t.owner, t.liable]) AS side
FROM (
    SELECT s.entry_index, s.stand, d.custodian, d.owner, d.liable
    FROM (SELECT DISTINCT s.entry_index, s.stand FROM seen AS s WHERE s.stand IS NOT NULL) AS s
    INNER JOIN stand AS d ON d.stand = s.stand
    UNION ALL
    SELECT s.entry_index, NULL AS stand, o.counterparty AS custodian, NULL AS owner, NULL AS liable
    FROM (SELECT DISTINCT s.entry_index FROM seen AS s WHERE s.stand IS NULL) AS s
    INNER JOIN record.counterparty AS o ON o.entry_index = s.entry_index
) AS t
INNER JOIN record.entry AS e ON e.entry_index = t.entry_index;

-- Everybody under its registered head, from an entry to another.
CREATE OR REPLACE TEMP TABLE head AS
SELECT h.party, h.ancestor, h.changed AS from_index, h.to_index
FROM (
    SELECT w.*, LEAD(w.changed) OVER (PARTITION BY w.party, w.ancestor ORDER BY w.changed) AS to_index
    FROM record.ancestor_version AS w
    WHERE w.basis = 'registered'
) AS h
WHERE h.depth IS NOT NULL AND h.is_ultimate;

CREATE OR REPLACE TEMP TABLE partial_to AS
SELECT p.entry_index, p.stand
FROM pair AS p
LEFT JOIN head AS a
    ON a.party = p.observer AND a.from_index < p.entry_index AND COALESCE(a.to_index, p.entry_index) >= p.entry_index
LEFT JOIN head AS b
    ON b.party = p.side AND b.from_index < p.entry_index AND COALESCE(b.to_index, p.entry_index) >= p.entry_index
WHERE COALESCE(a.ancestor, p.observer) = COALESCE(b.ancestor, p.side)
UNION
-- Whoever acts for it.
SELECT p.entry_index, p.stand
FROM pair AS p
INNER JOIN record.party_version AS w
    ON w.party IN (p.observer, p.side)
    AND w.changed < p.entry_index
    AND POSITION(' ' || CASE WHEN w.party = p.side THEN p.observer ELSE p.side END || ' ' IN ' ' || w.successors || ' ') > 0
WHERE
    NOT EXISTS (
        SELECT 1 FROM record.party_version AS x
        WHERE x.party = w.party AND x.changed > w.changed AND x.changed < p.entry_index
    );

CREATE OR REPLACE TEMP TABLE disputed AS
SELECT l.changed AS entry_index, k.number
FROM record.discrepancy_chip_version AS l
INNER JOIN known AS k ON k.entry_index = l.changed AND k.chip = l.chip
WHERE l.changed >= getvariable('settled') AND l.closed IS NULL;

INSERT INTO record.confirmation
SELECT s.number, s.entry_index, CASE WHEN s.seen_at > e.admitted_at THEN e.admitted_at ELSE s.seen_at END,
    s.is_inspected
FROM seen AS s
INNER JOIN record.entry AS e ON e.entry_index = s.entry_index
WHERE
    NOT EXISTS (
        SELECT 1 FROM partial_to AS p
        WHERE p.entry_index = s.entry_index AND p.stand IS NOT DISTINCT FROM s.stand
    )
    AND NOT EXISTS (
        SELECT 1 FROM disputed AS q
        WHERE q.entry_index = s.entry_index AND q.number = s.number
    )
ORDER BY s.entry_index, s.number;

DROP TABLE disputed;
DROP TABLE partial_to;
DROP TABLE head;
DROP TABLE pair;
DROP TABLE seen;
