-- What only a process itself knows, written every few seconds; how webhooks were answered, minute
-- by minute; what ends on a day that is known.

-- Rows without a role are of /readyz alone. reached_since: since then the process reaches the
-- database without a gap; skew_ms: its clock against the database's, right within half of reach_ms.
ALTER TABLE heartbeat
    ADD COLUMN role          text,
    ADD COLUMN host          text,
    ADD COLUMN version       text,
    ADD COLUMN started_at    timestamptz,
    ADD COLUMN pulsed_at     timestamptz,
    ADD COLUMN reached_since timestamptz,
    ADD COLUMN reach_ms      double precision,
    ADD COLUMN skew_ms       double precision,
    ADD COLUMN disk_free     double precision;  -- percent of what HUB_DATA lies on

-- times: how many answers took how long; the steps are app/domain/answer_times.py's.
CREATE TABLE hook_minute (
    account_id uuid        NOT NULL,
    minute     timestamptz NOT NULL,
    worker     text        NOT NULL,
    answered   integer     NOT NULL,
    refused    integer     NOT NULL,  -- 4xx
    failed     integer     NOT NULL,  -- 5xx
    times      integer[]   NOT NULL,
    PRIMARY KEY (account_id, minute, worker)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX hook_minute_minute_idx ON hook_minute (minute);

CREATE TABLE watched_expiry (
    host    text        NOT NULL,
    what    text        NOT NULL,
    ends_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host, what)
);
