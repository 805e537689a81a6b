-- Where do the rows of the next mirror go, unseen until it is whole?
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE SCHEMA {schema}_incoming;
