-- Who holds, owns and answers for how many chips? Three columns that are never to be added.
SELECT
    p.party,
    (SELECT COUNT(*) FROM chip AS c WHERE c.custodian = p.party) AS held,
    (SELECT COUNT(*) FROM chip AS c WHERE c.owner = p.party) AS owned,
    (SELECT COUNT(*) FROM chip AS c WHERE c.liable = p.party) AS answered_for
FROM party_span AS p
WHERE p.to_index IS NULL
ORDER BY held DESC, p.party;
