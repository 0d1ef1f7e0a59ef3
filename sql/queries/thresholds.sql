-- name: places
-- $1 merchant_id
SELECT 'store' AS kind, code, id FROM store WHERE merchant_id = $1
 UNION ALL
SELECT 'account', code, id FROM account WHERE merchant_id = $1;

-- name: forget
-- $1 merchant_id
DELETE FROM rule_threshold WHERE merchant_id = $1;

-- name: add
-- $1 id, $2 rule, $3 merchant_id, $4 store_id, $5 account_id, $6 from_hour, $7 until_hour, $8 warn,
-- $9 critical, $10 clear, $11 least, $12 hold, $13 off
INSERT INTO rule_threshold (id, rule, merchant_id, store_id, account_id, from_hour, until_hour,
                            warn, critical, clear, least, hold, off)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
