-- One due time of one scheduled job is one row, so it runs once in the whole cluster.

CREATE TABLE tick (
    job         text        NOT NULL,
    due_at      timestamptz NOT NULL,
    state       text        NOT NULL DEFAULT 'running',
    epoch       integer     NOT NULL DEFAULT 1,
    owner       text        NOT NULL,
    lease_until timestamptz NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    result      text        NOT NULL DEFAULT '',
    PRIMARY KEY (job, due_at),
    CONSTRAINT tick_state_known CHECK (state IN ('running', 'done', 'failed')),
    CONSTRAINT tick_finished_when_ended CHECK ((finished_at IS NULL) = (state = 'running'))
);
