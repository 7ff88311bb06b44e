import { type Pool } from 'pg';
import { LetopisError, type Role, ROLES } from '@letopis/kernel';
import { type MasterKey } from '@letopis/privacy';
import { IMPORT_KINDS, type ImportKindName } from './kind';
import { type ImportProblem } from './mistakes';
import { type ImportResult, NOTHING_YET } from './outcomes';
import { type Alias } from './people';

export type ImportStatus = 'queued' | 'running' | 'done' | 'failed';

/** An import as its owner sees it. */
export interface ImportView {
  readonly id: string;
  readonly kind: ImportKindName;
  /** Nothing is recorded: `result` tells what would be. */
  readonly dryRun: boolean;
  /** `failed`: the file as a whole could not be imported; its problem says why. */
  readonly status: ImportStatus;
  /** Percent. */
  readonly progress: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  readonly result: ImportResult;
  /** In the order of the rows as they were found, 5,000 at most. */
  readonly problems: readonly ImportProblem[];
  /** How many problems were left off. */
  readonly problemsLeftOff: number;
}

/** An import that has not ended. */
export interface OpenImport {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: ImportKindName;
  readonly dryRun: boolean;
  readonly sheet?: string;
  readonly caller: { readonly id: string; readonly roles: readonly Role[] };
  /** Number of the last row whose commands were carried out; undefined where the file has not been planned yet. */
  readonly doneThrough?: number;
  readonly findings: Findings;
  readonly file: Buffer;
}

/** What has been found out so far. */
export interface Findings {
  readonly result: ImportResult;
  readonly problems: readonly ImportProblem[];
  readonly problemsLeftOff: number;
}

/** Whoever mends five thousand problems imports anew before going on. */
const MAX_PROBLEMS = 5_000;

export const NO_FINDINGS: Findings = { result: NOTHING_YET, problems: [], problemsLeftOff: 0 };

/** The findings with more problems, as far as there is room for them. */
export function withProblems(findings: Findings, more: readonly ImportProblem[]): Findings {
  const problems = [...findings.problems, ...more];
  return {
    ...findings,
    problems: problems.slice(0, MAX_PROBLEMS),
    problemsLeftOff: findings.problemsLeftOff + Math.max(0, problems.length - MAX_PROBLEMS),
  };
}

interface ImportRow {
  readonly id: string;
  readonly organization_id: string;
  readonly kind: string;
  readonly dry_run: boolean;
  readonly sheet: string | null;
  readonly requested_by: string;
  readonly roles: readonly string[];
  readonly requested_at: Date;
  readonly status: ImportStatus;
  readonly progress: number;
  readonly done_through: number | null;
  readonly result: ImportResult;
  readonly problems: Buffer;
  readonly file: Buffer | null;
  readonly finished_at: Date | null;
}

type NewImport = Omit<OpenImport, 'doneThrough' | 'findings'> & { readonly requestedAt: Date };

