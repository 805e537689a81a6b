-- Which chips have another owner after a step, or are of class C and come with one? Which chips they are is kept,
-- since a claim counts a chip once however often it passes: neighbours by number, 62 at most, are bits of one.
INSERT INTO record.passing
SELECT
    s.number - s.number % 62 AS neighbours,
    s.changed,
    COALESCE(s.model, '') AS model,
    s.owner,
    COALESCE(s.was_owner, '') AS was_owner,
    CASE WHEN s.was_owner = s.maker THEN 1 ELSE 0 END AS from_maker,
    BIT_OR(CAST(1 AS BIGINT) << (s.number % 62)) AS bits
FROM record.chip_step AS s
WHERE
    s.changed >= getvariable('settled')
    AND s.born >= 0
    AND s.owner IS NOT NULL
    AND (s.was_owner <> s.owner OR (s.was_owner IS NULL AND s.class = 'C'))
GROUP BY ALL
ORDER BY s.changed;
