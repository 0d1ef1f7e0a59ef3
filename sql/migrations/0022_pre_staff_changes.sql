-- Who administered people and handhelds: one row for each thing done, never a secret.

CREATE TABLE staff_change (
    id        uuid PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     text NOT NULL,  -- a badge, or cli:user
    act       text NOT NULL,
    picker_id uuid REFERENCES picker,
    device_id uuid REFERENCES device,
    store_id  uuid NOT NULL REFERENCES store,
    detail    text NOT NULL DEFAULT '',
    trace_id  text NOT NULL,
    CONSTRAINT staff_change_known CHECK (act IN ('added', 'renamed', 'new_pin', 'role', 'deactivated',
        'activated', 'device_added', 'device_revoked')),
    CONSTRAINT staff_change_is_of_one CHECK (num_nonnulls(picker_id, device_id) = 1)
);
CREATE INDEX staff_change_at_idx ON staff_change (at);
CREATE INDEX staff_change_picker_idx ON staff_change (picker_id) WHERE picker_id IS NOT NULL;
