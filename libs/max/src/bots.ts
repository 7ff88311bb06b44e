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
  async register(organizationId: string, botId: string, secret?: string): Promise<RegisteredBot> {
    const registered = await this.admit(organizationId, botId, secret);
    await this.supersede(organizationId, registered);
    return registered;
  }

  /**
   * Lets the bot post with `secret` beside those that it has: MAX may go on with the old one until it has confirmed the
   * new one. @throws LetopisError `invalid` as `register` does
   */
  async admit(
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
      `INSERT INTO letopis.max_bots (organization_id, bot_id, secret_digest) VALUES ($1, $2, $3)
       ON CONFLICT (organization_id, bot_id, secret_digest) DO UPDATE SET valid_until = NULL`,
      [organizationId, botId, this.digest(organizationId, secret)],
    );
    return { botId, secret };
  }

  /** Ends the bot's other secrets in 24 hours; those that end sooner keep their time. */
  async supersede(organizationId: string, { botId, secret }: RegisteredBot): Promise<void> {
    await this.pool.query(
      `UPDATE letopis.max_bots SET valid_until = now() + interval '24 hours'
       WHERE organization_id = $1 AND bot_id = $2 AND secret_digest <> $3 AND valid_until IS NULL`,
      [organizationId, botId, this.digest(organizationId, secret)],
    );
  }

  /** Whether the bot may post. */
  async has(organizationId: string, botId: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `SELECT FROM letopis.max_bots
       WHERE organization_id = $1 AND bot_id = $2 AND (valid_until IS NULL OR valid_until > now()) LIMIT 1`,
      [organizationId, botId],
    );
    return rowCount !== 0;
  }

  /** Ends every secret of the bot at once. Revoking a bot that is not there changes nothing. */
  async revoke(organizationId: string, botId: string): Promise<void> {
    await this.pool.query('DELETE FROM letopis.max_bots WHERE organization_id = $1 AND bot_id = $2', [
      organizationId,
      botId,
    ]);
  }

  /**
   * The organisation's bot that has this secret: updates themselves do not name the bot.
   *
   * @throws LetopisError `unauthenticated`, the same whether the organisation or the secret is unknown
   */
  async authenticate(organizationId: string, secret: string | undefined): Promise<string> {
    const given = Buffer.from(this.digest(organizationId, secret ?? ''));
    let bot: string | undefined;
    for (const { botId, digest } of await this.digests(organizationId)) {
      const expected = Buffer.from(digest);
      const same = expected.length === given.length && timingSafeEqual(expected, given);
      if (same) bot = botId;
    }
    if (bot === undefined) {
      throw new LetopisError(
        'unauthenticated',
        'X-Max-Bot-Api-Secret is missing or is not the secret of a bot',
      );
    }
    return bot;
  }

  private async digests(
    organizationId: string,
  ): Promise<readonly { readonly botId: string; readonly digest: string }[]> {
    // Ids are derived from the organisation's, so it counts as known in its one spelling only.
    if (!isUuid(organizationId) || organizationId !== organizationId.toLowerCase()) return [];
    const { rows } = await this.pool.query<{ bot_id: string; secret_digest: string }>(
      `SELECT bot_id, secret_digest FROM letopis.max_bots
       WHERE organization_id = $1 AND (valid_until IS NULL OR valid_until > now())`,
      [organizationId],
    );
    return rows.map((row) => ({ botId: row.bot_id, digest: row.secret_digest }));
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
