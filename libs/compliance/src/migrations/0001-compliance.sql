-- What controls say as of now, judged from the marks of the compliance view. All of it can be made again from those marks:
-- nothing here is the record, and rows come and go with what they say.

-- How far an organisation has been judged.
CREATE TABLE letopis.compliance_evaluations (
  organization_id uuid        NOT NULL PRIMARY KEY,
  -- The position of the last mark or decision that was taken into account.
  position        bigint      NOT NULL,
  -- By which catalogue and in which time zone; of another, everything is judged anew.
  catalogue       text        NOT NULL,
  evaluated_at    timestamptz NOT NULL,
  -- When time alone changes something.
  changes_at      timestamptz
);
CREATE INDEX compliance_evaluations_changes ON letopis.compliance_evaluations (changes_at);

-- Whom or what a rule has judged.
CREATE TABLE letopis.compliance_subjects (
  organization_id uuid    NOT NULL,
  control         text    NOT NULL,
  rule            text    NOT NULL,
  subject         text    NOT NULL,
  -- Whether there was anything to judge.
  evidence        boolean NOT NULL,
  -- How many duties were done in time, or fell away: they are counted, not kept as findings.
  in_time         integer NOT NULL,
  changes_at      timestamptz,
  -- As of any instant from this one on, the judgement is that of now; there is none where something is still to be said.
  settled_at      timestamptz,
  PRIMARY KEY (organization_id, control, rule, subject)
);
CREATE INDEX compliance_subjects_changes ON letopis.compliance_subjects (organization_id, changes_at)
  WHERE changes_at IS NOT NULL;

-- Findings that are open, broken or were mended late.
CREATE TABLE letopis.compliance_findings (
  organization_id  uuid        NOT NULL,
  id               uuid        NOT NULL,
  control          text        NOT NULL,
  rule             text        NOT NULL,
  subject          text        NOT NULL,
  subject_kind     text        NOT NULL,
  severity         text        NOT NULL,
  state            text        NOT NULL,
  manner           text        NOT NULL,
  since            timestamptz NOT NULL,
  due_at           timestamptz,
  closed_at        timestamptz,
  provisional_year integer,
  key              text,
  what             text        NOT NULL,
  -- The next turn of what is done again and again.
  routine          boolean     NOT NULL,
  -- The parameter that the deadline was reckoned by.
  term             jsonb,
  cited            jsonb       NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX compliance_findings_subject ON letopis.compliance_findings (organization_id, control, rule, subject);
CREATE INDEX compliance_findings_open ON letopis.compliance_findings (organization_id, due_at) WHERE closed_at IS NULL;

-- The status of each control, with decisions of people taken into account.
CREATE TABLE letopis.compliance_controls (
  organization_id uuid    NOT NULL,
  control         text    NOT NULL,
  version         integer NOT NULL,
  severity        text    NOT NULL,
  status          text    NOT NULL,
  in_time         integer NOT NULL,
  open            integer NOT NULL,
  violated        integer NOT NULL,
  mended          integer NOT NULL,
  excepted        integer NOT NULL,
  -- Ids of events that the open and the violated findings rest on, some of them.
  evidence        uuid[]  NOT NULL,
  PRIMARY KEY (organization_id, control)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON letopis.compliance_evaluations, letopis.compliance_subjects,
  letopis.compliance_findings, letopis.compliance_controls TO {{app}};
