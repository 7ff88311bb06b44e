-- The record. Rows are only ever inserted, through letopis.append_events; nobody is granted anything else.

CREATE TABLE letopis.events (
  position        bigint       NOT NULL,
  organization_id uuid         NOT NULL,
  stream          text         NOT NULL COLLATE "C",
  revision        bigint       NOT NULL,
  id              uuid         NOT NULL,
  type            text         NOT NULL COLLATE "C",
  schema_version  integer      NOT NULL,
  occurred_at     timestamptz  NOT NULL,
  recorded_at     timestamptz  NOT NULL,
  actor_id        text         NOT NULL,
  actor_role      text         NOT NULL,
  source          text         NOT NULL,
  command_id      uuid         NOT NULL,
  correlation_id  text         NOT NULL,
  causation_id    uuid,
  request_digest  text,
  -- json, not jsonb: the text is kept as it came, and nothing here looks inside.
  data            json         NOT NULL,
  CONSTRAINT events_position PRIMARY KEY (position),
  CONSTRAINT events_stream_revision UNIQUE (organization_id, stream, revision),
  CONSTRAINT events_id UNIQUE (organization_id, id)
);

-- The feed of one organisation, in order.
CREATE INDEX events_organization ON letopis.events (organization_id, position);

-- The grants below keep the application out; this keeps out a superuser's slip of the hand as well.
CREATE FUNCTION letopis.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'letopis.events is append-only: % refused', TG_OP;
END $$;

CREATE TRIGGER events_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON letopis.events
  FOR EACH STATEMENT EXECUTE FUNCTION letopis.refuse_change();

-- Appends a batch of runs in one transaction, each with an outcome of its own: 0 appended, 1 repeated, 2 conflict. Returns
-- a row of run 0 with the head before the batch, then a row for each run that was not appended.
--
-- A run is a list of events for one stream behind one expected revision (-1: no stream). The arrays hold an element a run;
-- `events` is a JSON array of rows that name their runs by number, from 1, in the order of the runs. The caller sees to it
-- that a batch holds each stream and each first event id at most once. Appended events take the positions behind `head`,
-- in their order.
--
-- The advisory lock is held until the transaction has committed and is visible. So positions follow the order of
-- commits: there are no gaps, and no event appears behind one that a reader has seen. It is taken before the snapshots
-- of the statements below (READ COMMITTED), so these see all that was committed before.
--
-- Verdicts are looked up by array index rather than joined, and sequential scans are out: a plan that was made while the
-- table was small and had no statistics would otherwise be kept, and cost more with every event.
CREATE FUNCTION letopis.append_events(
  organizations uuid[], streams text[], expected bigint[], first_ids uuid[], events json)
RETURNS TABLE (run integer, outcome smallint, actual_revision bigint, head bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  last bigint;
  outcomes smallint[];
  actuals bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('letopis.events', 0));
  SELECT COALESCE(max(e.position), 0) INTO last FROM letopis.events e;

  SELECT array_agg(v.outcome ORDER BY v.run), array_agg(v.actual ORDER BY v.run) INTO outcomes, actuals
  FROM (
    SELECT r.run, COALESCE(current.revision, -1) AS actual,
           CASE WHEN EXISTS (SELECT FROM letopis.events e
                             WHERE e.organization_id = r.organization_id AND e.id = r.first_id) THEN 1::smallint
                WHEN COALESCE(current.revision, -1) <> r.expected THEN 2::smallint
                ELSE 0::smallint END AS outcome
    FROM unnest(organizations, streams, expected, first_ids) WITH ORDINALITY
      AS r(organization_id, stream, expected, first_id, run)
    LEFT JOIN LATERAL (
      SELECT e.revision FROM letopis.events e
      WHERE e.organization_id = r.organization_id AND e.stream = r.stream
      ORDER BY e.revision DESC LIMIT 1
    ) AS current ON true
  ) AS v;

  INSERT INTO letopis.events
  SELECT last + row_number() OVER (), n.organization_id, n.stream, actuals[n.run] + 1 + n.index,
         n.id, n.type, n.schema_version, n.occurred_at, n.recorded_at, n.actor_id, n.actor_role, n.source,
         n.command_id, n.correlation_id, n.causation_id, n.request_digest, n.data
  FROM json_to_recordset(events) AS n(
    run integer, index integer, organization_id uuid, stream text, id uuid, type text, schema_version integer,
    occurred_at timestamptz, recorded_at timestamptz, actor_id text, actor_role text, source text, command_id uuid,
    correlation_id text, causation_id uuid, request_digest text, data json)
  WHERE outcomes[n.run] = 0;

  RETURN QUERY
  SELECT 0, 0::smallint, NULL::bigint, last
  UNION ALL
  SELECT i, outcomes[i], actuals[i], last FROM generate_subscripts(outcomes, 1) AS i WHERE outcomes[i] <> 0;
END $$;

GRANT USAGE ON SCHEMA letopis TO {{app}};
GRANT SELECT, INSERT ON letopis.events TO {{app}};
GRANT EXECUTE ON FUNCTION letopis.append_events(uuid[], text[], bigint[], uuid[], json) TO {{app}};
