-- How far each projection has come, and where it is stopped. `live` is what queries read; `build` is a rebuild under way,
-- or one that was refused, which is kept until the next.

CREATE TABLE letopis.projection_checkpoints (
  projection text        NOT NULL,
  place      text        NOT NULL CHECK (place IN ('live', 'build')),
  version    integer     NOT NULL,
  -- Digest of the tables' DDL: tables that changed under an unchanged version are noticed by it.
  definition text        NOT NULL,
  position   bigint      NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (projection, place)
);

-- At most one row an organisation: its later events wait behind the event that failed.
CREATE TABLE letopis.projection_failures (
  projection      text        NOT NULL,
  place           text        NOT NULL,
  organization_id uuid        NOT NULL,
  position        bigint      NOT NULL,
  event_id        uuid        NOT NULL,
  type            text        NOT NULL,
  error           text        NOT NULL,
  attempts        integer     NOT NULL,
  first_failed_at timestamptz NOT NULL,
  last_failed_at  timestamptz NOT NULL,
  -- A position of the store, not after the one before the event: where to read from to meet the event again.
  read_after      bigint      NOT NULL,
  PRIMARY KEY (projection, place, organization_id),
  FOREIGN KEY (projection, place) REFERENCES letopis.projection_checkpoints
);

GRANT SELECT, INSERT, UPDATE, DELETE ON letopis.projection_checkpoints, letopis.projection_failures TO {{app}};
