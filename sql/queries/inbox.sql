-- name: store_batch
-- Store many deliveries with one commit; a key that is here already stores nothing and comes back
-- in no row, and so does an account that lives in another cell by now. Rows arrive sorted by key, so two workers cannot wait for each other in a circle.
-- $1 ids, $2 account_ids, $3 dedupe_keys, $4 fifo_keys, $5 events, $6 headers, $7 bodies,
-- $8 reply statuses, $9 reply bodies, $10 trace_ids
WITH new AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                         $7::bytea[], $8::smallint[], $9::bytea[], $10::text[])
        AS t (id, account_id, dedupe_key, fifo_key, event, headers, body, status, reply, trace_id)
     WHERE NOT EXISTS (SELECT FROM account_away AS away
                        WHERE away.account_id = t.account_id AND away.state = 'gone')
), fresh AS (
    INSERT INTO inbox_key (account_id, dedupe_key, inbox_id, reply_status, reply_body)
    SELECT account_id, dedupe_key, id, status, reply FROM new
    ON CONFLICT (account_id, dedupe_key) DO NOTHING
    RETURNING inbox_id
), bodies AS (
    INSERT INTO inbox_delivery (id, account_id, event, headers, body)
    SELECT id, account_id, event, headers::jsonb, body
      FROM new WHERE id IN (SELECT inbox_id FROM fresh)
), items AS (
    INSERT INTO queue_item (queue, id, account_id, fifo_key, trace_id)
    SELECT 'inbox', id, account_id, fifo_key, trace_id
      FROM new WHERE id IN (SELECT inbox_id FROM fresh)
)
SELECT inbox_id FROM fresh;

-- name: first_replies
-- The answers the first deliveries of these keys got.
-- $1 account_ids, $2 dedupe_keys
SELECT account_id, dedupe_key, reply_status, reply_body
  FROM inbox_key
 WHERE (account_id, dedupe_key) IN (SELECT * FROM unnest($1::uuid[], $2::text[]));

-- name: delivery
-- $1 id
SELECT delivery.event, delivery.headers, delivery.body, delivery.received_at, delivery.origin
  FROM inbox_delivery AS delivery
 WHERE delivery.id = $1;

-- name: fetched
-- $1 id, $2 body
UPDATE inbox_delivery SET fetched = $2, fetched_at = now() WHERE id = $1;

-- name: waits
-- $1 fifo_key
SELECT EXISTS (SELECT FROM queue_item
                WHERE queue = 'inbox' AND fifo_key = $1
                  AND state IN ('waiting', 'leased', 'parked'));

-- name: refuse
-- Remember who knocked without a key, at most $7 a minute: a flood must not fill the disk.
-- $1 id, $2 account, $3 reason, $4 headers, $5 size, $6 peer, $7 most per minute, $8 trace_id, $9 word
INSERT INTO inbox_refused (id, account, reason, headers, size, peer, trace_id, word)
SELECT $1, $2, $3, $4, $5, $6, $8, $9
 WHERE (SELECT count(*) FROM inbox_refused WHERE at > now() - interval '1 minute') < $7;
