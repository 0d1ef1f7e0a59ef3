-- rule: auto_rejections
-- about: store
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 2
-- mute: 30
-- ru: маркетплейс сам отменил заказ: магазин не отреагировал
-- ru: за 15 минут: {value} · заказы: {numbers}
-- ru: третья такая отмена может закрыть магазин на маркетплейсе
-- ru: что делать: собрать то, что ждёт; если некому — поставить магазин на паузу
-- en: the marketplace called an order off: the store did not react
-- en: in 15 minutes: {value} · orders: {numbers}
-- en: a third one may close the store on the marketplace
-- en: to do: pick what waits; with nobody to do it, pause the store
-- Orders a marketplace called off itself in the last quarter of an hour because nobody took or
-- picked them in time, as its reason says (a marketplace's words are its adapter's to know).
SELECT rejected.*
  FROM (
    SELECT orders.store_id, orders.account_id, count(*) AS value,
           array_to_string((array_agg(orders.number ORDER BY orders.ended_at DESC))[1:5], ', ')
               AS numbers
      FROM orders
     WHERE orders.cancel_reason = 'no_response' AND orders.cancelled_by = 'marketplace'
       AND orders.ended_at > $1 - interval '15 minutes' AND orders.ended_at <= $1
     GROUP BY orders.store_id, orders.account_id
  ) AS rejected
 WHERE rejected.value >= $2;
