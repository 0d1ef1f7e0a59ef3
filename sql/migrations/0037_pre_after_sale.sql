-- What comes after a sale: how a repeated request is known from another one, and which fiscal
-- receipts are due.

-- request_hash: what a request under an Idempotency-Key asked for; null where nobody asks twice with
-- one name. seq: the order in which changes of one order were said, whatever clocks made their ids.
-- tried_at, broken: when a run found that no document can be made of it, and what its rows break.
ALTER TABLE sale_change
    ADD COLUMN request_hash bytea,
    ADD COLUMN seq          bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN tried_at     timestamptz,
    ADD COLUMN broken       text;
DROP INDEX sale_change_due_idx;
CREATE INDEX sale_change_due_idx ON sale_change (seq) WHERE document_id IS NULL;

-- Receipts that the merchant makes (AccountRules.receipts): each row becomes one document with the
-- data of a fiscal receipt. Noted when it happens, under the rules of that moment. base_id: the
-- document whose money goes back. Rows stay, so that nothing is due twice. tried_at, broken: as above.
CREATE TABLE receipt_due (
    id          uuid        PRIMARY KEY,
    order_id    uuid        NOT NULL,
    kind        text        NOT NULL REFERENCES document_kind,
    base_id     uuid        REFERENCES document,
    occurred_at timestamptz NOT NULL,
    document_id uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    tried_at    timestamptz,
    broken      text,
    CONSTRAINT receipt_due_once UNIQUE NULLS NOT DISTINCT (order_id, kind, base_id),
    CONSTRAINT receipt_due_kind_possible CHECK (
        kind IN ('receipt_advance', 'receipt_final', 'receipt_return'))
);
CREATE INDEX receipt_due_idx ON receipt_due (occurred_at, id) WHERE document_id IS NULL;

-- A marketplace says of a delivered order that other goods were sold than we know: kopecks, as both
-- sides have it. Goes when it says otherwise, or when somebody notes what became of the sale.
CREATE TABLE sale_doubt (
    order_id uuid        PRIMARY KEY,
    ours     bigint      NOT NULL,
    theirs   bigint      NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
