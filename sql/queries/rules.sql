-- name: patience
-- For one transaction: compiling a short query takes longer than running it, and so does having
-- others help with it; a plan that is to fit any values knows nothing of how few rows a window has.
-- $1 milliseconds
SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: look
-- One rule's query stands in place of the first line of `rule`; the frame adds whose subject it is
-- and what people call it.
-- $1 now, $2 the loosest limit in use, $3 most rows, $4 whether low values are the bad ones
WITH given AS (
    SELECT $1::timestamptz AS now, $2::float8 AS edge
), rule AS MATERIALIZED (
SELECT $1::timestamptz AS now, $2::float8 AS value
), seen AS MATERIALIZED (
    SELECT to_jsonb(rule.*) AS facts  -- the row, also when it has a column of that name
      FROM rule
     WHERE rule.value IS NOT NULL
     ORDER BY CASE WHEN $4 THEN rule.value ELSE -rule.value END
     LIMIT $3
), named AS (
    SELECT seen.facts, orders.id AS order_id, orders.number,
           coalesce((seen.facts->>'store_id')::uuid, orders.store_id) AS store_id,
           coalesce((seen.facts->>'account_id')::uuid, orders.account_id) AS account_id,
           (seen.facts->>'merchant_id')::uuid AS merchant_id
      FROM seen LEFT JOIN orders ON orders.id = (seen.facts->>'order_id')::uuid
)
SELECT coalesce(named.facts->>'subject', concat_ws(':', named.order_id,
                CASE WHEN named.order_id IS NULL THEN named.store_id END,
                CASE WHEN named.order_id IS NULL THEN named.account_id END)) AS subject,
       (named.facts->>'value')::float8 AS value, (named.facts->>'cases')::integer AS cases,
       extract(hour FROM $1 AT TIME ZONE coalesce(store.timezone, 'Europe/Moscow'))::integer AS hour,
       coalesce(named.merchant_id, store.merchant_id, account.merchant_id) AS merchant_id,
       named.store_id, named.account_id, named.order_id, named.facts, named.number,
       store.code AS store, store.name AS store_name, account.code AS account,
       coalesce(store.timezone, 'Europe/Moscow') AS timezone
  FROM named
  LEFT JOIN store ON store.id = named.store_id
  LEFT JOIN account ON account.id = named.account_id;

-- name: columns
-- The same place, to learn what a rule's query gives; here no query stands that changes anything.
-- $1 now, $2 the loosest limit in use
WITH given AS (
    SELECT $1::timestamptz AS now, $2::float8 AS edge
)
SELECT rule.* FROM (
SELECT $1::timestamptz AS now, $2::float8 AS value
) AS rule;

-- name: ran
-- Two watchers meet here: the second waits until the first has written all it saw.
-- $1 now, $2 rules, $3 milliseconds, $4 seen, $5 errors
INSERT INTO rule_run AS run (rule, at, ms, seen, failures, error)
SELECT new.rule, $1, new.ms, new.seen, (new.error IS NOT NULL)::integer, new.error
  FROM unnest($2::text[], $3::integer[], $4::integer[], $5::text[]) AS new (rule, ms, seen, error)
 ORDER BY new.rule
    ON CONFLICT (rule) DO UPDATE
   SET at = excluded.at, ms = excluded.ms, seen = excluded.seen, error = excluded.error,
       failures = CASE WHEN excluded.error IS NULL THEN 0 ELSE run.failures + 1 END;

-- name: runs
SELECT rule, at, ms, seen, failures, error FROM rule_run;

-- name: lock
-- $1 a number
SELECT pg_advisory_xact_lock($1);

-- name: last
-- $1 rules
SELECT max(at) FROM rule_run WHERE rule = ANY ($1);

-- name: watched
-- When most of these rules were run last: one alone may have been run since, and one that comes
-- back was run long ago.
-- $1 rules
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY at) FROM rule_run WHERE rule = ANY ($1);

-- name: thresholds
SELECT rule, merchant_id, store_id, account_id, from_hour, until_hour, warn, critical, clear, least,
       hold, off
  FROM rule_threshold ORDER BY id;
