-- What marketplaces list against what we know, order by order; what differs.

-- name: ours
-- Orders by the marketplace's ids as we know them, and whether deliveries or messages are under way.
-- $1 account_id, $2 refs
SELECT ref, known.id, known.state, known.version, known.payment_state = 'paid' AS paid,
       known.final_total - known.discount AS total, known.changed_at,
       coalesce(lines.ordered, '{}') AS ordered, coalesce(lines.picked, '{}') AS picked,
       coalesce(lines.refused, 0)::bigint AS refused,
       EXISTS (SELECT FROM queue_item
                WHERE queue = 'inbox' AND fifo_key = $1::text || ':' || ref
                  AND state IN ('waiting', 'leased')) AS hearing,
       EXISTS (SELECT FROM queue_item
                WHERE queue = 'outbox' AND fifo_key = known.id::text
                  AND state IN ('waiting', 'leased', 'parked')) AS speaking
  FROM unnest($2::text[]) AS ref
  LEFT JOIN orders AS known ON known.account_id = $1 AND known.external_id = ref
  LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(external_id, wanted) FILTER (WHERE wanted > 0) AS ordered,
           jsonb_object_agg(external_id, got) FILTER (WHERE got > 0) AS picked,
           sum(refused) AS refused
      FROM (
        SELECT external_id,
               sum(CASE WHEN replaces IS NOT NULL THEN 0
                        WHEN unit = 'weight' THEN coalesce(requested_grams, 0)
                        ELSE requested_pieces END) AS wanted,
               sum(CASE WHEN state NOT IN ('picked', 'short') THEN 0
                        WHEN unit = 'weight' THEN coalesce(picked_grams, 0)
                        ELSE coalesce(picked_pieces, 0) END) AS got,
               sum(CASE WHEN refused = 0 THEN 0
                        WHEN unit = 'weight'
                        THEN (2 * price * picked_grams + unit_grams) / (2 * unit_grams) - total
                        ELSE price * refused END) AS refused
          FROM order_line
         WHERE order_id = known.id
           AND (reason IS NULL OR reason NOT IN ('removed_by_customer', 'withdrawn'))
         GROUP BY external_id) AS each
       ) AS lines ON known.id IS NOT NULL;

-- name: open
-- What is open of these orders.
-- $1 account_id, $2 refs
SELECT order_ref, kind, theirs, noted_at
  FROM reconciliation_mismatch
 WHERE account_id = $1 AND resolved_at IS NULL AND order_ref = ANY ($2)
   AND kind NOT IN ('absent', 'unreadable');

-- name: unseen
-- Orders with something open that a look did not list: they have not changed there.
-- $1 account_id, $2 run id, $3 after this one, $4 limit
SELECT DISTINCT ON (order_ref) order_ref, theirs, body
  FROM reconciliation_mismatch AS open
 WHERE account_id = $1 AND resolved_at IS NULL AND order_ref > $3 AND theirs IS NOT NULL
   AND NOT EXISTS (SELECT FROM reconciliation_listed AS listed
                    WHERE listed.run_id = $2 AND listed.order_ref = open.order_ref)
 ORDER BY order_ref, seen_at DESC
 LIMIT $4;

-- name: feed
-- Into the inbox with what was found; a key that is here already stores nothing and comes back in no
-- row. Sorted by key, so that two cannot wait for each other in a circle.
-- $1 account_id, $2 ids, $3 keys, $4 refs, $5 bodies, $6 trace_id
WITH new AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) AS t (id, key, ref, body)
     ORDER BY key
), fresh AS (
    INSERT INTO inbox_key (account_id, dedupe_key, inbox_id, reply_status, reply_body)
    SELECT $1, key, id, 200, '' FROM new
    ON CONFLICT (account_id, dedupe_key) DO NOTHING
    RETURNING inbox_id
), bodies AS (
    INSERT INTO inbox_delivery (id, account_id, event, headers, body, origin)
    SELECT id, $1, 'reconciled', '{}', body, 'reconciled'
      FROM new WHERE id IN (SELECT inbox_id FROM fresh)
), items AS (
    INSERT INTO queue_item (queue, id, account_id, fifo_key, trace_id)
    SELECT 'inbox', id, $1, $1::text || ':' || ref, $6
      FROM new WHERE id IN (SELECT inbox_id FROM fresh)
)
SELECT ref FROM new WHERE id IN (SELECT inbox_id FROM fresh);

-- name: note
-- $1 account_id, $2 refs, $3 kinds, $4 order ids, $5 theirs, $6 bodies, $7 said by them, $8 by us,
-- $9 whether people may know
INSERT INTO reconciliation_mismatch AS old (
    account_id, order_ref, kind, order_id, theirs, body, said_theirs, said_ours, told_at)
