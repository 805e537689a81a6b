-- Which chips were seen of late as the book has them, by somebody who neither had nor owned nor answered
-- for them, nor belongs to one who did?
CREATE OR REPLACE TEMP TABLE seen AS
-- By inspectors, and by those who came upon them.
SELECT s.entry_index, e.party AS observer, k.chip, k.number, k.custodian, k.owner, k.liable, MAX(s.seen_at) AS seen_at,
    TRUE AS is_inspected
FROM record.said AS s
INNER JOIN record.entry AS e ON e.entry_index = s.entry_index
INNER JOIN known AS k ON k.entry_index = s.entry_index AND k.chip = s.chip
WHERE s.seen_at IS NOT NULL
GROUP BY s.entry_index, e.party, k.chip, k.number, k.custodian, k.owner, k.liable
UNION ALL
-- By who unpacked them and took them over.
SELECT
    v.changed AS entry_index, e.party AS observer, v.chip, v.number, o.counterparty AS custodian,
    o.counterparty AS owner, o.counterparty AS liable, e.occurred_at AS seen_at, FALSE AS is_inspected
FROM record.chip_version AS v
INNER JOIN record.entry AS e ON e.entry_index = v.changed
INNER JOIN record.counterparty AS o ON o.entry_index = v.changed
WHERE
    v.changed >= getvariable('settled')
    AND e.entry_index >= getvariable('settled')
    AND o.entry_index >= getvariable('settled')
    AND e.kind = 'shipment.arrived'
    AND e.lines > 0
    AND v.custodian <> o.counterparty;

CREATE OR REPLACE TEMP TABLE pair AS
SELECT DISTINCT p.entry_index, p.observer, p.side
FROM (
    SELECT s.entry_index, s.observer, s.custodian AS side FROM seen AS s
    UNION ALL
    SELECT s.entry_index, s.observer, s.owner AS side FROM seen AS s
    UNION ALL
    SELECT s.entry_index, s.observer, s.liable AS side FROM seen AS s
) AS p
WHERE p.side IS NOT NULL;

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
SELECT p.entry_index, p.observer, p.side
FROM pair AS p
LEFT JOIN head AS a
    ON a.party = p.observer AND a.from_index < p.entry_index AND COALESCE(a.to_index, p.entry_index) >= p.entry_index
LEFT JOIN head AS b
    ON b.party = p.side AND b.from_index < p.entry_index AND COALESCE(b.to_index, p.entry_index) >= p.entry_index
WHERE COALESCE(a.ancestor, p.observer) = COALESCE(b.ancestor, p.side)
UNION
-- Whoever acts for it.
SELECT p.entry_index, p.observer, p.side
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

INSERT INTO record.confirmation
SELECT s.number, s.entry_index, CASE WHEN s.seen_at > e.admitted_at THEN e.admitted_at ELSE s.seen_at END,
    s.is_inspected
FROM seen AS s
INNER JOIN record.entry AS e ON e.entry_index = s.entry_index
WHERE
    NOT EXISTS (
        SELECT 1 FROM partial_to AS p
        WHERE
            p.entry_index = s.entry_index AND p.observer = s.observer AND p.side IN (s.custodian, s.owner, s.liable)
    )
    AND NOT EXISTS (
        SELECT 1 FROM record.discrepancy_chip_version AS l
        WHERE l.changed >= getvariable('settled') AND l.changed = s.entry_index AND l.chip = s.chip AND l.closed IS NULL
    )
ORDER BY s.entry_index, s.number;

DROP TABLE partial_to;
DROP TABLE head;
DROP TABLE pair;
DROP TABLE seen;
