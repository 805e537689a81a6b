-- What was the old mirror, and all that was built on it? Nothing any more.
DROP SCHEMA IF EXISTS {schema} CASCADE;
DROP SCHEMA IF EXISTS {schema}_record CASCADE;
CREATE SCHEMA {schema};
