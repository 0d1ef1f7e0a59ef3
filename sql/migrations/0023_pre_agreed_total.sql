-- What a customer said yes to when a replacement cost more than was authorised.
ALTER TABLE orders ADD COLUMN agreed_total bigint,
    ADD CONSTRAINT orders_agreed_not_negative CHECK (agreed_total >= 0);
