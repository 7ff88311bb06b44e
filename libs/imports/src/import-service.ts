import {
  type AnyCommand,
  type AnyEvent,
  type Concept,
  fold,
  isLetopisError,
  LetopisError,
  newId,
  type Role,
  streamOf,
} from '@letopis/kernel';
import { canonicalJson } from '@letopis/ledger';
import { type Core, QUEUES } from '@letopis/platform';
import { readOrganization, structure, type Structure } from '@letopis/school';
import { importKinds } from './catalogue';
import { Groups } from './groups';
import {
  type Findings,
  ImportStore,
  type ImportView,
  NO_FINDINGS,
  type OpenImport,
  withProblems,
} from './import-store';
import { type ImportKindName } from './kind';
import { type ImportProblem, Mistake, problemOf } from './mistakes';
import { counted, problemOfRefusal, type StepOutcome, stepOutcomeOf } from './outcomes';
import { People } from './people';
import { planImport } from './plan';
import { type KeyedCommand, Rehearsal } from './rehearsal';
import { type PlannedCommand, type Register } from './sheet';
import { mustFit, readTable } from './table';

/** Who may import; which of the commands of a file are carried out depends on the roles of the caller. */
export const IMPORTERS = ['platform_admin', 'deputy', 'director'] as const satisfies readonly Role[];

/** Commands that are carried out together; between them the import can be taken up after a crash. */
const CHUNK = 1_000;
/** An import that has stood still so long has lost its job. A chunk takes seconds. */
const LOST_AFTER_MS = 2 * 60_000;

/** A file that somebody wants to be imported. */
export interface ImportRequest {
  readonly organizationId: string;
  readonly kind: ImportKindName;
  /** Only find out what would be recorded. */
  readonly dryRun: boolean;
  /** Name of the workbook's sheet; the first where it is left out. */
  readonly sheet?: string;
  readonly caller: { readonly id: string; readonly roles: readonly Role[] };
}

/** What is left of an import to be done. */
interface Work {
  readonly commands: readonly KeyedCommand[];
  readonly headingsRow: number;
  readonly findings: Findings;
}

/** Imports are asked for with a file, carried out by a job, and can be looked at meanwhile. */
export class ImportService {
  private readonly store: ImportStore;

  constructor(private readonly core: Core) {
    this.store = new ImportStore(core.database, core.masterKey);
  }

  /**
   * Records the request with its file, durably. `queue` or `run` does the rest.
   *
   * @returns the import's id
   * @throws LetopisError `too-large` for more than 20 MiB; `forbidden`; `not-found` where there is no such organisation
   */
  async accept(request: ImportRequest, file: Buffer): Promise<string> {
    mustFit(file.length);
    const roles = IMPORTERS.filter((role) => request.caller.roles.includes(role));
    if (roles.length === 0) throw new LetopisError('forbidden', `Imports are for: ${IMPORTERS.join(', ')}`);
    await readOrganization(this.core.views, request.organizationId);
    const id = newId();
    await this.store.create({
      ...request,
      id,
      caller: { id: request.caller.id, roles },
      file,
      requestedAt: this.core.clock.now(),
    });
    return id;
  }

  /** Gives the import a job. Where that fails it is only late, until `requeue` finds it. */
  async queue(id: string): Promise<void> {
    await this.core.jobs
      .add(QUEUES.imports, 'run', { id }, { collapse: `import-${id}` })
      .catch((error: unknown) =>
        this.core.log.warn({ err: error, import: id }, 'An import has no job yet; it is queued again later'),
      );
  }

  /** @throws LetopisError `not-found` */
  read(organizationId: string, id: string): Promise<ImportView> {
    return this.store.read(organizationId, id);
  }

  /** Puts imports back in the queue that have lost their job (a crash, Redis flushed or away). */
  async requeue(): Promise<void> {
    const before = new Date(this.core.clock.now().getTime() - LOST_AFTER_MS);
    for (const id of await this.store.stillSince(before)) await this.queue(id);
  }

