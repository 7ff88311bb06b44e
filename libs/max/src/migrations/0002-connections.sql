-- Bots that Letopis subscribes by itself. Token and secret are needed again to renew a subscription: encrypted by the
-- master key. gap_* is the gap that is open, failure what the Bot API answered last if it was no success.
CREATE TABLE letopis.max_connections (
  organization_id uuid        NOT NULL,
  bot_id          text        NOT NULL,
  max_user_id     text        NOT NULL,
  url             text        NOT NULL,
  api_url         text,
  token           bytea       NOT NULL,
  secret          bytea       NOT NULL,
  connected_at    timestamptz NOT NULL,
  last_update_at  timestamptz,
  last_check_at   timestamptz,
  next_check_at   timestamptz NOT NULL,
  next_roster_at  timestamptz NOT NULL,
  gap_from        timestamptz,
  gap_reason      text,
  failure         text,
  PRIMARY KEY (organization_id, bot_id)
);

-- When the members of a chat were last read, and since when no bot may read them.
CREATE TABLE letopis.max_rosters (
  organization_id uuid        NOT NULL,
  chat_id         uuid        NOT NULL,
  taken_at        timestamptz,
  denied_since    timestamptz,
  PRIMARY KEY (organization_id, chat_id)
);

-- Pseudonyms of the accounts that a body names, so that erasure finds it although it is encrypted.
ALTER TABLE letopis.max_quarantine ADD COLUMN accounts uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX max_quarantine_accounts ON letopis.max_quarantine USING gin (accounts);

GRANT SELECT, INSERT, UPDATE, DELETE ON letopis.max_connections, letopis.max_rosters TO {{app}};
