-- How did each chip stand that the entries of this batch speak of, just before each of them?
-- `said` has (entry_index, chip, seen_at): what lines name; `counted` (entry_index, chip): counts complete
-- with an entry, of all their parts.
CREATE OR REPLACE TEMP TABLE recent AS
SELECT v.chip, v.number, v.model, v.custodian, v.owner, v.liable, v.site, v.status, v.born, v.changed
FROM record.chip_version AS v
WHERE v.changed >= getvariable('settled');

CREATE OR REPLACE TEMP TABLE named AS
SELECT s.entry_index, s.chip FROM said AS s
UNION
SELECT c.entry_index, c.chip FROM counted AS c
UNION
SELECT l.changed, l.chip FROM record.discrepancy_chip_version AS l WHERE l.changed >= getvariable('start');

CREATE OR REPLACE TEMP TABLE known AS
SELECT k.*
FROM (
    SELECT n.entry_index, s.chip, s.number, s.model, s.custodian, s.owner, s.liable, s.site, s.status, s.born, s.changed
    FROM named AS n
    INNER JOIN record.chip_state AS s ON s.chip = n.chip
    UNION ALL
    SELECT n.entry_index, r.chip, r.number, r.model, r.custodian, r.owner, r.liable, r.site, r.status, r.born, r.changed
    FROM named AS n
    INNER JOIN recent AS r ON r.chip = n.chip AND r.changed < n.entry_index
) AS k
WHERE
    k.born >= 0
    AND NOT EXISTS (
        SELECT 1 FROM recent AS r
        WHERE r.number = k.number AND r.changed > k.changed AND r.changed < k.entry_index
    );
