-- One switch for everything the hub says to anybody: while a row here is not released, no lane that goes
-- out is claimed and nobody is called. A copy of the database that was restored begins with one.
CREATE TABLE outbound_hold (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason      text        NOT NULL,
    held_at     timestamptz NOT NULL DEFAULT now(),
    held_by     text        NOT NULL,
    released_at timestamptz,
    released_by text,
    CONSTRAINT outbound_hold_reason_said CHECK (reason <> ''),
    CONSTRAINT outbound_hold_release_whole CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE UNIQUE INDEX outbound_hold_one ON outbound_hold ((true)) WHERE released_at IS NULL;
