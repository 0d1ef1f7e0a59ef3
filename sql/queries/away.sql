-- What is not in this cell any more, or not yet.

-- name: who_is_away
-- Where a session or a badge that is not known here has gone.
-- $1 knock
SELECT store_away.url FROM door_away JOIN store_away USING (store_id)
 WHERE door_away.knock = $1 AND door_away.until > now() AND store_away.state = 'gone';

-- name: store_is_away
-- $1 store_id
SELECT state FROM store_away WHERE store_id = $1;

-- name: documents_are_away
-- Whether one of them is.
-- $1 document ids
SELECT EXISTS (SELECT FROM document JOIN account_away USING (account_id)
                WHERE document.id = ANY ($1::uuid[]));

-- name: account_is_away
-- $1 account_id
SELECT EXISTS (SELECT FROM account_away WHERE account_id = $1);
