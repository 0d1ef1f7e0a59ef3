-- What an incident needs besides for its whole life: when it was told first, and who muted it.

ALTER TABLE incident
    ADD COLUMN told_at     timestamptz,  -- first told; null: nobody has heard of it
    ADD COLUMN muted_until timestamptz,
    ADD COLUMN muted_by    text,
    ADD COLUMN muted_why   text,
    ADD CONSTRAINT incident_muted_whole CHECK (
        (muted_until IS NULL) = (muted_by IS NULL) AND (muted_until IS NULL) = (muted_why IS NULL));
UPDATE incident SET told_at = fired_at, stepped_at = fired_at
 WHERE fired_at IS NOT NULL AND state <> 'resolved';

-- A mute holds for nothing worse than what it was put on.
ALTER TABLE incident_mute
    ADD COLUMN level text NOT NULL DEFAULT 'critical',
    ADD CONSTRAINT incident_mute_level_known CHECK (level IN ('warning', 'critical'));

-- An old incident goes with its history, wherever it was part of another one.
ALTER TABLE incident_event DROP CONSTRAINT incident_event_incident_id_fkey,
    ADD FOREIGN KEY (incident_id) REFERENCES incident ON DELETE CASCADE;
ALTER TABLE incident_post DROP CONSTRAINT incident_post_incident_id_fkey,
    ADD FOREIGN KEY (incident_id) REFERENCES incident ON DELETE CASCADE;
ALTER TABLE incident DROP CONSTRAINT incident_parent_id_fkey,
    ADD FOREIGN KEY (parent_id) REFERENCES incident ON DELETE SET NULL;
ALTER TABLE incident DROP CONSTRAINT incident_silenced_by_fkey,
    ADD FOREIGN KEY (silenced_by) REFERENCES incident ON DELETE SET NULL;
CREATE INDEX incident_silencer_idx ON incident (silenced_by) WHERE silenced_by IS NOT NULL;
-- What nobody ever heard of is kept for a day only.
CREATE INDEX incident_unheard_idx ON incident (resolved_at)
    WHERE fired_at IS NULL AND state = 'resolved';
