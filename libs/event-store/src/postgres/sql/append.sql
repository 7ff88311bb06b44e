-- Appends a batch of runs. $1 runs, $2 events (both JSON arrays; see migrations/0001-events.sql). Run 0 comes first.
SELECT run, outcome, actual_revision, head FROM letopis.append_events($1::json, $2::json) ORDER BY run
