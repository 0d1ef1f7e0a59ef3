-- A buried row that was replayed is no longer a problem: monitoring looks for its replay.

CREATE INDEX queue_item_replay_idx ON queue_item (replay_of) WHERE replay_of IS NOT NULL;
