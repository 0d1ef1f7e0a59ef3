-- The single statements of a store's move between cells, in the order of its steps.

-- name: close_accounts
-- Which of them people had paused before stays so.
-- $1 id
WITH move AS (
    UPDATE cell_move SET closed_at = now(), paused = ARRAY(
               SELECT id FROM account WHERE id = ANY (accounts) AND NOT active)
     WHERE id = $1
    RETURNING *
), marked AS (
    INSERT INTO account_away (account_id, move_id, state)
    SELECT unnest(accounts), id, 'moving' FROM move
    ON CONFLICT (account_id) DO UPDATE SET move_id = excluded.move_id, state = excluded.state
), shops AS (
    INSERT INTO store_away (store_id, move_id, state, url)
    SELECT unnest(stores), id, 'closing', url FROM move
    ON CONFLICT (store_id) DO UPDATE
       SET move_id = excluded.move_id, state = excluded.state, url = excluded.url
)
UPDATE account
   SET active = false, paused_at = coalesce(paused_at, now()),
       paused_by = coalesce(paused_by, move.actor),
       paused_reason = coalesce(paused_reason, 'moves to ' || move.other)
  FROM move
 WHERE account.id = ANY (move.accounts);

-- name: put_off
-- What goes to ERPs and own systems is claimed by destination, not by account: while it is copied it is
-- put a hundred years off, and nobody else makes it due (migration 0052). What somebody has in hand is left
-- alone until it is given back, or nobody's any more.
-- $1 id, $2 years: 100 to hold, -100 to let go
UPDATE queue_item AS item
   SET due_at = item.due_at + make_interval(years => $2)
 WHERE item.state IN ('waiting', 'parked', 'leased')
   AND CASE WHEN $2 < 0 THEN item.due_at > now() + interval '50 years'
            WHEN item.state = 'leased' THEN item.due_at <= now()
            ELSE item.due_at < now() + interval '50 years' END
   AND ((item.queue = 'erp_outbox' AND item.id IN (
            SELECT delivery.id FROM erp_delivery AS delivery
              JOIN document ON document.id = delivery.document_id
              JOIN account_away AS away ON away.account_id = document.account_id
             WHERE away.move_id = $1))
     OR (item.queue = 'event_outbox' AND item.id IN (
            SELECT delivery.id FROM integrator_delivery AS delivery
              JOIN integrator_event AS event ON event.id = delivery.event_id
              JOIN store_away AS away ON away.store_id = event.store_id
             WHERE away.move_id = $1)));

-- name: busy
-- Rows that somebody works on, or may begin with, looks at marketplaces that run; and whether those who
-- were let in before are gone ($4 seconds).
-- $1 id, $2 stores, $3 accounts, $4 seconds
SELECT (SELECT count(*) FROM queue_item
         WHERE queue IN ('inbox', 'outbox') AND account_id = ANY ($3)
           AND state = 'leased' AND due_at > now())
     + (SELECT count(*) FROM queue_item AS item
          JOIN erp_delivery AS delivery ON delivery.id = item.id
          JOIN document ON document.id = delivery.document_id
         WHERE item.queue = 'erp_outbox' AND item.state IN ('waiting', 'parked', 'leased')
           AND item.due_at < now() + interval '50 years' AND document.account_id = ANY ($3))
     + (SELECT count(*) FROM queue_item AS item
          JOIN integrator_delivery AS delivery ON delivery.id = item.id
          JOIN integrator_event AS event ON event.id = delivery.event_id
         WHERE item.queue = 'event_outbox' AND item.state IN ('waiting', 'parked', 'leased')
           AND item.due_at < now() + interval '50 years' AND event.store_id = ANY ($2))
     + (SELECT count(*) FROM reconciliation
         WHERE account_id = ANY ($3) AND lease_until > now()) AS busy,
       now() > (SELECT closed_at FROM cell_move WHERE id = $1) + make_interval(secs => $4) AS alone;

-- name: shut
-- $1 id
UPDATE store_away SET state = 'shut' WHERE move_id = $1 AND state <> 'gone';

-- name: settle_writers
-- Whoever wrote before it was shut has ended when this lock is had; who comes later is refused.
LOCK TABLE orders, pick_job, document, help_request, pick_run, sale_change, shift IN SHARE MODE;

-- name: settle_senders
LOCK TABLE inbox_key IN SHARE MODE;

-- name: patience
SET LOCAL lock_timeout = '2s';

-- name: mover
-- This transaction may write what nobody else may.
SELECT set_config('hub.mover', 'on', true), set_config('timezone', 'UTC', true);

-- name: cell_here
-- The number of this cell.
SELECT min(id) FROM cell;

-- name: place
-- How far rows in the queues are numbered.
SELECT last_value FROM queue_item_seq;

-- name: known_destinations
SELECT coalesce(array_agg(id), '{}') FROM erp_destination;

-- name: counters
-- $1 merchant_id
SELECT series, year, last FROM document_counter WHERE merchant_id = $1;

