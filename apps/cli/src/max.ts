import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { LetopisError } from '@letopis/kernel';
import { type Connection, openMax, replay, reprocess } from '@letopis/max';
import { type Core } from '@letopis/platform';
import { listOrganizations, readOrganization } from '@letopis/school';
import { type CliCommand, type OptionValues, textOf } from './cli-command';
import { withCore } from './with-core';

/** In whose name whoever can reach the installation acts. */
const OPERATOR = {
  caller: { id: '00000000-0000-4000-8000-000000000001', roles: ['operator'] },
  source: 'operator',
} as const;
const TOKEN = 'LETOPIS_MAX_TOKEN';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const organizationOption = { type: 'string', about: 'id of the organisation' } as const;
const someOption = { type: 'string', about: 'id of the organisation (default: all)' } as const;
const botOption = { type: 'string', about: 'the bot, as "max status" names it' } as const;

/** The connection to the messenger MAX. */
export const max: readonly CliCommand[] = [
  {
    name: 'max connect',
    about: `let MAX post a bot’s updates here; the bot’s token comes from ${TOKEN}, --token-file or stdin`,
    options: {
      organization: organizationOption,
      url: { type: 'string', about: 'address of this Letopis as MAX reaches it: https://…, port 443' },
      bot: { type: 'string', about: 'name of the bot here (default: its id in MAX)' },
      'token-file': { type: 'string', about: 'file with the token' },
      'api-url': { type: 'string', about: 'address of the Bot API, where it is not the usual one' },
    },
    run: async (values) => {
      const url = required(values, 'url');
      const token = await readToken(textOf(values, 'token-file'));
      await withOrganization(values, async (core, organizationId) => {
        const connection = await openMax(core).subscriptions.connect(
          organizationId,
          { token, url, botId: textOf(values, 'bot'), apiUrl: textOf(values, 'api-url') },
          OPERATOR,
        );
        print(`MAX posts updates of the bot ${connection.botId} to ${connection.url}`);
      });
    },
  },
  {
    name: 'max rotate',
    about: 'give a bot a fresh secret; the old one ends in 24 hours',
    options: { organization: organizationOption, bot: botOption },
    run: async (values) => {
      const bot = required(values, 'bot');
      await withOrganization(values, async (core, organizationId) => {
        await openMax(core).subscriptions.rotate(organizationId, bot, OPERATOR);
        print(`The bot ${bot} has a fresh secret`);
      });
    },
  },
  {
    name: 'max status',
    about: 'list the connected bots and ask MAX whether they are subscribed',
    options: { organization: someOption, json: { type: 'boolean', about: 'as JSON' } },
    run: (values) =>
      withCore(async (core) => {
        const list = await openMax(core).subscriptions.status(optionalOrganization(values));
        if (values.json === true) print(JSON.stringify(list, null, 2));
        else
          for (const { connection, subscribed, problem } of list)
            print(lineOf(connection, subscribed, problem));
        if (list.some(({ subscribed }) => !subscribed)) process.exitCode = 1;
      }),
  },
  {
    name: 'max disconnect',
    about: 'end a bot’s subscription and forget its token',
    options: {
      organization: organizationOption,
      bot: botOption,
      force: { type: 'boolean', about: 'although MAX does not confirm' },
    },
    run: async (values) => {
      const bot = required(values, 'bot');
      await withOrganization(values, async (core, organizationId) => {
        const force = values.force === true;
        await openMax(core).subscriptions.disconnect(organizationId, bot, OPERATOR, { force });
        print(`The bot ${bot} is disconnected`);
      });
    },
  },
  {
    name: 'max reconcile',
    about: 'read the members of the registered chats now and compare them with the record',
    options: { organization: someOption },
    run: (values) =>
      forEach(values, async (core, organizationId) => ({
        organizationId,
        ...(await openMax(core).rosters.reconcile(organizationId)),
      })),
  },
  {
    name: 'max reprocess',
    about: 'record updates from quarantine that can be read by now, after an upgrade',
    options: { organization: someOption },
    run: (values) =>
      forEach(values, async (core, organizationId) => ({
        organizationId,
        ...(await reprocess(openMax(core), organizationId)),
      })),
  },
  {
    name: 'max replay',
    about: 'take in recorded updates: one a line, a JSON list, or {"updates": […]}',
    options: {
      organization: organizationOption,
      bot: { type: 'string', about: 'the bot that recorded them' },
    },
    operand: { name: 'file', about: 'the file; - for stdin' },
    run: async (values) => {
      const bot = required(values, 'bot');
      const file = textOf(values, 'file');
      if (file === undefined) throw new LetopisError('invalid', 'Name the file of recorded updates, or -');
      await withOrganization(values, async (core, organizationId) => {
        const { bots, intake } = openMax(core);
        if (!(await bots.has(organizationId, bot))) {
          throw new LetopisError('not-found', `The organisation has no bot ${bot}: letopis max connect`);
        }
        const input = file === '-' ? process.stdin : createReadStream(file);
        const result = await replay(intake, organizationId, input, (line, message) =>
          process.stderr.write(`line ${line}: ${message}\n`),
        );
        print(JSON.stringify(result));
        if (result.broken > 0) process.exitCode = 1;
      });
    },
  },
];

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function lineOf(
  { organizationId, botId, url, lastUpdateAt, gap }: Connection,
  subscribed: boolean,
  problem: string | undefined,
): string {
  return [
    organizationId,
    botId,
    subscribed ? 'subscribed' : `NOT SUBSCRIBED${problem === undefined ? '' : ` (${problem})`}`,
    `last update ${lastUpdateAt?.toISOString() ?? 'never'}`,
    ...(gap === undefined ? [] : [`gap since ${gap.from.toISOString()} (${gap.reason})`]),
    url,
  ].join('  ');
}

