-- What may be forgotten, and when. Orders, documents and timelines are not here.

-- name: ticks
DELETE FROM tick WHERE finished_at < now() - interval '7 days';

-- name: operations
-- A handheld repeats within hours; two days are plenty.
DELETE FROM operation WHERE at < now() - interval '2 days';

-- name: refusals
DELETE FROM inbox_refused WHERE at < now() - interval '30 days';

-- name: sessions
DELETE FROM picker_session WHERE expires_at < now() - interval '1 day';

-- name: heartbeats
DELETE FROM heartbeat WHERE at < now() - interval '1 day';

-- name: changes
-- Twice as long as a cursor is good for (app/domain/cursor.py).
DELETE FROM order_change WHERE at < now() - interval '2 hours';
