-- In-store labels that cannot be read cannot be stored; what an operation changed can be taken back.

-- `multiplier` for scales that print ten grams, or whole roubles, as one.
ALTER TABLE store_label
    ADD COLUMN multiplier integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT store_label_multiplier_possible CHECK (multiplier > 0),
    ADD CONSTRAINT store_label_prefix_digits CHECK (prefix ~ '^[0-9]{1,12}$'),
    ADD CONSTRAINT store_label_length_possible CHECK (length BETWEEN 8 AND 48),
    ADD CONSTRAINT store_label_item_inside CHECK (
        0 <= item_from AND item_from < item_until
        AND item_until <= length - check_digit::integer),
    ADD CONSTRAINT store_label_value_inside CHECK (
        char_length(prefix) <= value_from AND value_from < value_until
        AND value_until <= length - check_digit::integer AND value_until - value_from <= 9),
    ADD CONSTRAINT store_label_spans_apart CHECK (
        item_until <= value_from OR value_until <= item_from);

-- The lines an operation changed, as they were and as it left them; new ones are only in `after`.
-- `version` is the order's after it: the order of operations, whatever their transactions' times.
ALTER TABLE operation
    ADD COLUMN order_id  uuid,
    ADD COLUMN verb      text,
    ADD COLUMN version   integer,
    ADD COLUMN before    jsonb,
    ADD COLUMN after     jsonb,
    ADD COLUMN undone_by text,
    ADD CONSTRAINT operation_images_whole CHECK (
        num_nulls(order_id, verb, version, before, after) IN (0, 5)),
    ADD CONSTRAINT operation_undone_had_images CHECK ((undone_by IS NOT NULL) <= (before IS NOT NULL));
CREATE INDEX operation_undo_idx ON operation (order_id, version DESC) WHERE before IS NOT NULL;
