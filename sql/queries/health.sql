-- name: beat
-- The write that proves a worker ready.
-- $1 worker
INSERT INTO heartbeat (worker) VALUES ($1)
ON CONFLICT (worker) DO UPDATE SET at = now();

-- name: applied
SELECT name FROM schema_migration;

-- name: forgetful
-- Settings under which an acknowledged order could be forgotten.
SELECT name FROM pg_settings
 WHERE setting = 'off' AND name IN ('fsync', 'synchronous_commit', 'full_page_writes')
 ORDER BY name;

-- name: server_version
SELECT current_setting('server_version_num')::integer;

-- name: clock
SELECT now();
