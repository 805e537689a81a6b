-- What was each chip before each of its versions, and what is it after? Whoever counts gains and losses, or how
-- things stood at some size, adds up steps, and need not put versions of a chip side by side. A chip whose
-- making was taken back was nothing before.
CREATE OR REPLACE TEMP TABLE moved AS
SELECT v.number, MAX(v.changed) AS changed
FROM record.chip_version AS v
WHERE v.changed >= getvariable('settled')
GROUP BY v.number;

CREATE OR REPLACE TEMP TABLE was AS
SELECT s.number, s.changed, s.custodian, s.owner, s.liable, s.site, s.model
FROM record.chip_state AS s
INNER JOIN moved AS m ON m.number = s.number;

INSERT INTO record.chip_step
SELECT
    n.number,
    n.changed,
    n.born,
    n.maker,
    n.custodian,
    n.owner,
    n.liable,
    n.site,
    n.model,
    n.class,
    n.status,
    CASE WHEN n.before IS NULL THEN s.changed WHEN n.old_born >= 0 THEN n.before END AS was_changed,
    CASE WHEN n.before IS NULL THEN s.custodian WHEN n.old_born >= 0 THEN n.old_custodian END AS was_custodian,
    CASE WHEN n.before IS NULL THEN s.owner WHEN n.old_born >= 0 THEN n.old_owner END AS was_owner,
    CASE WHEN n.before IS NULL THEN s.liable WHEN n.old_born >= 0 THEN n.old_liable END AS was_liable,
    CASE WHEN n.before IS NULL THEN s.site WHEN n.old_born >= 0 THEN n.old_site END AS was_site,
    CASE WHEN n.before IS NULL THEN s.model WHEN n.old_born >= 0 THEN n.old_model END AS was_model
FROM (
    SELECT
        v.*,
        LAG(v.changed) OVER past AS before,
        LAG(v.born) OVER past AS old_born,
        LAG(v.custodian) OVER past AS old_custodian,
        LAG(v.owner) OVER past AS old_owner,
        LAG(v.liable) OVER past AS old_liable,
        LAG(v.site) OVER past AS old_site,
        LAG(v.model) OVER past AS old_model
    FROM (
        SELECT
            number, changed, born, SUBSTR(chip, 1, POSITION(':' IN chip) - 1) AS maker, custodian, owner, liable,
            site, model, class, status
        FROM record.chip_version
        WHERE changed >= getvariable('settled')
    ) AS v
    WINDOW past AS (PARTITION BY v.number ORDER BY v.changed)
) AS n
LEFT JOIN was AS s ON s.number = n.number AND n.before IS NULL
ORDER BY n.changed, n.number;

DROP TABLE was;