-- name: count_on
-- $1 merchant_id, $2 series, $3 year, $4 last
INSERT INTO document_counter AS counter (merchant_id, series, year, last) VALUES ($1, $2, $3, $4)
ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = greatest(counter.last, excluded.last);

-- name: gone
-- They are remembered here as ones that live in the other cell.
-- $1 id
WITH shops AS (
    UPDATE store_away SET state = 'gone' WHERE move_id = $1
)
UPDATE account_away SET state = 'gone' WHERE move_id = $1;

-- name: late
-- What was taken in here since it was copied, with its keys; some are there already.
-- $1 accounts, $2 copied_at, $3 shift
SELECT to_jsonb(key)::text AS key, to_jsonb(delivery)::text AS delivery,
       (to_jsonb(item) || jsonb_build_object('seq', item.seq - $3::bigint))::text AS item
  FROM inbox_key AS key
  JOIN inbox_delivery AS delivery ON delivery.id = key.inbox_id
  JOIN queue_item AS item ON item.queue = 'inbox' AND item.id = key.inbox_id
 WHERE key.account_id = ANY ($1) AND key.received_at >= $2::timestamptz - interval '15 minutes'
 ORDER BY item.seq;

-- name: take_over
-- $1 keys, $2 deliveries, $3 items, each a list of JSON rows, $4 whether behind all that is here
WITH key AS (
    INSERT INTO inbox_key
    SELECT (jsonb_populate_record(NULL::inbox_key, row::jsonb)).* FROM unnest($1::text[]) AS row
    ON CONFLICT (account_id, dedupe_key) DO NOTHING
    RETURNING inbox_id
), body AS (
    INSERT INTO inbox_delivery
    SELECT new.* FROM unnest($2::text[]) AS row
     CROSS JOIN LATERAL jsonb_populate_record(NULL::inbox_delivery, row::jsonb) AS new
     WHERE new.id IN (SELECT inbox_id FROM key)
), item AS (
    INSERT INTO queue_item
    SELECT new.* FROM unnest($3::text[]) AS row
     CROSS JOIN LATERAL jsonb_populate_record(NULL::queue_item, row::jsonb || CASE WHEN $4
           THEN jsonb_build_object('seq', nextval('queue_item_seq')) ELSE '{}' END) AS new
     WHERE new.id IN (SELECT inbox_id FROM key)
)
SELECT FROM key;

-- name: missing
-- Keys that are not there although they were here.
-- $1 account ids, $2 keys
SELECT count(*) FROM unnest($1::uuid[], $2::text[]) AS old (account_id, dedupe_key)
 WHERE NOT EXISTS (SELECT FROM inbox_key AS key
                    WHERE (key.account_id, key.dedupe_key) = (old.account_id, old.dedupe_key));

-- name: keys_since
-- $1 accounts, $2 copied_at
SELECT account_id, dedupe_key FROM inbox_key
 WHERE account_id = ANY ($1) AND received_at >= $2::timestamptz - interval '15 minutes';

-- name: open
-- Work goes on with all accounts that were closed, and that people had not paused before.
-- $1 id
WITH stores AS (
    DELETE FROM store_away WHERE move_id = $1
), closed AS (
    DELETE FROM account_away WHERE move_id = $1 RETURNING account_id
)
UPDATE account
   SET active = true, paused_at = NULL, paused_by = NULL, paused_reason = NULL
  FROM closed, cell_move AS move
 WHERE account.id = closed.account_id AND move.id = $1 AND account.id <> ALL (move.paused);

-- name: leave_word
-- Sessions and badges of people who will knock here again.
-- $1 stores
INSERT INTO door_away (knock, store_id, until)
SELECT session.token_hash, picker.store_id, session.expires_at
  FROM picker_session AS session JOIN picker ON picker.id = session.picker_id
 WHERE picker.store_id = ANY ($1)
 UNION ALL
SELECT convert_to(badge, 'UTF8'), store_id, 'infinity' FROM picker WHERE store_id = ANY ($1)
ON CONFLICT (knock) DO UPDATE SET store_id = excluded.store_id, until = excluded.until;

-- name: end_sessions
-- $1 stores
DELETE FROM picker_session
 WHERE picker_id IN (SELECT id FROM picker WHERE store_id = ANY ($1));

-- name: forget_changes
-- $1 stores
DELETE FROM order_change WHERE store_id = ANY ($1);

-- name: forget_marks
-- Units of goods whose uses go, and no order that stays has a part of.
-- $1 accounts
WITH use AS (
    DELETE FROM product_mark_use
     WHERE order_id IN (SELECT id FROM orders WHERE account_id = ANY ($1))
    RETURNING merchant_id, ki, order_id
)
DELETE FROM product_mark AS mark
 USING (SELECT DISTINCT merchant_id, ki FROM use) AS gone
 WHERE (mark.merchant_id, mark.ki) = (gone.merchant_id, gone.ki)
   AND NOT EXISTS (SELECT FROM product_mark_use AS other
                    WHERE (other.merchant_id, other.ki) = (mark.merchant_id, mark.ki)
                      AND other.order_id NOT IN (SELECT order_id FROM use));
