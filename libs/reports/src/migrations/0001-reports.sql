-- Reports that were asked for. What a report shows is frozen: once it is done, its content never changes.
CREATE TABLE letopis.reports (
  id              uuid        NOT NULL PRIMARY KEY,
  organization_id uuid        NOT NULL,
  kind            text        NOT NULL,
  request         jsonb       NOT NULL,
  requested_by    text        NOT NULL,
  requested_at    timestamptz NOT NULL,
  status          text        NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
  progress        integer     NOT NULL DEFAULT 0,
  error           text,
  -- Canonical JSON (RFC 8785) as it was digested.
  content         text,
  digest          text,
  finished_at     timestamptz,
  CHECK ((status = 'done') = (content IS NOT NULL AND digest IS NOT NULL))
);
CREATE INDEX reports_organization ON letopis.reports (organization_id, requested_at);

CREATE FUNCTION letopis.refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'report % is frozen', OLD.id;
END $$;

CREATE TRIGGER reports_frozen BEFORE UPDATE ON letopis.reports
  FOR EACH ROW WHEN (OLD.status = 'done') EXECUTE FUNCTION letopis.refuse_report_change();

GRANT SELECT, INSERT ON letopis.reports TO {{app}};
GRANT UPDATE (status, progress, error, content, digest, finished_at) ON letopis.reports TO {{app}};
