-- How did each chip stand that entries not settled yet speak of, just before each of them?
SET VARIABLE settled = (SELECT s.settled_size FROM record.standing AS s);

CREATE OR REPLACE TEMP TABLE named AS
SELECT s.entry_index, s.chip FROM record.said AS s
UNION
SELECT c.entry_index, c.chip FROM record.counted AS c
UNION
SELECT l.changed, l.chip FROM record.discrepancy_chip_version AS l WHERE l.changed >= getvariable('settled');

-- The last version before the entry, of those not settled yet.
CREATE OR REPLACE TEMP TABLE latest AS
SELECT n.entry_index, n.chip, MAX(v.changed) AS changed
FROM named AS n
LEFT JOIN record.chip_version AS v
    ON v.chip = n.chip AND v.changed >= getvariable('settled') AND v.changed < n.entry_index
GROUP BY n.entry_index, n.chip;

CREATE OR REPLACE TEMP TABLE known AS
SELECT l.entry_index, v.chip, v.number, v.model, v.custodian, v.owner, v.liable, v.site, v.status, v.born
FROM latest AS l
INNER JOIN record.chip_version AS v ON v.chip = l.chip AND v.changed = l.changed
WHERE v.changed >= getvariable('settled') AND v.born >= 0
UNION ALL
SELECT l.entry_index, s.chip, s.number, s.model, s.custodian, s.owner, s.liable, s.site, s.status, s.born
FROM latest AS l
INNER JOIN record.chip_state AS s ON s.chip = l.chip
WHERE l.changed IS NULL;

DROP TABLE latest;
DROP TABLE named;
