import { type FieldProblem, LetopisError } from '@letopis/kernel';
import { type OutboundConfig } from '@letopis/platform';
import { isLoopbackAddress, isPublicAddress } from './addresses';
import { type Channel, type Topic, TOPICS } from './notice';

/** What an organisation has set for one channel. */
export interface ChannelSettings {
  readonly channel: Channel;
  readonly enabled: boolean;
  /** E-mail addresses, or the one address of the webhook. */
  readonly targets: readonly string[];
  readonly topics: readonly Topic[];
  /** How long before a deadline to remind, in hours, the longest first; empty for no reminders. */
  readonly remindBeforeHours: readonly number[];
}

/** What somebody wants to set. */
export interface SettingsChange extends Omit<ChannelSettings, 'channel'> {
  /** The webhook gets a fresh secret, although it has one. */
  readonly rotateSecret: boolean;
}

const MAX_ADDRESSES = 20;
const MAX_REMINDERS = 10;
/** A year. */
const MAX_HOURS = 8_760;
const MAX_URL_LENGTH = 2_000;
const MEMBERS: readonly string[] = ['enabled', 'targets', 'topics', 'remindBeforeHours', 'rotateSecret'];
const EMAIL = /^[^\s@<>()[\]\\,;:"]{1,64}@(?=.{1,255}$)[\p{L}\d-]+(?:\.[\p{L}\d-]+)+$/u;

/**
 * The settings that a JSON body asks for, where this installation can keep what they promise.
 *
 * @throws LetopisError `invalid` with every member that is wrong; so is e-mail without a mail server
 */
export function settingsChangeOf(channel: Channel, body: unknown, outbound: OutboundConfig): SettingsChange {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid([{ path: '', message: 'must be a JSON object' }]);
  }
  const problems: FieldProblem[] = Object.keys(body)
    .filter((name) => !MEMBERS.includes(name) || (name === 'rotateSecret' && channel === 'email'))
    .map((name) => ({ path: `/${name}`, message: 'is not expected here' }));
  const problem = (path: string, message: string): void => {
    problems.push({ path, message });
  };
  const member = (name: string): unknown => Reflect.get(body, name);

  const flag = (name: string, otherwise: boolean): boolean => {
    const value = member(name) ?? otherwise;
    if (typeof value === 'boolean') return value;
    problem(`/${name}`, 'must be true or false');
    return otherwise;
  };
  const list = <Value>(
    name: string,
    max: number,
    read: (value: unknown, path: string) => Value | undefined,
  ) => {
    const value = member(name) ?? [];
    if (!Array.isArray(value) || value.length > max) {
      problem(`/${name}`, `must be a list of at most ${max}`);
      return [];
    }
    return [...new Set(value.flatMap((each: unknown, index) => read(each, `/${name}/${index}`) ?? []))];
  };

  if (member('enabled') === undefined) problem('/enabled', 'must be given');
  const change: SettingsChange = {
    enabled: flag('enabled', false),
    targets: list('targets', channel === 'webhook' ? 1 : MAX_ADDRESSES, (value, path) => {
      const wrong = channel === 'email' ? problemOfEmail(value) : problemOfUrl(value, outbound.localWebhooks);
      if (wrong !== undefined) problem(path, wrong);
      return typeof value === 'string' ? value : undefined;
    }),
    topics: list('topics', TOPICS.length, (value, path) => {
      const topic = TOPICS.find((each) => each === value);
      if (topic === undefined) problem(path, `must be one of ${TOPICS.join(', ')}`);
      return topic;
    }),
    remindBeforeHours: list('remindBeforeHours', MAX_REMINDERS, (value, path) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_HOURS)
        return value;
      problem(path, `must be a whole number of hours from 1 to ${MAX_HOURS}`);
      return undefined;
    }).sort((a, b) => b - a),
    rotateSecret: flag('rotateSecret', false),
  };
  const told = problems.some(({ path }) => path.startsWith('/targets'));
  if (change.enabled && change.targets.length === 0 && !told) {
    problem('/targets', 'must name where messages go');
  }
  if (change.enabled && channel === 'email' && outbound.mail === undefined) {
    problem(
      '/enabled',
      'is not possible: this server has no way to send mail; its operator sets LETOPIS_SMTP_URL and LETOPIS_MAIL_FROM',
    );
  }
  if (problems.length > 0) throw invalid(problems);
  return change;
}

function problemOfEmail(value: unknown): string | undefined {
  return typeof value === 'string' && EMAIL.test(value) ? undefined : 'must be an e-mail address';
}

/** What can be seen without asking the network; the rest is seen at each delivery. */
function problemOfUrl(value: unknown, localWebhooks: boolean): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !URL.canParse(value)) {
    return 'must be an address such as https://hooks.school7.example/letopis';
  }
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username !== '' || password !== '' || hash !== '') {
    return 'must be an address without a user and a fragment';
  }
  const host = hostname.replace(/^\[|\]$/g, '');
  if (localWebhooks && ['http:', 'https:'].includes(protocol) && isThisMachine(host)) return undefined;
  if (protocol !== 'https:') return 'must begin with https://';
  // Only addresses have a colon or end in a digit: no top-level domain is a number.
  const isAddress = host.includes(':') || /\d$/.test(host);
  if (isThisMachine(host) || (isAddress && !isPublicAddress(host))) {
    return 'must be an address of the public internet';
  }
  return undefined;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

function invalid(fields: readonly FieldProblem[]): LetopisError {
  return new LetopisError('invalid', 'The settings are not valid', { fields });
}
