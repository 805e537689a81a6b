-- Who is enrolled, in which country, with which roles, under whom?
SELECT party, name, country, roles, parent
FROM party_span
WHERE to_index IS NULL
ORDER BY party;
