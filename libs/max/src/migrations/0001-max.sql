-- Which bots may post updates for an organisation. A secret is kept as a keyed digest; a replaced one ends by itself.
CREATE TABLE letopis.max_bots (
  organization_id uuid        NOT NULL,
  bot_id          text        NOT NULL,
  secret_digest   text        NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  valid_until     timestamptz,
  PRIMARY KEY (organization_id, bot_id, secret_digest)
);

-- Updates that could not be read, by the SHA-256 of their body. Bodies hold personal data: encrypted by the master key.
CREATE TABLE letopis.max_quarantine (
  organization_id uuid        NOT NULL,
  raw_sha256      text        NOT NULL,
  dedup_key       text        NOT NULL,
  update_type     text        NOT NULL,
  reason          text        NOT NULL,
  raw             bytea       NOT NULL,
  received_at     timestamptz NOT NULL,
  PRIMARY KEY (organization_id, raw_sha256)
);

CREATE INDEX max_quarantine_received ON letopis.max_quarantine (organization_id, received_at);

GRANT SELECT, INSERT, DELETE ON letopis.max_bots, letopis.max_quarantine TO {{app}};
GRANT UPDATE (valid_until) ON letopis.max_bots TO {{app}};
