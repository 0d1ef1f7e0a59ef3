"""One minute of the day: what the stores, the marketplaces and the hub's processes write in it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.db.conn import Conn
from app.domain.retry import STEPS

#: Answers took 16 ms: the step of app/domain/answer_times.py they belong to.
_STEP: Final = 12
_COMES: Final = """
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at,
                    delivery_to, received_at, changed_at)
SELECT id, store_id, account_id, number, number, 'received', total, due, promised, received,
       received
  FROM plan WHERE received > $2 AND received <= $1
"""
_LINES: Final = """
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, vat)
SELECT gen_random_uuid(), plan.id, store_id, n, n::text, 'Хлеб ' || n, 'piece', 10000, 1, 'standard'
  FROM plan CROSS JOIN LATERAL generate_series(0, lines - 1) AS line (n)
 WHERE received > $2 AND received <= $1
"""
_GOES_ON: Final = """
UPDATE orders
   SET state = CASE WHEN plan.ended <= $1 THEN 'cancelled'
                    WHEN plan.delivered <= $1 THEN 'delivered'
                    WHEN plan.handed_over <= $1 THEN 'handed_over'
                    WHEN plan.ready <= $1 THEN 'ready'
                    WHEN plan.picked <= $1 THEN 'picked' WHEN plan.picking <= $1 THEN 'picking'
                    WHEN plan.accepted <= $1 THEN 'accepted' ELSE 'received' END,
       accepted_at = CASE WHEN plan.accepted <= $1 THEN plan.accepted END,
       picking_at = CASE WHEN plan.picking <= $1 THEN plan.picking END,
       picked_at = CASE WHEN plan.picked <= $1 THEN plan.picked END,
       ready_at = CASE WHEN plan.ready <= $1 THEN plan.ready END,
       courier_arrived_at = CASE WHEN plan.arrived <= $1 THEN plan.arrived END,
       handed_over_at = CASE WHEN plan.handed_over <= $1 THEN plan.handed_over END,
       delivered_at = CASE WHEN plan.delivered <= $1 THEN plan.delivered END,
       ended_at = CASE WHEN plan.ended <= $1 THEN plan.ended END,
       cancelled_by = CASE WHEN plan.ended <= $1 THEN plan.by END,
       cancel_reason = CASE WHEN plan.ended <= $1 THEN plan.reason END,
       courier = CASE WHEN plan.arrived <= $1 THEN 'arrived'
                      WHEN plan.assigned <= $1 THEN 'assigned' ELSE 'none' END,
       implied = plan.implied AND coalesce(plan.handed_over <= $1, false),
       final_total = CASE WHEN plan.picked <= $1 OR plan.handed_over <= $1 THEN plan.total END,
       paid_total = CASE WHEN plan.delivered <= $1 THEN plan.total END,
       paid_at = CASE WHEN plan.delivered <= $1 THEN plan.delivered END,
       sale_due = sale_due OR coalesce(plan.delivered > $2 AND plan.delivered <= $1, false),
       version = version + 1,
       changed_at = greatest(changed_at, (
           SELECT max(each.at) FROM unnest(ARRAY[
                  plan.accepted, plan.picking, plan.picked, plan.ready, plan.assigned, plan.arrived,
                  plan.handed_over, plan.delivered, plan.ended]) AS each (at)
            WHERE each.at <= $1))
  FROM plan WHERE plan.id = orders.id AND plan.next <= $1
"""
_NEXT: Final = """
UPDATE plan
   SET next = (SELECT min(each.at) FROM unnest(ARRAY[
                      accepted, picking, picked, ready, assigned, arrived, handed_over, delivered,
                      ended]) AS each (at) WHERE each.at > $1)
 WHERE next <= $1
"""
_PICKED: Final = """
WITH step AS (
    SELECT DISTINCT ON (order_id, line) * FROM plan_step WHERE at > $2 AND at <= $1
     ORDER BY order_id, line, at DESC
), line AS (
    UPDATE order_line AS line
       SET state = step.state, reason = step.reason, decide_by = step.decide_by,
           picked_pieces = (step.state IN ('picked', 'short'))::integer
      FROM step WHERE line.order_id = step.order_id AND line.position = step.line
), write AS (
    SELECT order_id, max(at) AS at FROM step GROUP BY order_id
), job AS (
    UPDATE pick_job AS job SET lease_until = write.at + interval '10 minutes', state = 'active'
      FROM write WHERE job.order_id = write.order_id AND job.state IN ('claimed', 'active')
)
UPDATE orders SET changed_at = greatest(changed_at, write.at), version = version + 1
  FROM write WHERE orders.id = write.order_id
"""
_CLAIMS: Final = """
INSERT INTO pick_job (order_id, store_id, state, picker_id, lease_until, claimed_at)
SELECT plan.id, plan.store_id, 'claimed', picker.id, plan.claimed + interval '10 minutes',
       plan.claimed
  FROM plan JOIN picker ON picker.store_id = plan.store_id
 WHERE plan.claimed > $2 AND plan.claimed <= $1
