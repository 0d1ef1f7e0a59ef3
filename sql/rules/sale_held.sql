-- rule: sale_held
-- about: order
-- topic: documents
-- unit: minutes
-- warn: 0
-- critical: 1440
-- ru: доставлен, а документ реализации задержан
-- ru: доставлен {delivered_at} · задержан с {since_at}
-- ru: сумма: у нас {ours} ₽, у маркетплейса {theirs} ₽ — сверить с ним состав
-- ru: нет ставки НДС: {untaxed} — указать её в каталоге
-- ru: нет в каталоге: {unlisted} — добавить товар в каталог
-- ru: не хватает кодов маркировки: {unmarked} — найти единицы и выяснить, что продано
-- ru: не хватает реквизитов: {missing} — дополнить их в orderhub setup
-- ru: мешает: {other}
-- ru: что делать: исправить причину, и ближайший запуск создаст документ; пропустить: /portal/documents
-- en: delivered, and its sales document is held back
-- en: delivered {delivered_at} · held since {since_at}
-- en: the sum: ours is {ours} RUB, the marketplace's {theirs} RUB — compare the goods with it
-- en: no VAT rate: {untaxed} — give it in the catalogue
-- en: not in the catalogue: {unlisted} — add the goods to the catalogue
-- en: product marks are missing: {unmarked} — find the units, and what was sold
-- en: requisites are missing: {missing} — add them with orderhub setup
-- en: in the way: {other}
-- en: to do: mend the cause, and the next run makes the document; to let it pass: /portal/documents
-- A delivered order that the run of sales documents has looked at and did not issue, with all that is
-- in the way (sale_hold.problems). The run looks at it anew each time: once mended the order gets its
-- document and is held no more. Lines without an outcome are sale_impossible's.
SELECT held.order_id, held.value, held.delivered_at, held.since_at, said.*
  FROM (
    SELECT sale_hold.order_id, orders.delivered_at, sale_hold.since AS since_at, sale_hold.problems,
           floor(extract(epoch FROM $1 - sale_hold.since) / 60) AS value
      FROM sale_hold
      JOIN orders ON orders.id = sale_hold.order_id
     WHERE orders.sale_due AND sale_hold.since <= $1 - interval '1 minute' * $2
       AND jsonb_path_exists(sale_hold.problems, '$[*] ? (@.problem != "composition")')
     ORDER BY sale_hold.since
     LIMIT 2000
  ) AS held
 CROSS JOIN LATERAL (
    SELECT max(ours) AS ours, max(theirs) AS theirs,
           string_agg(told, ', ' ORDER BY nth) FILTER (WHERE problem = 'vat') AS untaxed,
           string_agg(told, ', ' ORDER BY nth) FILTER (WHERE problem = 'goods') AS unlisted,
           string_agg(told, ', ' ORDER BY nth) FILTER (WHERE problem = 'marks') AS unmarked,
           string_agg(told, ', ' ORDER BY nth) FILTER (WHERE problem = 'requisites') AS missing,
           string_agg(DISTINCT problem, ', ') FILTER (WHERE problem NOT IN (
               'sum', 'vat', 'goods', 'marks', 'requisites', 'composition')) AS other
      FROM (
        SELECT nth, one ->> 'problem' AS problem, one ->> 'ours' AS ours, one ->> 'theirs' AS theirs,
               concat_ws(' ', one ->> 'sku', one ->> 'line',
                         CASE one ->> 'problem' WHEN 'marks' THEN '× ' ELSE '' END
                         || (one ->> 'missing'), '+ ' || (one ->> 'more')) AS told
          FROM jsonb_array_elements(held.problems) WITH ORDINALITY AS row (one, nth)) AS problem
  ) AS said;
