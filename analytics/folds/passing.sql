-- What do the steps since come to, entry by entry: who has how many chips more and fewer, and whose did they become?
-- Steps never change, so that this is counted once for whoever asks how things stood at some size.
INSERT INTO record.holding_tally
SELECT
    v.changed,
    CASE WHEN v.born >= 0 THEN v.custodian END AS custodian,
    v.model,
    v.was_custodian,
    v.was_model,
    COUNT(*) AS chips
FROM record.chip_step AS v
WHERE
    v.changed >= getvariable('settled')
    -- What changed neither custodian nor model is left out.
    AND CASE WHEN v.custodian = v.was_custodian AND v.model = v.was_model AND v.born >= 0 THEN 0 ELSE 1 END = 1
GROUP BY ALL
ORDER BY v.changed;

-- Chips whose owner is another after a step, or that are of class C and come with one. Which chips they are is
-- kept, since a claim counts a chip once however often it passes: neighbours by number, 62 at most, are bits of one.
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
