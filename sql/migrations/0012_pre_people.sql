-- Supervisors, registered handhelds, and shifts with their pauses.

ALTER TABLE picker
    ADD COLUMN role text NOT NULL DEFAULT 'picker',
    ADD CONSTRAINT picker_role_known CHECK (role IN ('picker', 'supervisor'));
CREATE INDEX picker_store_idx ON picker (store_id);

-- The device's own secret is shown once, when it is registered; here is its SHA-256.
CREATE TABLE device (
    id             uuid  PRIMARY KEY,
    store_id       uuid  NOT NULL REFERENCES store,
    code_hash      bytea NOT NULL,
    name           text  NOT NULL,
    registered_at  timestamptz NOT NULL DEFAULT now(),
    registered_by  text  NOT NULL,
    revoked_at     timestamptz,
    client_version text  NOT NULL DEFAULT '',
    seen_at        timestamptz,
    failures       smallint NOT NULL DEFAULT 0,
    locked_until   timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT device_code_once UNIQUE (code_hash)
);
CREATE INDEX device_store_idx ON device (store_id);

-- device_id is what an unregistered handheld calls itself; a registered one stands in `device`.
ALTER TABLE picker_session ADD COLUMN device uuid REFERENCES device;
CREATE INDEX picker_session_picker_idx ON picker_session (picker_id) WHERE ended_at IS NULL;
CREATE INDEX picker_session_device_idx ON picker_session (device) WHERE ended_at IS NULL;

CREATE TABLE shift (
    id         uuid PRIMARY KEY,
    picker_id  uuid NOT NULL REFERENCES picker,
    store_id   uuid NOT NULL REFERENCES store,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CONSTRAINT shift_ends_after_it_began CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX shift_one_open_idx ON shift (picker_id) WHERE ended_at IS NULL;
CREATE INDEX shift_running_idx ON shift (store_id) WHERE ended_at IS NULL;

CREATE TABLE shift_pause (
    shift_id   uuid NOT NULL REFERENCES shift,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    PRIMARY KEY (shift_id, started_at),
    CONSTRAINT shift_pause_ends_after_it_began CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX shift_pause_one_open_idx ON shift_pause (shift_id) WHERE ended_at IS NULL;

-- A person's own pace is read from what that person did since the shift began.
CREATE INDEX timeline_person_idx ON timeline (actor, at) WHERE kind = 'picker';
