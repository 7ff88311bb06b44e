-- What an organisation wants to be told, and over which channels. Without a row nothing leaves. targets: e-mail addresses, or
-- the one address of the webhook. The webhook's secret signs each delivery: encrypted by the master key.
CREATE TABLE letopis.notification_settings (
  organization_id     uuid        NOT NULL,
  channel             text        NOT NULL CHECK (channel IN ('email', 'webhook')),
  enabled             boolean     NOT NULL,
  targets             text[]      NOT NULL,
  secret              bytea,
  topics              text[]      NOT NULL,
  remind_before_hours integer[]   NOT NULL,
  updated_at          timestamptz NOT NULL,
  updated_by          text        NOT NULL,
  PRIMARY KEY (organization_id, channel),
  CHECK (NOT enabled OR cardinality(targets) > 0),
  CHECK (channel <> 'webhook' OR (cardinality(targets) <= 1 AND (NOT enabled OR secret IS NOT NULL)))
);

-- Notices on their way. recipient: an e-mail address, or 'webhook' for whatever address the organisation has set when it is
-- delivered. The same key reaches the same recipient once. next_attempt_at is also how long a worker keeps what it has taken.
CREATE TABLE letopis.notifications (
  id              uuid        NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL,
  channel         text        NOT NULL CHECK (channel IN ('email', 'webhook')),
  recipient       text        NOT NULL,
  topic           text        NOT NULL,
  key             text        NOT NULL,
  subject         text        NOT NULL,
  body            text        NOT NULL,
  data            jsonb       NOT NULL,
  created_at      timestamptz NOT NULL,
  status          text        NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'dead')),
  attempts        integer     NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  last_error      text,
  sent_at         timestamptz,
  UNIQUE (organization_id, channel, recipient, key),
  CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notifications_due ON letopis.notifications (channel, next_attempt_at) WHERE status = 'waiting';
CREATE INDEX notifications_unsent ON letopis.notifications (status) WHERE status <> 'sent';
CREATE INDEX notifications_page ON letopis.notifications (organization_id, created_at, id);

GRANT SELECT, INSERT ON letopis.notification_settings, letopis.notifications TO {{app}};
GRANT UPDATE (enabled, targets, secret, topics, remind_before_hours, updated_at, updated_by)
  ON letopis.notification_settings TO {{app}};
GRANT UPDATE (status, attempts, next_attempt_at, last_error, sent_at) ON letopis.notifications TO {{app}};