  /**
   * Carries the import out; the job's work. Safe to repeat: goes on where the last run stopped, and what was recorded is
   * not recorded again.
   *
   * @param progress told in percent
   * @throws Error where Letopis itself has trouble; with `lastAttempt` the import has failed then, unless it is an outage
   */
  async run(id: string, progress: (percent: number) => Promise<void>, lastAttempt: boolean): Promise<void> {
    const open = await this.store.begin(id, this.core.clock.now());
    if (open === undefined) return;
    try {
      await this.carryOut(open, progress);
    } catch (error) {
      if (error instanceof Mistake) {
        await this.finish(open, 'failed', withProblems(open.findings, [problemOf(error, null)]));
        return;
      }
      if (lastAttempt && !isLetopisError(error, 'unavailable')) {
        const trouble = new Mistake(
          'Загрузка прервана из-за ошибки системы',
          'Обратитесь к администратору сервера',
        );
        await this.finish(open, 'failed', withProblems(open.findings, [problemOf(trouble, null)]));
      }
      throw error;
    }
  }

  private async carryOut(open: OpenImport, progress: (percent: number) => Promise<void>): Promise<void> {
    const { commands, headingsRow, findings: planned } = await this.workOf(open);
    let at = open;
    let findings = planned;
    if (open.dryRun) {
      const outcomes = await new Rehearsal(this.core, open).of(commands);
      findings = noted(findings, commands, outcomes, headingsRow);
    } else {
      // From here on the plan's problems are kept: what a later run would find has changed by what this one records.
      if (at.doneThrough === undefined && !(await this.advance(at, 0, 5, findings))) return;
      at = { ...at, doneThrough: at.doneThrough ?? 0 };
      for (let start = 0; start < commands.length; start += CHUNK) {
        const chunk = commands.slice(start, start + CHUNK);
        const outcomes = await this.execute(open, chunk);
        findings = noted(findings, chunk, outcomes, headingsRow);
        const percent = 5 + Math.floor(((start + chunk.length) / commands.length) * 95);
        const doneThrough = chunk.at(-1)?.row ?? 0;
        if (!(await this.advance(at, doneThrough, percent, findings))) return;
        at = { ...at, doneThrough };
        await progress(percent);
      }
    }
    await this.finish(open, 'done', findings);
  }

  private advance(
    at: OpenImport,
    doneThrough: number,
    percent: number,
    findings: Findings,
  ): Promise<boolean> {
    return this.store.advance(at, doneThrough, percent, findings, this.core.clock.now());
  }

  private async finish(open: OpenImport, status: 'done' | 'failed', findings: Findings): Promise<void> {
    await this.store.finish(open.id, status, findings, this.core.clock.now());
    const { id, organizationId, kind, dryRun, caller } = open;
    this.core.log.info(
      { import: id, organizationId, kind, dryRun, caller: caller.id, status, result: findings.result },
      'An import has ended',
    );
  }

  /** @throws Mistake where the file as a whole cannot be imported */
  private async workOf(open: OpenImport): Promise<Work> {
    const table = await readTable(open.file, open.sheet);
    const plan = await planImport(importKinds[open.kind], table, await this.register(open.organizationId));
    const keyed = plan.commands.map((command) => ({
      ...command,
      idempotencyKey: this.keyOf(open.kind, command),
    }));
    const headingsRow = table.headings.number;
    const forbidden = this.forbidden(open, keyed);
    const allowed = keyed.filter(({ command }) => !forbidden.has(command));
    if (open.doneThrough !== undefined) {
      const { doneThrough, findings } = open;
      return { commands: allowed.filter(({ row }) => row > doneThrough), headingsRow, findings };
    }
    const problems = [...plan.problems, ...problemsOfForbidden(forbidden, allowed.length > 0)];
    const errors = new Set(problems.flatMap(({ severity, row }) => (severity === 'error' ? [row] : [])));
    errors.delete(null);
    const result = {
      rows: plan.rows,
      rowsWithErrors: errors.size,
      commands: [...new Set(keyed.map(({ command }) => command))].map((command) => ({
        command,
        titleRu: this.declarationOf(command).titleRu,
        recorded: 0,
        unchanged: 0,
        refused: 0,
        notAllowed: forbidden.has(command) ? keyed.filter((other) => other.command === command).length : 0,
      })),
    };
    return { commands: allowed, headingsRow, findings: withProblems({ ...NO_FINDINGS, result }, problems) };
  }

