-- Up to which position of the store events count in a report is settled when it is asked for: its job may be repeated,
-- and must make the same report. Reports of before that are not done know no position; they are to be asked for again.
UPDATE letopis.reports SET status = 'failed', error = 'Asked for before an upgrade; ask again', finished_at = now()
WHERE status IN ('queued', 'running');
ALTER TABLE letopis.reports ADD COLUMN position bigint NOT NULL DEFAULT 0;
ALTER TABLE letopis.reports ALTER COLUMN position DROP DEFAULT;

-- A founder's report is on many organisations and belongs to none.
ALTER TABLE letopis.reports ALTER COLUMN organization_id DROP NOT NULL;
ALTER TABLE letopis.reports ADD CHECK ((kind = 'founder') = (organization_id IS NULL));

CREATE INDEX reports_digest ON letopis.reports (digest) WHERE digest IS NOT NULL;
