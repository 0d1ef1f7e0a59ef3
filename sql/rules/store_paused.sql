-- rule: store_paused
-- about: store
-- topic: orders
-- unit: minutes
-- bad: below
-- warn: 60
-- critical: 25
-- ru: сборка на паузе, а заказы ждут
-- ru: ждут: {waiting} · срок ближайшего {due_at}
-- ru: что делать: снять паузу или предупредить маркетплейс
-- en: picking is paused, and orders wait
-- en: waiting: {waiting} · the first is due {due_at}
-- en: to do: end the pause, or warn the marketplace
-- A paused store: minutes until the first of the orders that nobody holds is due. One incident for
-- all of them; order_not_taken leaves them alone.
SELECT paused.*
  FROM (
    SELECT store.id AS store_id, count(*) AS waiting, min(orders.due_at) AS due_at,
           floor(extract(epoch FROM min(orders.due_at) - $1) / 60) AS value
      FROM store
      JOIN orders ON orders.store_id = store.id AND orders.state = 'accepted'
     WHERE store.paused
       AND NOT EXISTS (SELECT FROM pick_job AS job
                        WHERE job.order_id = orders.id AND job.lease_until > $1
                          AND job.state IN ('claimed', 'active', 'paused'))
     GROUP BY store.id
  ) AS paused
 WHERE paused.value < $2;
