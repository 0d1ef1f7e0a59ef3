-- name: find
-- One destination that is still there, by its code or by its token's hash.
-- $1 code or null, $2 token hash or null
SELECT id, merchant_id, code, way, form, language, kinds, settings, sealed, active,
       removed_at IS NOT NULL AS removed
  FROM erp_destination
 WHERE removed_at IS NULL AND (code = $1 OR token_hash = $2);

-- name: busy
-- Destinations that have something to bring right now, and neither rest nor are paused.
SELECT id, (settings ->> 'parallel')::integer AS parallel
  FROM erp_destination AS destination
 WHERE active AND removed_at IS NULL AND rest_until <= now()
   AND EXISTS (SELECT FROM erp_outbox AS item
                WHERE item.queue = 'erp_outbox' AND item.destination_id = destination.id
                  AND item.state IN ('waiting', 'leased', 'parked') AND item.due_at <= now())
   AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL);

-- name: overview
-- All that are there, and how they fare; never a secret.
-- $1 code or null for all
SELECT destination.code, merchant.name AS merchant, destination.way, destination.form,
       destination.language, destination.kinds, destination.settings, destination.active,
       destination.created_at, destination.changed_at, destination.trouble,
       nullif(greatest(destination.rest_until, now()), now()) AS rest_until,
       destination.sealed IS NOT NULL AS has_secrets,
       destination.token_hash IS NOT NULL AS has_token,
       (SELECT count(*) FROM erp_delivery
         WHERE destination_id = destination.id AND acknowledged_at IS NULL AND refused_at IS NULL
           AND (sent_at IS NULL OR pulled)) AS outstanding,
       (SELECT count(*) FROM erp_delivery AS refused
         WHERE destination_id = destination.id AND refused_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM erp_delivery AS later
                            WHERE later.destination_id = refused.destination_id
                              AND later.document_id = refused.document_id
                              AND later.seq > refused.seq)) AS refused,
       (SELECT max(sent_at) FROM erp_delivery WHERE destination_id = destination.id) AS last_sent_at
  FROM erp_destination AS destination
  JOIN merchant ON merchant.id = destination.merchant_id
 WHERE destination.removed_at IS NULL AND ($1::text IS NULL OR destination.code = $1)
 ORDER BY destination.code;

-- name: save
-- A new destination, or one as it is now described; secrets and token that are not given stay.
-- $1 id, $2 merchant_id, $3 code, $4 way, $5 form, $6 language, $7 kinds, $8 settings, $9 sealed or
-- null, $10 token hash or null
INSERT INTO erp_destination (id, merchant_id, code, way, form, language, kinds, settings, sealed,
                             token_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (code) WHERE removed_at IS NULL DO UPDATE
   SET form = $5, language = $6, kinds = $7, settings = $8,
       sealed = coalesce($9, erp_destination.sealed),
       token_hash = coalesce($10, erp_destination.token_hash),
       rest_until = '-infinity', changed_at = now()
 WHERE erp_destination.merchant_id = $2 AND erp_destination.way = $4
RETURNING id;

-- name: secrets
-- $1 code, $2 sealed, $3 token hash or null for as it is
UPDATE erp_destination
   SET sealed = $2, token_hash = coalesce($3, token_hash), rest_until = '-infinity',
       changed_at = now()
 WHERE code = $1 AND removed_at IS NULL
RETURNING id;

-- name: activate
-- $1 code, $2 active
UPDATE erp_destination
   SET active = $2, rest_until = '-infinity', failures = 0, changed_at = now()
 WHERE code = $1 AND removed_at IS NULL
RETURNING id;

-- name: remove
-- It gets nothing more: what waits for it is superseded; what somebody has in hand (he may wait for the
-- destination, which is ours by then), by `drop_removed` (queue.sql).
-- $1 code
WITH gone AS (
    UPDATE erp_destination
       SET removed_at = now(), active = false, sealed = NULL, changed_at = now()
     WHERE code = $1 AND removed_at IS NULL
    RETURNING id
), theirs AS (
    SELECT item.id
      FROM gone
      JOIN erp_outbox AS item ON item.queue = 'erp_outbox' AND item.destination_id = gone.id
     WHERE item.state IN ('waiting', 'parked')
       FOR UPDATE OF item SKIP LOCKED
), dropped AS (
    UPDATE erp_outbox AS item
       SET state = 'superseded', finished_at = now(), reason = 'removed'
      FROM theirs
     WHERE item.queue = 'erp_outbox' AND item.id = theirs.id
)
SELECT id FROM gone;

-- name: failures
-- How often the way failed of late; no row when all was well. Locked by a statement of its own, as in
-- integrators.sql.
-- $1 id
SELECT failures FROM erp_destination
 WHERE id = $1 AND (failures > 0 OR trouble IS NOT NULL)
   FOR NO KEY UPDATE;

-- name: well
-- Something was taken, or refused by itself: the way works.
-- $1 id
UPDATE erp_destination SET failures = 0, trouble = NULL, rest_until = '-infinity' WHERE id = $1;

-- name: hurry
-- What waited for the way is due now, with its try given back: it was no fault of the document.
-- $1 id, $2 most rows
WITH late AS (
    SELECT item.id
      FROM erp_outbox AS item
     WHERE item.queue = 'erp_outbox' AND item.destination_id = $1 AND item.state = 'waiting'
       AND item.reason = 'remote_unavailable' AND item.due_at > now()
     ORDER BY item.seq
     LIMIT $2
       FOR UPDATE OF item SKIP LOCKED
)
UPDATE erp_outbox AS item
   SET due_at = now(), attempts = greatest(1, item.attempts - 1)
  FROM late
 WHERE item.queue = 'erp_outbox' AND item.id = late.id;

-- name: ill
-- The way does not work: after the third failure it rests, a little longer each time.
-- $1 id, $2 what was said, $3 seconds that were asked for or that the trouble deserves
UPDATE erp_destination
   SET failures = failures + 1, trouble = $2,
       rest_until = now() + make_interval(secs => greatest($3,
           CASE WHEN failures >= 2 THEN least(60, 5 * 2 ^ least(failures - 2, 10)) ELSE 0 END))
 WHERE id = $1;

-- name: merchant
-- The merchant with this name, or the only one there is but that of smoke orders.
-- $1 name or null
SELECT id FROM merchant WHERE name = $1 OR ($1::text IS NULL AND name <> 'orderhub smoke');
