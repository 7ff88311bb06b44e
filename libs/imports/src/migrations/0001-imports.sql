-- Imports that were asked for, and how far they have come. File and problems hold personal data: encrypted by the master
-- key. The file is gone as soon as the import has ended.
CREATE TABLE letopis.imports (
  id              uuid        NOT NULL PRIMARY KEY,
  organization_id uuid        NOT NULL,
  kind            text        NOT NULL,
  dry_run         boolean     NOT NULL,
  sheet           text,
  requested_by    text        NOT NULL,
  roles           text[]      NOT NULL,
  requested_at    timestamptz NOT NULL,
  -- When it last came on: one that stands still for long has lost its job.
  moved_at        timestamptz NOT NULL,
  status          text        NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
  progress        integer     NOT NULL DEFAULT 0,
  -- Number of the last row whose commands have been carried out; null until the file has been planned.
  done_through    integer,
  result          jsonb       NOT NULL,
  problems        bytea       NOT NULL,
  file            bytea,
  finished_at     timestamptz,
  CHECK ((status IN ('queued', 'running')) = (file IS NOT NULL)),
  CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL))
);
CREATE INDEX imports_open ON letopis.imports (moved_at) WHERE file IS NOT NULL;

-- By what the files of a school know people: keyed digests, so that the next file finds the same person.
CREATE TABLE letopis.import_people (
  organization_id uuid NOT NULL,
  kind            text NOT NULL,
  alias           uuid NOT NULL,
  person_id       uuid NOT NULL,
  PRIMARY KEY (organization_id, alias, person_id)
);

GRANT SELECT, INSERT ON letopis.import_people TO {{app}};
GRANT SELECT, INSERT ON letopis.imports TO {{app}};
GRANT UPDATE (moved_at, status, progress, done_through, result, problems, file, finished_at) ON letopis.imports TO {{app}};
