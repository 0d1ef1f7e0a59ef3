-- rule: sale_impossible
-- about: order
-- topic: documents
-- unit: minutes
-- warn: 5
-- ru: доставлен, но не собран: документа реализации не будет
-- ru: доставлен {delivered_at} · позиций без исхода: {open} из {lines}
-- ru: что делать: узнать в магазине, что продано; если всё как заказано — пропустить: /portal/documents
-- en: delivered but not picked: it gets no sales document
-- en: delivered {delivered_at} · lines without an outcome: {open} of {lines}
-- en: to do: ask the store what was sold; if all of it as ordered, let it pass: /portal/documents
-- A marketplace delivered an order whose lines nobody entered: what was sold is not known, so every
-- run holds it back (`composition`), until a person finds out and lets it pass as it was ordered.
SELECT sold.*
  FROM (
    SELECT orders.id AS order_id, orders.delivered_at, counted.lines, counted.open,
           floor(extract(epoch FROM $1 - orders.delivered_at) / 60) AS value
      FROM orders
     CROSS JOIN LATERAL (
         SELECT count(*) AS lines,
                count(*) FILTER (WHERE line.state IN ('todo', 'proposed')) AS open
           FROM order_line AS line  -- what only a proposal names, or stands for no line, is none
          WHERE line.order_id = orders.id AND line.state <> 'replaced'
            AND (line.replaces IS NULL OR line.state IN ('todo', 'picked', 'short'))) AS counted
     WHERE orders.sale_due AND orders.final_total IS NULL AND counted.open > 0
       AND orders.delivered_at <= $1 - interval '1 minute' * $2
  ) AS sold;
