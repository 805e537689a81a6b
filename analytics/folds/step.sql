-- What was each chip before each of its versions, and what is it after? Whoever counts gains and losses, or how
-- things stood at some size, adds up steps, and need not put versions of a chip side by side. A chip whose
-- making was taken back was nothing before. `past` is what `known.sql` made of the versions since.
INSERT INTO record.chip_step
SELECT
    v.number,
    v.changed,
    v.born,
    SUBSTR(v.chip, 1, POSITION(':' IN v.chip) - 1) AS maker,
    v.custodian,
    v.owner,
    v.liable,
    v.site,
    v.model,
    v.class,
    v.status,
    p.was_changed,
    d.custodian AS was_custodian,
    d.owner AS was_owner,
    d.liable AS was_liable,
    d.site AS was_site,
    d.model AS was_model
FROM record.chip_version AS v
LEFT JOIN (
    SELECT p.number, p.changed, p.was_changed, p.was_stand
    FROM past AS p
    WHERE p.was_born >= 0 AND p.changed >= getvariable('settled')
) AS p ON p.number = v.number AND p.changed = v.changed
LEFT JOIN stand AS d ON d.stand = p.was_stand
WHERE v.changed >= getvariable('settled');

CREATE OR REPLACE TEMP TABLE moved AS
SELECT p.number, p.changed
FROM past AS p
WHERE p.changed >= getvariable('settled') AND p.next_changed IS NULL;

DROP TABLE known;
DROP TABLE past;
DROP TABLE stand;
