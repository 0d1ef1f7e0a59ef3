-- Goods that are ordered but not in the catalogue are found from the newest line backwards: their
-- lines have neither barcodes nor an item number.

CREATE INDEX order_line_without_codes_idx ON order_line (id)
    WHERE barcodes = '{}' AND plu IS NULL;
