#!/bin/sh
# Runs once, when the database folder is made: Penny's role owns its database and is no superuser, so that the protection of the
# audit log holds for it (docs/security.md).
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE penny LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE penny OWNER penny;
REVOKE CONNECT ON DATABASE penny FROM PUBLIC;
SQL