/** @throws LetopisError `invalid` */
function required(values: OptionValues, name: string): string {
  const text = textOf(values, name);
  if (text === undefined || text === '') throw new LetopisError('invalid', `--${name} must be given`);
  return text;
}

/** @throws LetopisError `invalid` */
function optionalOrganization(values: OptionValues): string | undefined {
  const id = textOf(values, 'organization')?.toLowerCase();
  if (id !== undefined && !UUID.test(id)) {
    throw new LetopisError('invalid', '--organization must be an id: letopis organizations');
  }
  return id;
}

/** Runs where the organisation exists. @throws LetopisError `not-found` */
function withOrganization(
  values: OptionValues,
  work: (core: Core, organizationId: string) => Promise<void>,
): Promise<void> {
  required(values, 'organization');
  const organizationId = optionalOrganization(values) ?? '';
  return withCore(async (core) => {
    await core.projections.advance();
    await readOrganization(core.views, organizationId);
    await work(core, organizationId);
  });
}

/** One line of JSON for the organisation, or for each. */
function forEach(
  values: OptionValues,
  work: (core: Core, organizationId: string) => Promise<object>,
): Promise<void> {
  const only = optionalOrganization(values);
  return withCore(async (core) => {
    await core.projections.advance();
    const ids =
      only === undefined
        ? (await listOrganizations(core.views)).map(({ organizationId }) => organizationId)
        : [only];
    for (const id of ids) print(JSON.stringify(await work(core, id)));
  });
}

/** Never from the command line itself: other users of the machine can read that. @throws LetopisError `invalid` */
async function readToken(file: string | undefined): Promise<string> {
  const fromEnvironment = process.env[TOKEN];
  if (file === undefined && fromEnvironment !== undefined && fromEnvironment !== '')
    return fromEnvironment.trim();
  if (file === undefined && process.stdin.isTTY) {
    throw new LetopisError('invalid', `Give the bot’s token in ${TOKEN}, by --token-file, or on stdin`);
  }
  const token = file === undefined ? await readStdin() : await readFileOf(file);
  if (token.trim() === '') throw new LetopisError('invalid', 'The bot’s token is empty');
  return token.trim();
}

async function readFileOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LetopisError('invalid', `${file} cannot be read`, { cause: error });
  }
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const part of process.stdin) text += String(part);
  return text;
}
