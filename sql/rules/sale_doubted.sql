-- rule: sale_doubted
-- about: order
-- topic: documents
-- unit: minutes
-- warn: 0
-- ru: маркетплейс изменил заказ после доставки
-- ru: продано, как знаем мы, на {ours} ₽, а по его словам на {theirs} ₽ · сказано {said_at}
-- ru: что делать: выяснить, что продано, и оформить: orderhub documents return или correct
-- en: the marketplace changed the order after it was delivered
-- en: sold, as we know it, for {ours} RUB, and as it says for {theirs} RUB · said {said_at}
-- en: to do: find out what was sold, and note it: orderhub documents return or correct
-- A delivered order of which its marketplace sent another composition than we sold (and than was
-- ordered). Documents do not follow such news by themselves: nobody says what happened to the goods.
-- It ends when a return or a correction is noted, when the marketplace says otherwise, or in a week.
SELECT doubted.*
  FROM (
    SELECT order_id, at AS said_at, to_char(ours / 100.0, 'FM999999990.00') AS ours,
           to_char(theirs / 100.0, 'FM999999990.00') AS theirs,
           floor(extract(epoch FROM $1 - at) / 60) AS value
      FROM sale_doubt
     WHERE at > $1 - interval '7 days' AND at <= $1
     ORDER BY at
     LIMIT 2000
  ) AS doubted
 WHERE doubted.value >= $2;
