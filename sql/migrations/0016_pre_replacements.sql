-- A replacement that came to nothing stays in its order, and the same goods may be proposed again:
-- only lines that count are one per SKU.

ALTER TABLE order_line DROP CONSTRAINT order_line_external_id_once;
CREATE UNIQUE INDEX order_line_sku_once_idx ON order_line (order_id, external_id)
    WHERE reason IS DISTINCT FROM 'withdrawn';
-- What the constraint's index was read for: the lines of one order, in their order.
CREATE INDEX order_line_order_idx ON order_line (order_id, position);

-- A name as words, for a search that has an index and needs no extension: case, ё and punctuation
-- do not count, the beginning of a word is enough.
CREATE FUNCTION product_words(name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple'::regconfig,
                   regexp_replace(translate(lower(name), 'ё', 'е'), '[[:punct:][:space:]]+', ' ', 'g'));
CREATE INDEX product_words_idx ON product USING gin (product_words(name));
