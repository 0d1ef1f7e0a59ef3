-- Cells: what goes together, and each step of a move. Tables and their rows: app/db/cell_parts.py.

-- name: group
-- Stores and accounts that share orders, from one store on: an account's deliveries come to one
-- address, so all its stores live in one cell, and so do all accounts of these.
-- $1 store_id
WITH RECURSIVE pair AS MATERIALIZED (
    SELECT store_id, account_id FROM account_store
     UNION
    SELECT DISTINCT store_id, account_id FROM orders
), reached (store_id, account_id) AS (
    SELECT $1::uuid, NULL::uuid
     UNION
    SELECT pair.store_id, pair.account_id
      FROM reached JOIN pair ON pair.store_id = reached.store_id OR pair.account_id = reached.account_id
)
SELECT array_agg(DISTINCT store_id) AS stores,
       coalesce(array_agg(DISTINCT account_id) FILTER (WHERE account_id IS NOT NULL), '{}') AS accounts
  FROM reached;

-- name: store
-- $1 code
SELECT store.id, store.code, merchant.name AS merchant
  FROM store JOIN merchant ON merchant.id = store.merchant_id
 WHERE store.code = $1 AND NOT EXISTS (
       SELECT FROM store_away WHERE store_away.store_id = store.id AND store_away.state = 'gone')
 LIMIT 2;

-- name: described
-- What people call them, whether the whole merchant goes, the series it counts here and all that it
-- could count; what must not be under way.
-- $1 stores, $2 accounts
SELECT (SELECT array_agg(code ORDER BY code) FROM store WHERE id = ANY ($1)) AS stores,
       (SELECT array_agg(code ORDER BY code) FROM account WHERE id = ANY ($2)) AS accounts,
       merchant.id AS merchant_id, merchant.name AS merchant, merchant.series,
       NOT EXISTS (SELECT FROM store AS other
                    WHERE other.merchant_id = merchant.id AND NOT other.id = ANY ($1)
                      AND NOT EXISTS (SELECT FROM store_away AS away
                                       WHERE away.store_id = other.id AND away.state = 'gone'))
           AS whole,
       ARRAY(SELECT DISTINCT series || suffix FROM document_kind) AS counts,
       ARRAY(SELECT DISTINCT counter.series FROM document_counter AS counter
              WHERE counter.merchant_id = merchant.id) AS counted,
       (SELECT count(*) FROM replay_run WHERE state = 'running') AS replays,
       (SELECT array_agg(name ORDER BY name) FROM schema_migration) AS migrations
  FROM merchant WHERE id = (SELECT merchant_id FROM store WHERE id = $1[1]);

-- name: there
-- What the other cell counts for this merchant; its schema.
-- $1 merchant_id
SELECT ARRAY(SELECT DISTINCT merchant.series || document_kind.suffix
               FROM merchant CROSS JOIN document_kind WHERE merchant.id = $1) AS counts,
       (SELECT array_agg(name ORDER BY name) FROM schema_migration) AS migrations;

-- name: in_the_way
-- What the other cell has already that must be there once: one sentence each.
-- $1 stores as JSON rows, $2 accounts as JSON rows, $3 badges, $4 merchant_id, $5 merchant's name
SELECT 'the store ' || new.code AS what
  FROM jsonb_to_recordset($1::text::jsonb) AS new (id uuid, code text, merchant_id uuid)
  JOIN store ON (store.id = new.id OR (store.merchant_id, store.code) = (new.merchant_id, new.code))
 WHERE NOT EXISTS (SELECT FROM store_away WHERE store_id = store.id AND store.id = new.id
                                            AND state = 'gone')
UNION ALL
SELECT 'the account ' || new.code
  FROM jsonb_to_recordset($2::text::jsonb) AS new (id uuid, code text)
  JOIN account ON (account.id = new.id OR account.code = new.code)
 WHERE NOT EXISTS (SELECT FROM account_away WHERE account_id = account.id AND account.id = new.id
                                              AND state = 'gone')
