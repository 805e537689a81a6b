-- Which party stands at the head of each family, as registered?
SELECT party, ancestor AS ultimate_parent, depth
FROM party_ancestor
WHERE basis = 'registered' AND is_ultimate AND to_index IS NULL
ORDER BY ancestor, party;
