-- rule: rule_failing
-- about: hub
-- topic: hub
-- unit: count
-- warn: 2
-- critical: 5
-- ru: правило мониторинга не работает
-- ru: {name}: неудач подряд: {value}
-- ru: не уложилось в отведённое время, шло {took} мс
-- ru: ошибка: {error}
-- ru: что делать: исправить {name}.sql; пока за тем, что оно видит, никто не следит
-- en: a monitoring rule does not work
-- en: {name}: failures in a row: {value}
-- en: took too long, {took} ms
-- en: error: {error}
-- en: to do: mend {name}.sql; what it watches is not watched now
-- Rules whose last runs failed. A rule that is no more is not run, and not told.
SELECT failing.*
  FROM (
    SELECT rule AS subject, rule AS name, failures AS value,
           CASE WHEN error = 'QueryCanceledError' THEN ms END AS took,
           CASE WHEN error <> 'QueryCanceledError' THEN error END AS error
      FROM rule_run
     WHERE at > $1 - interval '5 minutes'
  ) AS failing
 WHERE failing.value >= $2;