  private async register(organizationId: string): Promise<Register> {
    const { views, masterKey, clock } = this.core;
    const { timeZone } = await readOrganization(views, organizationId);
    const { groups } = await this.structureOf(organizationId);
    return {
      organizationId,
      timeZone,
      now: clock.now(),
      groups: new Groups(
        [...groups].flatMap(([groupId, { kind, title, live }]) => (live ? [{ groupId, kind, title }] : [])),
      ),
      people: new People(
        (...parts) => masterKey.pseudonym('import', organizationId, ...parts),
        await this.store.aliases(organizationId),
      ),
    };
  }

  private async structureOf(organizationId: string): Promise<Structure> {
    const { store, catalogue } = this.core;
    const events = await store.readStream({ organizationId, stream: streamOf(structure, organizationId) });
    return stateAfter(
      structure,
      events.map((event) => catalogue.upcast(event)),
    );
  }

  private async execute(open: OpenImport, chunk: readonly KeyedCommand[]): Promise<readonly StepOutcome[]> {
    const { organizationId, caller, id } = open;
    const outcomes = await this.core.commands.executeAll(
      chunk.map(({ command, payload, idempotencyKey }) => ({
        name: command,
        organizationId,
        payload,
        caller,
        source: 'import' as const,
        idempotencyKey,
        correlationId: id,
      })),
    );
    const told = outcomes.map(stepOutcomeOf);
    await this.store.learn(
      organizationId,
      chunk.flatMap(({ aliases = [] }, index) => (told[index]?.kind === 'refused' ? [] : aliases)),
    );
    return told;
  }

  /** The same content is the same command, from whichever file and however often. */
  private keyOf(kind: ImportKindName, { command, payload }: PlannedCommand): string {
    return `import/${kind}/${this.core.masterKey.digest(canonicalJson({ command, payload }))}`;
  }

  private forbidden(
    { caller }: OpenImport,
    commands: readonly PlannedCommand[],
  ): ReadonlyMap<string, AnyCommand> {
    const declarations = [...new Set(commands.map(({ command }) => command))].map((name) =>
      this.declarationOf(name),
    );
    return new Map(
      declarations
        .filter(({ actors }) => !caller.roles.some((role) => actors.includes(role)))
        .map((declaration) => [declaration.name, declaration]),
    );
  }

  private declarationOf(name: string): AnyCommand {
    const declaration = this.core.domain.commands.find((command) => command.name === name);
    if (declaration === undefined) throw new LetopisError('not-found', `There is no command "${name}"`);
    return declaration;
  }
}

/** The findings with the outcomes of these commands. */
function noted(
  findings: Findings,
  commands: readonly PlannedCommand[],
  outcomes: readonly StepOutcome[],
  headingsRow: number,
): Findings {
  let { result } = findings;
  const problems: ImportProblem[] = [];
  for (const [index, command] of commands.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    result = counted(result, command.command, outcome.kind);
    if (outcome.kind !== 'refused') continue;
    problems.push(problemOfRefusal(command, headingsRow, outcome.error));
    if (command.row !== headingsRow) result = { ...result, rowsWithErrors: result.rowsWithErrors + 1 };
  }
  return withProblems({ ...findings, result }, problems);
}

function stateAfter<State, Event extends AnyEvent>(
  concept: Concept<State, Event>,
  events: readonly AnyEvent[],
): State {
  const ofAny: Concept<State> = concept;
  return fold(ofAny, events);
}

/** Roles as they are named to people. */
const BY_ROLE: Readonly<Partial<Record<Role, string>>> = {
  platform_admin: 'администратор',
  deputy: 'заместитель руководителя',
  director: 'руководитель',
};

/** Where the caller may do a part of what the file asks for, the rest waits for somebody else: no error. */
function problemsOfForbidden(
  forbidden: ReadonlyMap<string, AnyCommand>,
  something: boolean,
): readonly ImportProblem[] {
  return [...forbidden.values()].map(({ titleRu, actors }) => {
    const who = actors.flatMap((role) => BY_ROLE[role] ?? []).join(' или ');
    return problemOf(
      new Mistake(`Не выполнено «${titleRu}»: это делает ${who}`, `Пусть этот же файл загрузит ${who}`),
      null,
      something ? 'notice' : 'error',
    );
  });
}
