-- What does the mirror that is there stand for?
SELECT s.log, s.log_size, s.root, s.views_sha256
FROM {schema}_record.standing AS s
