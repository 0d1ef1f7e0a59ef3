-- What is in every table: its rows, and a sum that does not depend on their order; one JSON object a line.
-- With the variable `snapshot` as that snapshot sees it, else as it is.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
-- A row's text must not depend on who asks.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET statement_timeout = 0;
SET search_path = '';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\if :{?snapshot}
SET TRANSACTION SNAPSHOT :'snapshot';
\endif
SELECT format(
         'SELECT json_build_object(''table'', %L, ''rows'', count(*), ''sum'','
         ' coalesce(sum(pg_catalog.hashtextextended((one.*)::text, 0)::numeric), 0)::text) FROM ONLY %I.%I AS one',
         space.nspname || '.' || class.relname, space.nspname, class.relname)
  FROM pg_catalog.pg_class AS class
  JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
 WHERE class.relkind = 'r' AND class.relpersistence = 'p'
   AND space.nspname NOT IN ('pg_catalog', 'information_schema') AND space.nspname NOT LIKE 'pg\_toast%'
 ORDER BY space.nspname, class.relname
\gexec
COMMIT;
