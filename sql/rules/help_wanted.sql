-- rule: help_wanted
-- about: line
-- topic: orders
-- unit: minutes
-- warn: 0
-- critical: 15
-- ru: сборщик просит помощи
-- ru: сборщик {badge}, {asked_at}
-- ru: {line}
-- ru: «{text}»
-- ru: что делать: подойти и закрыть обращение на терминале
-- en: a picker asks for help
-- en: picker {badge}, {asked_at}
-- en: {line}
-- en: «{text}»
-- en: to do: go there, and close the call on a handheld
-- A picker asked for help, and no supervisor has closed the call; at 15 minutes nobody has come. It
-- is over with its order: what has left the store needs nobody any more.
SELECT asked.*
  FROM (
    SELECT help.id AS subject, help.store_id, help.order_id, picker.badge, help.at AS asked_at,
           line.name AS line, left(help.text, 300) AS text,
           floor(extract(epoch FROM $1 - help.at) / 60) AS value
      FROM help_request AS help
      JOIN picker ON picker.id = help.picker_id
      LEFT JOIN order_line AS line ON line.id = help.line_id
      LEFT JOIN orders ON orders.id = help.order_id
     WHERE help.closed_at IS NULL
       AND coalesce(orders.state, '') NOT IN (
           'handed_over', 'delivered', 'cancelled', 'rejected', 'returned')
  ) AS asked
 WHERE asked.value >= $2;
