-- Which processes were ready, and when last: /readyz proves by writing here.

CREATE TABLE heartbeat (
    worker text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
