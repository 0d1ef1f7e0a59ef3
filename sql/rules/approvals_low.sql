-- rule: approvals_low
-- about: store
-- topic: quality
-- unit: percent
-- bad: below
-- warn: 70
-- critical: 50
-- clear: 73
-- least: 20
-- for: 60
-- ru: покупатели не соглашаются на замены
-- ru: сегодня согласились {value} % ({approved} из {cases})
-- ru: отказались {rejected} · не ответили {unanswered}
-- ru: что делать: посмотреть, что предлагают взамен (orderhub orders show)
-- en: customers do not agree to replacements
-- en: today {value} % agreed ({approved} of {cases})
-- en: refused {rejected} · did not answer {unanswered}
-- en: to do: look at what is offered instead (orderhub orders show)
-- Replacements customers said yes to among those they were asked about, of the orders picked since
-- midnight in the store.
SELECT low.*
  FROM (
    SELECT today.store_id, today.proposed AS cases, today.approved, today.rejected,
           greatest(0, today.proposed - today.approved - today.rejected) AS unanswered,
           round(100.0 * today.approved / today.proposed, 1) AS value
      FROM store_today($1) AS today
     WHERE today.proposed > 0
  ) AS low
 WHERE low.value < $2;
