import { letopis } from '@letopis/api';
import { type Role } from '@letopis/kernel';
import { type SimulatedYear, type Step } from '@letopis/simulator';
import { playSteps } from '../../apps/cli/src/play-steps';
import { type Client, type CommandBody, type Reply, type TestApplication } from './application';

/** A simulated year that was carried out. */
export interface PlayedYear {
  readonly steps: readonly Step[];
  /** What was not answered with 201, and why; empty where all went well. */
  readonly refused: readonly string[];
  /** Names of the commands that were answered with 201 over HTTP, with the ids of the events of all their answers. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
  /** How many steps went over HTTP. */
  readonly overHttp: number;
  /** How many the program carried out itself, as it does for the messenger and for what time brings about. */
  readonly bySystem: number;
}

/**
 * Carries a year out over HTTP: each step by a request of its own, in the name of its caller.
 *
 * No token names the role `system`: its steps go to the command service, as they do from the webhook and from the worker.
 * Where people may give such a command too, the first of that name is entered by an administrator instead, so that every
 * route is asked.
 */
export async function playOverHttp(app: TestApplication, year: SimulatedYear): Promise<PlayedYear> {
  const steps = [...year.steps];
  const administrator = await app.as('platform_admin', { organizationId: year.organizationId });
  const people = new Map<string, Promise<Client>>();
  const clientOf = (id: string, role: Role): Promise<Client> => {
    const { organizationId } = year;
    const known = people.get(`${role} ${id}`) ?? app.as(role, { organizationId, personId: id });
    people.set(`${role} ${id}`, known);
    return known;
  };
  const refused: string[] = [];
  const answers = new Map<string, readonly string[]>();
  let overHttp = 0;
  let bySystem = 0;
  let waiting: Step[] = [];
  const letSystemAct = async (): Promise<void> => {
    const { reasons, ahead } = await playSteps(app.core, waiting);
    refused.push(...reasons, ...Array.from({ length: ahead }, () => 'A step lies ahead of the clock'));
    waiting = [];
  };
  for (const step of steps) {
    const { command, caller } = step;
    const bySomebody = caller.role !== 'system' || (!answers.has(command) && mayAdministrator(command));
    if (!bySomebody) {
      bySystem += 1;
      waiting.push(step);
      continue;
    }
    overHttp += 1;
    await letSystemAct();
    const client = caller.role === 'system' ? administrator : await clientOf(caller.id, caller.role);
    const { status, text, body } = await sent(step, client);
    if (status === 201) answers.set(command, [...(answers.get(command) ?? []), ...idsOf(body)]);
    else refused.push(`${step.occurredAt} ${command}: ${status} ${text}`);
  }
  await letSystemAct();
  return { steps, refused, answers, overHttp, bySystem };
}

/** Ids of the events that an answer tells. */
export function idsOf({ events }: CommandBody): readonly string[] {
  return events.map(({ id }) => id);
}

function mayAdministrator(command: string): boolean {
  return letopis.domain.commands.some(
    ({ name, actors }) => name === command && actors.includes('platform_admin'),
  );
}

function sent(
  { organizationId, command, payload, occurredAt, idempotencyKey }: Step,
  client: Client,
): Promise<Reply<CommandBody>> {
  if (command !== 'CreateOrganization') {
    return client.command(command, payload, { key: idempotencyKey, occurredAt });
  }
  return client.send('POST', '/v1/organizations', {
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ ...payload, organizationId }),
  });
}

/** How many rows each register has to have, and what some of its columns come to. */
export interface Tally {
  readonly rows: Readonly<Record<string, number>>;
  /** Of F1: the staff, and pupils and parents of each class by its title. */
  readonly teachers: number;
  readonly classes: Readonly<Record<string, { readonly pupils: number; readonly parents: number }>>;
  /** Of F10. */
  readonly minutes: { readonly planned: number; readonly actual: number };
}

/** What the steps of a year come to in registers, counted off the commands alone. */
export function tallyOf(steps: readonly Step[]): Tally {
  const given = (...commands: readonly string[]): readonly Step[] =>
    steps.filter(({ command }) => commands.includes(command));
  const different = (field: string, ...commands: readonly string[]): number =>
    new Set(given(...commands).map((step) => text(step, field))).size;
  const school = rostersOf(steps);
  const perCheck = given('ScheduleCheck').map((check) =>
    given('RecordFinding').filter((finding) => text(finding, 'checkId') === text(check, 'checkId')),
  );
  return {
    rows: {
      // A row for each class that is not archived, and one for the staff.
      F1: Object.keys(school.classes).length + 1,
      // A chat of the platform that is entered in the register later is the same row.
      F2: different('maxChatId', 'RegisterChat', 'ImportAutoProvisionedChats'),
      F3: different('linkId', 'CreateInvitationLink'),
      F4: different('requestId', 'SubmitJoinRequest'),
      F5: given('RecordMovement').length,
      // A check without findings has a row too.
      F6: total(perCheck.map((findings) => Math.max(findings.length, 1))),
      // Confirming that personal data were collected begins an incident, which its assessment is the first to name.
      F7:
        different('violationId', 'ReportViolation') +
        different('incidentId', 'ReportUnauthorizedAccess', 'RegisterIncident', 'AssessPdnImpact'),
      // Each question counts, also one that opens a request again.
      F8: given('OpenSupportRequest').length,
      F9: different('publicationId', 'PublishToChannel'),
      F10: different('sessionId', 'ScheduleOnlineSession', 'ScheduleBroadcast'),
      F11: given('SignDestructionAct').length,
      F12: sheetOf(steps, [...school.staff, ...school.parents]).size,
      // A withdrawal ends the row of its consent; it has one of its own where there was no consent.
      F13: given('RecordConsent', 'RecordRefusal').length + withdrawnForNothing(steps),
    },
    teachers: school.staff.size,
    classes: school.classes,
    minutes: {
      planned:
        total(given('ScheduleOnlineSession').map((step) => number(step, 'plannedMinutes'))) +
        total(given('ScheduleBroadcast').map((step) => minutesOf(step, 'startsAt', 'endsAt'))),
      actual: total(
        given('RecordSessionHeld', 'RecordBroadcastHeld').map((step) =>
          minutesOf(step, 'startedAt', 'endedAt'),
        ),
      ),
    },
  };
}

