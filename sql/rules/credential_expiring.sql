-- rule: credential_expiring
-- about: account
-- topic: connection
-- unit: days
-- bad: below
-- warn: 14
-- critical: 3
-- ru: ключ маркетплейса скоро кончится
-- ru: какой: {kind} · действует до {until}, осталось дней: {value}
-- ru: что делать: получить новый и внести его (orderhub accounts rotate)
-- en: a marketplace's key ends soon
-- en: which: {kind} · good until {until}, days left: {value}
-- en: to do: get a new one and give it (orderhub accounts rotate)
-- Days until an account has no valid secret of a kind: its last version counts, unless somebody has
-- revoked it.
SELECT ending.*
  FROM (
    SELECT secret.account_id || ':' || secret.kind AS subject, secret.account_id, secret.kind,
           to_char(max(secret.valid_until) AT TIME ZONE 'Europe/Moscow', 'DD.MM.YYYY') AS until,
           floor(extract(epoch FROM max(secret.valid_until) - $1) / 86400) AS value
      FROM account_credential AS secret JOIN account ON account.id = secret.account_id
     WHERE account.active AND secret.revoked_at IS NULL
     GROUP BY secret.account_id, secret.kind
    HAVING isfinite(max(secret.valid_until))
  ) AS ending
 WHERE ending.value < $2;
