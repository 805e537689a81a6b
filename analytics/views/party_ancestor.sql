-- Who stands above each party, by its registered parents or by suspicion, from which entry to which?
CREATE OR REPLACE VIEW party_ancestor AS
SELECT
    v.party,
    v.ancestor,
    v.basis,
    v.changed AS from_index,
    v.to_index,
    v.depth,
    v.is_ultimate,
    v.changed AS entry_index
FROM (
    SELECT w.*, LEAD(w.changed) OVER (PARTITION BY w.party, w.ancestor, w.basis ORDER BY w.changed) AS to_index
    FROM record.ancestor_version AS w
) AS v
WHERE v.depth IS NOT NULL;
