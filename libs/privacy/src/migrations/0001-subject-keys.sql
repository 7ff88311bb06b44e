-- One data key for each data subject of an organisation, wrapped by the master key, which is kept outside the database.
-- Destroying a key blanks it and keeps the row: a key that was destroyed is never made again.
CREATE TABLE letopis.subject_keys (
  organization_id uuid        NOT NULL,
  subject_id      uuid        NOT NULL,
  wrapped         bytea,
  created_at      timestamptz NOT NULL DEFAULT now(),
  destroyed_at    timestamptz,
  PRIMARY KEY (organization_id, subject_id),
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

GRANT SELECT, INSERT ON letopis.subject_keys TO {{app}};
GRANT UPDATE (wrapped, destroyed_at) ON letopis.subject_keys TO {{app}};
