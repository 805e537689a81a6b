-- How many steps by an entry are alike, in what the chip was before it and in what it is after? Steps never change,
-- so that they are counted once for whoever asks who gained and lost how many, or how things stood at some size.
-- Counted as numbers, of `past` and `stand`, and told in names afterwards.
INSERT INTO record.step_tally
SELECT
    t.changed,
    t.is_made,
    n.maker,
    CASE WHEN t.is_there THEN n.custodian END AS custodian,
    n.owner,
    n.liable,
    n.site,
    n.model,
    n.status,
    t.was_changed,
    d.custodian AS was_custodian,
    d.owner AS was_owner,
    d.liable AS was_liable,
    d.site AS was_site,
    d.model AS was_model,
    t.chips
FROM (
    SELECT
        p.changed,
        p.born = p.changed AS is_made,
        p.born >= 0 AS is_there,
        p.stand,
        CASE WHEN p.was_born >= 0 THEN p.was_changed END AS was_changed,
        CASE WHEN p.was_born >= 0 THEN p.was_stand END AS was_stand,
        COUNT(*) AS chips
    FROM past AS p
    WHERE p.changed >= getvariable('settled')
    GROUP BY ALL
) AS t
INNER JOIN stand AS n ON n.stand = t.stand
LEFT JOIN stand AS d ON d.stand = t.was_stand;
