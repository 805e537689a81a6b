-- Which views are made over these rows, and where? Of one who mirrors with a newer program, newer ones.
UPDATE {schema}_incoming.standing SET views_sha256 = '{views_sha256}';
SET LOCAL search_path TO {schema};
