-- How far the policy runner has read: what follows from events up to here has been done.
CREATE TABLE letopis.policy_checkpoint (
  singleton boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (singleton),
  position  bigint  NOT NULL
);
INSERT INTO letopis.policy_checkpoint (position) VALUES (0);

GRANT SELECT, UPDATE ON letopis.policy_checkpoint TO {{app}};