"""
_BEGINS: Final = """
UPDATE pick_job AS job SET lease_until = plan.picking + interval '10 minutes', state = 'active'
  FROM plan
 WHERE plan.id = job.order_id
   AND plan.claimed <= $1 AND plan.claimed > $1::timestamptz - interval '10 minutes'
   AND plan.picking <= $1 AND plan.picking > $2 AND job.state = 'claimed'
"""
_HOOKS: Final = f"""
WITH heard AS (
    INSERT INTO hook_minute AS old (account_id, minute, worker, answered, refused, failed, times)
    SELECT account_id, date_trunc('minute', at), 'app-1:web-1', count(*), 0, 0,
           array_fill(0, ARRAY[{_STEP}]) || count(*)::integer
      FROM plan_hook WHERE at > $2 AND at <= $1 GROUP BY 1, 2
        ON CONFLICT (account_id, minute, worker) DO UPDATE
       SET answered = old.answered + excluded.answered,
           times = array_fill(0, ARRAY[{_STEP}]) || old.answered + excluded.answered
)
INSERT INTO account_hour AS old (account_id, hour, deliveries, events)
SELECT account_id, date_trunc('hour', at), count(*), count(*)
  FROM plan_hook WHERE at > $2 AND at <= $1 GROUP BY 1, 2
    ON CONFLICT (account_id, hour) DO UPDATE
   SET deliveries = old.deliveries + excluded.deliveries
"""
#: A marketplace that takes nothing: the message waits, with its first try.
_MESSAGES: Final = """
WITH new AS (
    SELECT gen_random_uuid() AS id, due.*, due.account_id = ANY ($3::uuid[]) AS refused
      FROM plan_message AS due WHERE at > $2 AND at <= $1
), message AS (
    INSERT INTO outbox_message (id, order_id, account_id, kind, created_at)
    SELECT id, order_id, account_id, kind, at FROM new
), item AS (
    INSERT INTO queue_item (queue, id, account_id, fifo_key, state, attempts, created_at, due_at,
                            finished_at, reason, last_error)
    SELECT 'outbox', id, account_id, order_id::text,
           CASE WHEN refused THEN 'waiting' ELSE 'done' END, 1, at, at + interval '5 seconds',
           CASE WHEN NOT refused THEN at END,
           CASE WHEN refused THEN 'remote_unavailable' END, CASE WHEN refused THEN 'HTTP 503' END
      FROM new
)
INSERT INTO outbox_attempt (message_id, attempt, account_id, at, ms, status, outcome, request,
                            response)
SELECT id, 1, account_id, at, 80, CASE WHEN refused THEN 503 ELSE 200 END,
       CASE WHEN refused THEN 'remote_unavailable' ELSE 'delivered' END, '{}', '' FROM new
"""
#: Tries again when they are due, each later than the one before (app/domain/retry.py), or when the
#: marketplace takes messages again (app/actions/deliver.py).
_AGAIN: Final = """
WITH item AS (
    UPDATE queue_item
       SET attempts = attempts + 1,
           due_at = due_at + make_interval(secs => ($3::integer[])[attempts + 1]),
           state = CASE WHEN account_id = ANY ($2::uuid[]) THEN 'waiting' ELSE 'done' END,
           finished_at = CASE WHEN account_id = ANY ($2::uuid[]) THEN NULL ELSE $1::timestamptz END
     WHERE queue = 'outbox' AND state = 'waiting'
       AND (due_at <= $1 OR NOT account_id = ANY ($2::uuid[]))
    RETURNING id, account_id, attempts, state
)
INSERT INTO outbox_attempt (message_id, attempt, account_id, at, ms, status, outcome, request,
                            response)
SELECT id, attempts, account_id, $1, 80, NULL,
       CASE state WHEN 'waiting' THEN 'remote_unavailable' ELSE 'delivered' END, '{}', '' FROM item
"""
_PULSES: Final = """
UPDATE heartbeat SET at = $1, pulsed_at = $1::timestamptz - interval '3 seconds'
 WHERE host IS NOT NULL AND NOT worker = ANY ($2)
"""


async def pass_minute(
    conn: Conn, now: datetime, before: datetime, *, refusing: list, silent: list[str]
) -> None:
    """Write what happened after `before`. `refusing`: accounts that take no messages; `silent`:
    processes that do not beat."""
    for what in (_COMES, _LINES, _CLAIMS, _GOES_ON, _PICKED, _BEGINS, _HOOKS):
        await conn.execute(what, now, before)
    await conn.execute(_NEXT, now)
    await conn.execute(_MESSAGES, now, before, refusing)
    await conn.execute(_AGAIN, now, refusing, list(STEPS))
    await conn.execute(_PULSES, now, silent)
    await conn.execute("UPDATE watched_expiry SET seen_at = $1", now)


async def issue_documents(conn: Conn) -> None:
    """The hourly run makes documents of everything that was delivered."""
    await conn.execute(
        "UPDATE orders SET sale_due = false WHERE sale_due AND final_total IS NOT NULL"
    )
