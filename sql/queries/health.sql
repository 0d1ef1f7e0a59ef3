-- name: beat
-- The write that proves a worker ready.
-- $1 worker
INSERT INTO heartbeat (worker) VALUES ($1)
ON CONFLICT (worker) DO UPDATE SET at = now();

-- name: applied
SELECT name FROM schema_migration;