/** Keeps imports in PostgreSQL: files and problems encrypted, files no longer than until the import has ended. */
export class ImportStore {
  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
  ) {}

  async create({
    id,
    organizationId,
    kind,
    dryRun,
    sheet,
    caller,
    file,
    requestedAt,
  }: NewImport): Promise<void> {
    await this.pool.query(
      `INSERT INTO letopis.imports
         (id, organization_id, kind, dry_run, sheet, requested_by, roles, requested_at, moved_at, status, result, problems, file)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'queued', $9, $10, $11)`,
      [
        id,
        organizationId,
        kind,
        dryRun,
        sheet ?? null,
        caller.id,
        caller.roles,
        requestedAt,
        JSON.stringify(NO_FINDINGS.result),
        this.sealed(id, NO_FINDINGS),
        this.masterKey.wrap(file, fileContext(id)),
      ],
    );
  }

  /** @throws LetopisError `not-found` */
  async read(organizationId: string, id: string): Promise<ImportView> {
    const { rows } = await this.pool.query<ImportRow>(
      'SELECT * FROM letopis.imports WHERE organization_id = $1 AND id = $2',
      [organizationId, id],
    );
    const [row] = rows;
    if (row === undefined) throw new LetopisError('not-found', 'There is no such import');
    return {
      id: row.id,
      kind: kindOf(row.kind),
      dryRun: row.dry_run,
      status: row.status,
      progress: row.progress,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
      ...this.opened(row),
    };
  }

  /** The import, now running; nothing where it has ended. */
  async begin(id: string, now: Date): Promise<OpenImport | undefined> {
    const { rows } = await this.pool.query<ImportRow>(
      `UPDATE letopis.imports SET status = 'running', moved_at = $2 WHERE id = $1 AND file IS NOT NULL RETURNING *`,
      [id, now],
    );
    const [row] = rows;
    if (row === undefined || row.file === null) return undefined;
    return {
      id,
      organizationId: row.organization_id,
      kind: kindOf(row.kind),
      dryRun: row.dry_run,
      sheet: row.sheet ?? undefined,
      caller: { id: row.requested_by, roles: ROLES.filter((role) => row.roles.includes(role)) },
      doneThrough: row.done_through ?? undefined,
      findings: this.opened(row),
      file: this.masterKey.unwrap(row.file, fileContext(id)),
    };
  }

  /**
   * Notes how far an import has come. False where somebody else has brought it further meanwhile: then whoever called
   * has to leave it alone.
   */
  async advance(
    { id, doneThrough: before }: Pick<OpenImport, 'id' | 'doneThrough'>,
    doneThrough: number,
    progress: number,
    findings: Findings,
    now: Date,
  ): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE letopis.imports SET done_through = $3, progress = $4, result = $5, problems = $6, moved_at = $7
       WHERE id = $1 AND done_through IS NOT DISTINCT FROM $2 AND file IS NOT NULL`,
      [
        id,
        before ?? null,
        doneThrough,
        progress,
        JSON.stringify(findings.result),
        this.sealed(id, findings),
        now,
      ],
    );
    return rowCount === 1;
  }

  /** Ends the import and forgets its file. */
  async finish(id: string, status: 'done' | 'failed', findings: Findings, now: Date): Promise<void> {
    await this.pool.query(
      `UPDATE letopis.imports
       SET status = $2, progress = 100, result = $3, problems = $4, file = NULL, moved_at = $5, finished_at = $5
       WHERE id = $1 AND file IS NOT NULL`,
      [id, status, JSON.stringify(findings.result), this.sealed(id, findings), now],
    );
  }

  /** Imports that have stood still since `before`, oldest first, at most 100. */
  async stillSince(before: Date): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      'SELECT id FROM letopis.imports WHERE file IS NOT NULL AND moved_at < $1 ORDER BY moved_at LIMIT 100',
      [before],
    );
    return rows.map(({ id }) => id);
  }

  /** By what the school's files have known people. */
  async aliases(organizationId: string): Promise<readonly Alias[]> {
    const { rows } = await this.pool.query<{ kind: Alias['kind']; alias: string; person_id: string }>(
      'SELECT kind, alias, person_id FROM letopis.import_people WHERE organization_id = $1',
      [organizationId],
    );
    return rows.map(({ kind, alias, person_id }) => ({ kind, alias, personId: person_id }));
  }

  async learn(organizationId: string, aliases: readonly Alias[]): Promise<void> {
    if (aliases.length === 0) return;
    await this.pool.query(
      `INSERT INTO letopis.import_people (organization_id, kind, alias, person_id)
       SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::uuid[]) ON CONFLICT DO NOTHING`,
      [
        organizationId,
        aliases.map(({ kind }) => kind),
        aliases.map(({ alias }) => alias),
        aliases.map(({ personId }) => personId),
      ],
    );
  }

  private sealed(id: string, { problems, problemsLeftOff }: Findings): Buffer {
    return this.masterKey.wrap(
      Buffer.from(JSON.stringify({ problems, problemsLeftOff })),
      problemsContext(id),
    );
  }

  private opened({ id, result, problems: sealed }: ImportRow): Findings {
    const text = this.masterKey.unwrap(sealed, problemsContext(id)).toString();
    const opened: unknown = JSON.parse(text);
    if (!isSealedPart(opened))
      throw new LetopisError('integrity-broken', 'The problems of an import are damaged');
    return { result, ...opened };
  }
}

function isSealedPart(value: unknown): value is Pick<Findings, 'problems' | 'problemsLeftOff'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'problems' in value &&
    Array.isArray(value.problems) &&
    'problemsLeftOff' in value &&
    typeof value.problemsLeftOff === 'number'
  );
}

function kindOf(name: string): ImportKindName {
  const kind = IMPORT_KINDS.find((candidate) => candidate === name);
  if (kind === undefined)
    throw new LetopisError('integrity-broken', 'An import of an unknown kind is on record');
  return kind;
}

function fileContext(id: string): string {
  return `import-file/${id}`;
}

function problemsContext(id: string): string {
  return `import-problems/${id}`;
}
