-- name: add
-- $1 id, $2 order_id, $3 account_id, $4 kind
INSERT INTO outbox_message (id, order_id, account_id, kind) VALUES ($1, $2, $3, $4);

-- name: waits
-- $1 order_id, $2 kind
SELECT EXISTS (
    SELECT FROM outbox_message AS message
      JOIN queue_item AS item ON item.queue = 'outbox' AND item.id = message.id
     WHERE message.order_id = $1 AND message.kind = $2
       AND item.state = 'waiting' AND NOT item.unsure);

-- name: held_up
-- Whether a message of the account has waited for so long: one look into outbox_account_idx.
-- $1 account_id, $2 seconds
SELECT EXISTS (
    SELECT FROM queue_item
     WHERE queue = 'outbox' AND account_id = $1 AND state IN ('waiting', 'leased', 'parked')
       AND created_at < now() - make_interval(secs => $2));

-- name: hurry
-- The account answers again after it did not: what waits for that reason is due now, messages and
-- deliveries whose order could not be fetched. The try is given back: it was no fault of theirs.
-- $1 account_id, $2 most rows
WITH late AS (
    SELECT queue, id FROM queue_item
     WHERE queue IN ('inbox', 'outbox') AND account_id = $1 AND state = 'waiting'
       AND reason IN ('remote_unavailable', 'remote_busy', 'credentials', 'paced')
       AND due_at > now()
     ORDER BY created_at
     LIMIT $2
       FOR UPDATE SKIP LOCKED
)
UPDATE queue_item AS item
   SET due_at = now(),
       attempts = CASE item.reason WHEN 'remote_unavailable' THEN greatest(1, item.attempts - 1)
                                   ELSE item.attempts END
  FROM late
 WHERE item.queue = late.queue AND item.id = late.id;

-- name: message
-- $1 id
SELECT order_id, account_id, kind FROM outbox_message WHERE id = $1;

-- name: record
-- One line for every try, kept for the operator.
-- $1 message_id, $2 attempt, $3 account_id, $4 ms, $5 status, $6 outcome, $7 request, $8 response
INSERT INTO outbox_attempt (message_id, attempt, account_id, ms, status, outcome, request, response)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: of_order
-- $1 order_id
SELECT message.id, message.kind, message.created_at, item.state, item.attempts, item.reason,
       item.last_error, item.finished_at
  FROM outbox_message AS message
  JOIN queue_item AS item ON item.queue = 'outbox' AND item.id = message.id
 WHERE message.order_id = $1
 ORDER BY message.id;

-- name: attempts_of_order
-- $1 order_id
SELECT attempt.message_id, attempt.attempt, attempt.at, attempt.ms, attempt.status,
       attempt.outcome, attempt.request, attempt.response
  FROM outbox_message AS message
  JOIN outbox_attempt AS attempt ON attempt.message_id = message.id
 WHERE message.order_id = $1
 ORDER BY attempt.at;