SELECT $1, ref, kind, order_id, theirs::jsonb, body, said_theirs, said_ours,
       CASE WHEN told THEN now() END
  FROM unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::bytea[], $7::text[], $8::text[],
              $9::boolean[])
    AS t (ref, kind, order_id, theirs, body, said_theirs, said_ours, told)
ON CONFLICT (account_id, order_ref, kind) WHERE resolved_at IS NULL DO UPDATE
   SET order_id = excluded.order_id, body = excluded.body, seen_at = now(),
       noted_at = CASE WHEN old.theirs = excluded.theirs THEN old.noted_at ELSE now() END,
       theirs = excluded.theirs, said_theirs = excluded.said_theirs,
       said_ours = excluded.said_ours, told_at = coalesce(old.told_at, excluded.told_at);

-- name: settled
-- What is over of these orders; what nobody was told of leaves no trace.
-- $1 account_id, $2 refs that were compared, $3 refs and $4 kinds that stay
WITH over AS MATERIALIZED (
    SELECT open.id, open.told_at
      FROM reconciliation_mismatch AS open
     WHERE open.account_id = $1 AND open.resolved_at IS NULL AND open.order_ref = ANY ($2)
       AND open.kind NOT IN ('absent', 'unreadable')
       AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS stays (ref, kind)
                        WHERE stays.ref = open.order_ref AND stays.kind = open.kind)
       FOR UPDATE
), gone AS (
    DELETE FROM reconciliation_mismatch WHERE id IN (SELECT id FROM over WHERE told_at IS NULL)
)
UPDATE reconciliation_mismatch
   SET resolved_at = now(), theirs = NULL, body = NULL
 WHERE id IN (SELECT id FROM over WHERE told_at IS NOT NULL);

-- name: suspect
-- Live orders of a window that no look has listed; told when the next look does not list them either.
-- $1 account_id, $2 since, $3 until
INSERT INTO reconciliation_mismatch AS old (account_id, order_ref, kind, order_id, said_theirs,
                                            said_ours)
SELECT $1, known.external_id, 'absent', known.id, 'not listed', known.state
  FROM orders AS known
 WHERE known.account_id = $1 AND known.received_at >= $2 AND known.received_at < $3
   AND known.state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
   AND NOT EXISTS (
       SELECT FROM reconciliation_run AS run
         JOIN reconciliation_listed AS listed ON listed.run_id = run.id
        WHERE run.account_id = $1 AND listed.order_ref = known.external_id)
ON CONFLICT (account_id, order_ref, kind) WHERE resolved_at IS NULL DO NOTHING;

-- name: absent
-- Suspects of earlier looks: still not listed, and still live, or over.
-- $1 account_id, $2 run id, $3 when the look began
WITH judged AS MATERIALIZED (
    SELECT open.id, open.told_at,
           coalesce(known.state IN ('received', 'accepted', 'picking', 'picked', 'ready',
                                    'handed_over'), false)
           AND NOT EXISTS (SELECT FROM reconciliation_listed AS listed
                            WHERE listed.run_id = $2 AND listed.order_ref = open.order_ref) AS lasts
      FROM reconciliation_mismatch AS open
      LEFT JOIN orders AS known ON known.id = open.order_id
     WHERE open.account_id = $1 AND open.resolved_at IS NULL AND open.kind = 'absent'
       AND open.first_at < $3
       FOR UPDATE OF open
), gone AS (
    DELETE FROM reconciliation_mismatch
     WHERE id IN (SELECT id FROM judged WHERE NOT lasts AND told_at IS NULL)
)
UPDATE reconciliation_mismatch AS open
   SET told_at = coalesce(open.told_at, now()),
       seen_at = CASE WHEN judged.lasts THEN now() ELSE open.seen_at END,
       resolved_at = CASE WHEN NOT judged.lasts THEN now() END
  FROM judged
 WHERE open.id = judged.id AND (judged.lasts OR judged.told_at IS NOT NULL);

-- name: unreadable
-- What was listed and is no order: told for a day after it was seen last.
-- $1 account_id, $2 which and why
INSERT INTO reconciliation_mismatch AS old (account_id, order_ref, kind, said_theirs, told_at)
SELECT DISTINCT $1::uuid, what, 'unreadable', what, now() FROM unnest($2::text[]) AS what
ON CONFLICT (account_id, order_ref, kind) WHERE resolved_at IS NULL DO UPDATE SET seen_at = now();

-- name: read_again
-- $1 account_id
UPDATE reconciliation_mismatch SET resolved_at = now()
 WHERE account_id = $1 AND kind = 'unreadable' AND resolved_at IS NULL
   AND seen_at < now() - interval '1 day';

-- name: differing
-- $1 account_id
SELECT count(*) FROM reconciliation_mismatch
 WHERE account_id = $1 AND resolved_at IS NULL AND told_at IS NOT NULL;
