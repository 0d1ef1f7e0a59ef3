-- Several zones of one order may be picked side by side, now that no code names the old key.
ALTER TABLE pick_job DROP CONSTRAINT pick_job_pkey;
ALTER TABLE pick_job ADD CONSTRAINT pick_job_pkey PRIMARY KEY USING INDEX pick_job_zone_once;
