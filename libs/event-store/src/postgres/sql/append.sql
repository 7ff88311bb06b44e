-- Appends a batch of runs. $1 organisations, $2 streams, $3 expected revisions, $4 first event ids, $5 events as a JSON array
-- (see migrations/0001-events.sql). Run 0 comes first.
SELECT run, outcome, actual_revision, head
FROM letopis.append_events($1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::json) ORDER BY run
