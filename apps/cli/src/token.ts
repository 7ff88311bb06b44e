import { LetopisError, newId, ROLES } from '@letopis/kernel';
import { embeddedIssuer, readConfig } from '@letopis/platform';
import { type CliCommand, integerOf, textOf } from './cli-command';

const TOKENS_FOR = ROLES.filter((role) => role !== 'system');

/** Issues a token of the embedded issuer: whoever can read the data directory can be anybody. */
export const token: CliCommand = {
  name: 'token',
  about: 'print a token of the embedded issuer (for trying out)',
  options: {
    role: { type: 'string', about: `one or more, comma-separated: ${TOKENS_FOR.join(', ')}` },
    organization: { type: 'string', about: 'id of the organisation; * for operator and founder (default *)' },
    subject: { type: 'string', about: 'pseudonymous UUID of the person (default: a fresh one)' },
    hours: { type: 'string', about: 'how long it is valid (default 24)' },
  },
  async run(values) {
    const wanted = (textOf(values, 'role') ?? '').split(',').filter((role) => role !== '');
    const roles = TOKENS_FOR.filter((role) => wanted.includes(role));
    if (roles.length === 0 || roles.length !== wanted.length) {
      throw new LetopisError('invalid', `--role must name roles of: ${TOKENS_FOR.join(', ')}`);
    }
    const config = readConfig(process.env);
    if (config.production !== undefined) {
      throw new LetopisError('invalid', 'In production tokens come from your OpenID Connect issuer');
    }
    const issuer = await embeddedIssuer(config);
    const organizationId = textOf(values, 'organization') ?? '*';
    if (organizationId === '*' && !roles.some((role) => role === 'operator' || role === 'founder')) {
      throw new LetopisError('invalid', '--organization must be given: only operator and founder serve many');
    }
    const hours = integerOf(values, 'hours', 24, 1, 24 * 90);
    process.stdout.write(
      `${await issuer.issue({ id: textOf(values, 'subject') ?? newId(), roles, organizationId }, hours * 3_600)}\n`,
    );
  },
};
