-- What comes beside the prices of lines: never negative, and seen where sums are compared.

ALTER TABLE orders ADD CONSTRAINT orders_beside_not_negative CHECK (
    delivery_fee >= 0 AND discount >= 0) NOT VALID;
ALTER TABLE order_line ADD CONSTRAINT order_line_list_price_not_negative CHECK (
    list_price >= 0) NOT VALID;

-- The customer pays what the lines come to without what comes off the whole order (0033 knew of none).
DROP INDEX orders_sum_differs_idx;
-- What was paid is often said after the delivery, up to days later.
CREATE INDEX orders_sum_apart_idx ON orders ((greatest(delivered_at, paid_at)))
    WHERE paid_total <> final_total - discount;
