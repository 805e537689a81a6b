-- What was each party called, allowed and part of, from which entry to which?
CREATE OR REPLACE VIEW party_span AS
SELECT
    v.party,
    v.changed AS from_index,
    LEAD(v.changed) OVER (PARTITION BY v.party ORDER BY v.changed) AS to_index,
    v.name,
    v.country,
    v.roles,
    v.parent,
    v.suspended,
    v.succeeded_by,
    v.changed AS entry_index
FROM record.party_version AS v;
