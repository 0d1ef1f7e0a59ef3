-- Product marks of «Честный ЗНАК»: one unit is used once, across all orders that are open or sold.

-- Thousandths, and the answer of the marking system, beside the marks they belong to.
ALTER TABLE order_line ADD COLUMN mark_uses jsonb NOT NULL DEFAULT '[]';

-- A unit by its КИ (01 + GTIN + 21 + serial). Per merchant: nobody can spoil another's stock.
CREATE TABLE product_mark (
    merchant_id uuid     NOT NULL REFERENCES merchant,
    ki          text     NOT NULL,
    used        smallint NOT NULL,
    PRIMARY KEY (merchant_id, ki),
    CONSTRAINT product_mark_used_once CHECK (used BETWEEN 0 AND 1000)
);

-- Which line holds how much of a unit. Follows the lines in the transaction that changes them.
CREATE TABLE product_mark_use (
    merchant_id uuid     NOT NULL,
    ki          text     NOT NULL,
    line_id     uuid     NOT NULL REFERENCES order_line,
    order_id    uuid     NOT NULL REFERENCES orders,
    part        smallint NOT NULL,
    PRIMARY KEY (merchant_id, ki, line_id),
    FOREIGN KEY (merchant_id, ki) REFERENCES product_mark,
    CONSTRAINT product_mark_use_some CHECK (part BETWEEN 1 AND 1000)
);

-- What lines hold already. Codes were not looked at before: one that two orders hold counts once.
CREATE TEMPORARY TABLE held ON COMMIT DROP AS
SELECT DISTINCT ON (store.merchant_id, mark.ki)
       store.merchant_id, mark.ki, line.id AS line_id, line.order_id
  FROM order_line AS line
  JOIN orders ON orders.id = line.order_id AND orders.state NOT IN ('rejected', 'cancelled', 'returned')
  JOIN store ON store.id = orders.store_id
 CROSS JOIN LATERAL (SELECT split_part(code, E'\x1d', 1) AS ki FROM unnest(line.marks) AS code) AS mark
 WHERE mark.ki <> ''
 ORDER BY store.merchant_id, mark.ki, line.id;
INSERT INTO product_mark (merchant_id, ki, used) SELECT merchant_id, ki, 1000 FROM held;
INSERT INTO product_mark_use (merchant_id, ki, line_id, order_id, part)
SELECT merchant_id, ki, line_id, order_id, 1000 FROM held;
