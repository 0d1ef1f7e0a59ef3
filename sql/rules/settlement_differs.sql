-- rule: settlement_differs
-- about: account
-- topic: documents
-- unit: count
-- warn: 1
-- ru: отчёт маркетплейса не сходится с нашими документами
-- ru: отчётов с расхождениями: {reports} · последний: № {number} за {days}
-- ru: расхождений: {value} · из них нам неизвестны или не оформлены: {blocking}
-- ru: что делать: orderhub settlements show {id}
-- en: the marketplace's report differs from our documents
-- en: reports with differences: {reports} · the latest: No. {number} of {days}
-- en: differences: {value} · of them unknown to us or without a document: {blocking}
-- en: to do: orderhub settlements show {id}
-- Differences between a marketplace's own reports of the last 100 days and our documents that nobody
-- accepted. They are counted when a report is taken and every five minutes after.
WITH differing AS MATERIALIZED (
    SELECT id, account_id, number, first, last, differing, blocking
      FROM settlement
     WHERE differing > 0 AND accepted_by IS NULL
       AND imported_at > $1 - interval '100 days'
), latest AS (
    SELECT DISTINCT ON (account_id) account_id, id, number,
           to_char(first, 'DD.MM.YYYY') || ' – ' || to_char(last, 'DD.MM.YYYY') AS days
      FROM differing
     ORDER BY account_id, last DESC, id DESC
)
SELECT found.*, latest.id, latest.number, latest.days
  FROM (SELECT account_id, count(*) AS reports, sum(differing)::bigint AS value,
               sum(blocking)::bigint AS blocking
          FROM differing
         GROUP BY account_id) AS found
  JOIN latest USING (account_id)
 WHERE found.value >= $2;