UNION ALL
SELECT 'the badge ' || badge FROM picker WHERE badge = ANY ($3::text[])
UNION ALL
SELECT 'a merchant ' || name || ' with another id' FROM merchant WHERE name = $5 AND id <> $4;

-- name: rows_of
-- $1 stores, $2 accounts
SELECT (SELECT jsonb_agg(jsonb_build_object('id', id, 'code', code, 'merchant_id', merchant_id))
          FROM store WHERE id = ANY ($1))::text AS stores,
       (SELECT jsonb_agg(jsonb_build_object('id', id, 'code', code))
          FROM account WHERE id = ANY ($2))::text AS accounts,
       ARRAY(SELECT badge FROM picker WHERE store_id = ANY ($1)) AS badges;

-- name: begin
-- $1 id, $2 other, $3 url, $4 actor, $5 stores, $6 accounts, $7 series or null, $8 whole
INSERT INTO cell_move (id, side, other, url, actor, step, stores, accounts, series, whole)
VALUES ($1, 'out', $2, $3, $4, 'begun', $5, $6, $7, $8);

-- name: under_way
SELECT * FROM cell_move WHERE side = 'out' AND finished_at IS NULL;

-- name: read
-- $1 id
SELECT * FROM cell_move WHERE id = $1;

-- name: all
SELECT move.side, move.other, move.step, move.started_at, move.finished_at,
       ARRAY(SELECT code FROM store WHERE id = ANY (move.stores) ORDER BY code) AS stores,
       ARRAY(SELECT code FROM account WHERE id = ANY (move.accounts) ORDER BY code) AS accounts
  FROM cell_move AS move ORDER BY move.started_at DESC LIMIT 50;

-- name: step
-- Nothing comes back when somebody else has gone on.
-- $1 id, $2 step, $3 whether it is over, $4 the step before
UPDATE cell_move SET step = $2, finished_at = CASE WHEN $3 THEN now() END
 WHERE id = $1 AND step = $4
RETURNING id;

-- name: copied
-- $1 id, $2 shift, $3 facts, $4 copied_at, $5 the step before
UPDATE cell_move SET step = 'copied', shift = $2, facts = $3::text::jsonb, copied_at = $4
 WHERE id = $1 AND step = $5
RETURNING id;

-- name: keep
-- $1 id, $2 step
SELECT id FROM cell_move WHERE id = $1 AND step = $2 FOR UPDATE NOWAIT;

-- name: arrived
-- $1 id, $2 other, $3 actor, $4 stores, $5 accounts, $6 paused, $7 series, $8 whole, $9 shift,
-- $10 facts, $11 copied_at
INSERT INTO cell_move (id, side, other, url, actor, step, stores, accounts, paused, series, whole,
                       shift, facts, copied_at)
VALUES ($1, 'in', $2, '', $3, 'copied', $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11)
ON CONFLICT (id) DO UPDATE
   SET step = 'copied', finished_at = NULL, shift = excluded.shift, facts = excluded.facts,
       copied_at = excluded.copied_at;

-- name: keep_shut
-- Where they arrive nobody works on them either, until they are all here.
-- $1 id, $2 stores, $3 accounts
WITH shops AS (
    INSERT INTO store_away (store_id, move_id, state, url) SELECT unnest($2::uuid[]), $1, 'shut', ''
    ON CONFLICT (store_id) DO UPDATE SET move_id = excluded.move_id, state = 'shut', url = ''
), doors AS (
    DELETE FROM door_away WHERE store_id = ANY ($2)
)
INSERT INTO account_away (account_id, move_id, state) SELECT unnest($3::uuid[]), $1, 'moving'
ON CONFLICT (account_id) DO UPDATE SET move_id = excluded.move_id, state = 'moving';

-- name: name_here
SELECT name FROM cell ORDER BY id LIMIT 1;

-- name: note
-- $1 accounts, $2 actor, $3 event, $4 other
INSERT INTO account_event (account_id, actor, event, detail)
SELECT unnest($1::uuid[]), $2, $3, jsonb_build_object('cell', $4::text);
