-- rule: queue_old
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 2
-- critical: 5
-- for: 30
-- ru: очередь стоит
-- ru: {queue}: готово к обработке {waiting}, никто не берёт {value} мин
-- ru: что делать: orderhub doctor; проверить процессы хаба
-- en: a queue stands still
-- en: {queue}: {waiting} are ready, nobody has taken them for {value} min
-- en: to do: orderhub doctor; look at the hub's processes
-- Rows that are due, that nothing stands in the way of, and that nobody takes. (Those that are tried
-- and fail are others': delivery_stuck, outbound_lag, telegram_failing, document_undelivered,
-- integrator_failing.)
SELECT old.*
  FROM (
    SELECT item.queue AS subject, item.queue, count(*) AS waiting,
           floor(extract(epoch FROM $1 - min(greatest(item.due_at, item.created_at))) / 60) AS value
      FROM queue_item AS item
     WHERE item.state IN ('waiting', 'leased') AND item.reason IS NULL
       AND item.due_at < $1 - interval '1 minute' AND item.created_at < $1 - interval '1 minute'
       AND NOT EXISTS (SELECT FROM queue_item AS earlier
                        WHERE earlier.queue = item.queue AND earlier.fifo_key = item.fifo_key
                          AND earlier.state IN ('waiting', 'leased')
                          AND earlier.seq < item.seq)
       AND NOT EXISTS (SELECT FROM account
                        WHERE account.id = item.account_id AND NOT account.active)
       AND NOT EXISTS (SELECT FROM account_gate AS gate
                        WHERE item.queue = 'outbox' AND gate.account_id = item.account_id
                          AND (gate.state <> 'closed'
                               OR greatest(gate.rest_until, gate.free_at) > $1 - interval '1 minute'))
       AND NOT EXISTS (SELECT FROM erp_destination AS erp
                        WHERE erp.id = item.destination_id
                          AND (NOT erp.active OR erp.failures > 0))
       AND NOT EXISTS (SELECT FROM integrator
                        WHERE integrator.id = item.destination_id
                          AND (NOT integrator.active OR integrator.failures > 0))
       AND (item.queue = 'inbox' OR NOT EXISTS (
           SELECT FROM outbound_hold WHERE released_at IS NULL))
     GROUP BY item.queue
  ) AS old
 WHERE old.value >= $2;