/** Who is on the lists when the year is over: the staff, and the pupils of each class with their parents. */
function rostersOf(steps: readonly Step[]) {
  const staff = new Set<string>();
  const classOfPupil = new Map<string, string | undefined>();
  const families = new Map<string, { readonly parent: string; readonly child: string }>();
  carriedOut(steps, {
    RecordMovement: (step) => {
      const person = text(step, 'personId');
      const kind = text(step, 'kind');
      if (kind === 'hired') staff.add(person);
      if (kind === 'dismissed') staff.delete(person);
      if (kind === 'enrolled' || kind === 'transferred') {
        classOfPupil.set(person, textOrNone(step, 'toGroup'));
      }
      if (kind === 'departed') classOfPupil.delete(person);
    },
    RecordGuardian: (step) => {
      families.set(familyOf(step), { parent: text(step, 'personId'), child: text(step, 'childId') });
    },
    EndGuardianship: (step) => {
      families.delete(familyOf(step));
    },
  });
  const raising = [...families.values()].filter(({ child }) => classOfPupil.has(child));
  const classes = Object.fromEntries(
    [...classTitlesOf(steps)].map(([groupId, title]) => {
      const isOfClass = (pupil: string): boolean => classOfPupil.get(pupil) === groupId;
      return [
        title,
        {
          pupils: [...classOfPupil.keys()].filter(isOfClass).length,
          // Whoever has two children in a class is one parent of it.
          parents: new Set(raising.filter(({ child }) => isOfClass(child)).map(({ parent }) => parent)).size,
        },
      ];
    }),
  );
  return { staff, parents: new Set(raising.map(({ parent }) => parent)), classes };
}

function familyOf(step: Step): string {
  return `${text(step, 'personId')} ${text(step, 'childId')}`;
}

/** Titles of the classes that are not archived, by their ids. */
function classTitlesOf(steps: readonly Step[]): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  carriedOut(steps, {
    CreateGroup: (step) => {
      if (text(step, 'kind') === 'class') titles.set(text(step, 'groupId'), text(step, 'title'));
    },
    RenameGroup: (step) => {
      const groupId = text(step, 'groupId');
      if (titles.has(groupId)) titles.set(groupId, text(step, 'title'));
    },
    ArchiveGroup: (step) => {
      titles.delete(text(step, 'groupId'));
    },
  });
  return titles;
}

/**
 * Lines of the acknowledgement sheet: all who are to know an act that was not revoked, in its present version, and whoever
 * acknowledged any version, for good.
 */
function sheetOf(steps: readonly Step[], readers: readonly string[]): ReadonlySet<string> {
  const versions = new Map<string, string>();
  const revoked = new Set<string>();
  const lines = new Set<string>();
  const issued = (step: Step): void => {
    versions.set(text(step, 'actId'), text(step, 'clausesVersion'));
  };
  carriedOut(steps, {
    IssueLocalAct: issued,
    RegisterLocalAct: issued,
    RevokeLocalAct: (step) => {
      revoked.add(text(step, 'actId'));
    },
    AcknowledgeLocalAct: (step) => {
      const actId = text(step, 'actId');
      lines.add(`${actId} ${versions.get(actId) ?? ''} ${text(step, 'personId')}`);
    },
  });
  for (const [actId, version] of versions) {
    if (!revoked.has(actId)) for (const reader of readers) lines.add(`${actId} ${version} ${reader}`);
  }
  return lines;
}

function withdrawnForNothing(steps: readonly Step[]): number {
  const consents = new Set<string>();
  const consentOf = (step: Step): string =>
    `${textOrNone(step, 'onBehalfOf') ?? text(step, 'personId')} ${text(step, 'purpose')}`;
  let rows = 0;
  carriedOut(steps, {
    RecordConsent: (step) => {
      consents.add(consentOf(step));
    },
    WithdrawConsent: (step) => {
      if (!consents.has(consentOf(step))) rows += 1;
    },
  });
  return rows;
}

/** Takes the steps in their order, those whose command `take` names. */
function carriedOut(
  steps: readonly Step[],
  take: Readonly<Partial<Record<string, (step: Step) => void>>>,
): void {
  for (const step of steps) take[step.command]?.(step);
}

function minutesOf(step: Step, from: string, to: string): number {
  return (Date.parse(text(step, to)) - Date.parse(text(step, from))) / 60_000;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** @throws Error where the step has no such text */
function text(step: Step, field: string): string {
  const value = textOrNone(step, field);
  if (value === undefined) throw new Error(`${step.command} has no text ${field}`);
  return value;
}

function textOrNone({ payload }: Step, field: string): string | undefined {
  const value = payload[field];
  return typeof value === 'string' ? value : undefined;
}

/** @throws Error where the step has no such number */
function number({ command, payload }: Step, field: string): number {
  const value = payload[field];
  if (typeof value !== 'number') throw new Error(`${command} has no number ${field}`);
  return value;
}
