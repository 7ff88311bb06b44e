import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Pool } from 'pg';
import { validate as isUuid } from 'uuid';
import { LetopisError } from '@letopis/kernel';
import { type MasterKey } from '@letopis/privacy';

export interface RegisteredBot {
  readonly botId: string;
  /** For `POST /subscriptions` of MAX. It is shown here once; Letopis keeps a digest. */
  readonly secret: string;
}

/** The bots that may post updates for an organisation, each by a secret of its own. */
export class MaxBots {
  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
  ) {}

  /**
   * Lets the bot post with `secret`, a fresh one unless it is given. Secrets that the bot had before end 24 hours later,
   * so that nothing is lost while MAX is told the new one.
   *
   * @throws LetopisError `invalid` where MAX would not take the secret, or the bot's id is not 1 to 100 characters
   */
  async register(
    organizationId: string,
    botId: string,
    secret = randomBytes(32).toString('base64url'),
  ): Promise<RegisteredBot> {
    if (!/^[\w.-]{1,100}$/.test(botId)) {
      throw wrong('botId', 'must be 1 to 100 letters, digits, ".", "_" and "-"');
    }
    if (!/^[A-Za-z0-9_-]{5,256}$/.test(secret)) {
      throw wrong('secret', 'must be 5 to 256 characters of A–Z, a–z, 0–9, "_" and "-"');
    }
    await this.pool.query(
      `WITH replaced AS (
         UPDATE letopis.max_bots SET valid_until = now() + interval '24 hours'
         WHERE organization_id = $1 AND bot_id = $2 AND secret_digest <> $3 AND valid_until IS NULL)
       INSERT INTO letopis.max_bots (organization_id, bot_id, secret_digest) VALUES ($1, $2, $3)
       ON CONFLICT (organization_id, bot_id, secret_digest) DO UPDATE SET valid_until = NULL`,
      [organizationId, botId, this.digest(organizationId, secret)],
    );
    return { botId, secret };
  }

  /** Ends every secret of the bot at once. Revoking a bot that is not there changes nothing. */
  async revoke(organizationId: string, botId: string): Promise<void> {
    await this.pool.query('DELETE FROM letopis.max_bots WHERE organization_id = $1 AND bot_id = $2', [
      organizationId,
      botId,
    ]);
  }

  /**
   * Resolves where one of the organisation's bots has this secret.
   *
   * @throws LetopisError `unauthenticated`, the same whether the organisation or the secret is unknown
   */
  async authenticate(organizationId: string, secret: string | undefined): Promise<void> {
    const given = Buffer.from(this.digest(organizationId, secret ?? ''));
    let known = false;
    for (const digest of await this.digests(organizationId)) {
      const expected = Buffer.from(digest);
      const same = expected.length === given.length && timingSafeEqual(expected, given);
      known = known || same;
    }
    if (!known) {
      throw new LetopisError(
        'unauthenticated',
        'X-Max-Bot-Api-Secret is missing or is not the secret of a bot',
      );
    }
  }

  private async digests(organizationId: string): Promise<readonly string[]> {
    // Ids are derived from the organisation's, so it counts as known in its one spelling only.
    if (!isUuid(organizationId) || organizationId !== organizationId.toLowerCase()) return [];
    const { rows } = await this.pool.query<{ secret_digest: string }>(
      `SELECT secret_digest FROM letopis.max_bots
       WHERE organization_id = $1 AND (valid_until IS NULL OR valid_until > now())`,
      [organizationId],
    );
    return rows.map(({ secret_digest }) => secret_digest);
  }

  private digest(organizationId: string, secret: string): string {
    return this.masterKey.digest(`max-secret/${organizationId}/${secret}`);
  }
}

function wrong(field: string, message: string): LetopisError {
  return new LetopisError('invalid', 'The bot cannot be registered', {
    fields: [{ path: `/${field}`, message }],
  });
}
