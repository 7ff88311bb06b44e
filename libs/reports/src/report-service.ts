import { join } from 'node:path';
import { type Pool } from 'pg';
import { type MigrationSet } from '@letopis/event-store';
import { instant, LetopisError, newId, parseJson, wallClock } from '@letopis/kernel';
import { type Core, LETOPIS, QUEUES } from '@letopis/platform';
import { listOrganizations } from '@letopis/school';
import { comparisonOf, type Difference, differencesOf, type ReportComparison } from './comparison';
import {
  type ControlReportContent,
  frozen,
  type ReportContent,
  type ReportPeriod,
  type ReportWords,
} from './content';
import { FOUNDER_TIME_ZONE } from './founder-report';
import { type Progress, ReportMaker } from './report-maker';
import {
  checkRegistered,
  readStandings,
  readTrail,
  type ReportCheck,
  type ReportStanding,
  type Revision,
} from './reports.projection';

export const reportMigrations: MigrationSet = {
  component: 'reports',
  directory: join(__dirname, 'migrations'),
};

/** A report on one school. */
export interface ReportRequest extends ReportWords {
  readonly kind: 'control';
  /** The period, RFC 3339: from this instant on … */
  readonly from: string;
  /** … up to and not including this one. */
  readonly to: string;
  /** The report that this one is to take the place of. */
  readonly revises?: string;
}

/** A report on many schools. */
export interface FounderReportRequest {
  readonly kind: 'founder';
  readonly from: string;
  readonly to: string;
  /** On which schools. */
  readonly organizations: readonly string[];
  /** The IANA time zone whose clock the documents show; `FOUNDER_TIME_ZONE` where it is absent. */
  readonly timeZone?: string;
}

export type ReportStatus = 'queued' | 'running' | 'done' | 'failed';

/** A report without what it shows. */
export interface ReportSummary extends ReportStanding {
  readonly id: string;
  readonly kind: ReportContent['kind'];
  readonly period: ReportPeriod;
  readonly status: ReportStatus;
  readonly progress: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** SHA-256 of the content's canonical JSON (RFC 8785). */
  readonly digest: string | null;
  readonly revises: string | null;
}

export interface ReportView extends ReportSummary {
  /** All reports that took each other's place, this one among them, as they were made. */
  readonly trail: readonly Revision[];
  /** Null until the report is done. */
  readonly content: ReportContent | null;
}

export interface ReportPage {
  readonly items: readonly ReportSummary[];
  /** Where the next page begins; absent on the last one. */
  readonly nextCursor?: string;
}

/** What a report would say if it were made again. */
export interface Recomputation {
  /** Of the report as it is frozen. */
  readonly digest: string;
  /** Of what was made now. */
  readonly recomputed: string;
  /** Whether nothing differs, but for the position where more is known now. */
  readonly equal: boolean;
  /** From the frozen content to that of now; the first 200. */
  readonly differences: readonly Difference[];
}

/** Whose reports on many schools somebody may see: those on all schools, or those on this one alone. */
export type FounderScope = 'all' | { readonly organizationId: string };

interface ReportRow {
  readonly id: string;
  readonly organization_id: string | null;
  readonly kind: ReportContent['kind'];
  readonly request: ReportRequest | FounderReportRequest;
  readonly position: string;
  readonly status: ReportStatus;
  readonly progress: number;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly error: string | null;
  readonly digest: string | null;
}

interface FrozenRow extends ReportRow {
  readonly content: ReportContent | null;
}

const COLUMNS = `id, organization_id, kind, request, position, status, progress, requested_by, requested_at, finished_at,
  error, digest`;
const FROZEN = `${COLUMNS}, content::json AS content`;
const MOST_DIFFERENCES = 200;
/** How many reports may be recomputed at a time: each takes a school's marks into memory. */
const MOST_RECOMPUTED = 2;
const MOST_YEARS = 5;
/** How long a report that is done may wait for its registration before it is tried again. */
const REGISTRATION_MS = 30_000;

const UNTOLD: Progress = () => Promise.resolve();

/**
 * Reports are asked for, made by a job, frozen, and registered in the record. Up to which position of the store events
 * count is settled when a report is asked for, so its job can be repeated, and what it made be recomputed.
 */
export class ReportService {
  private readonly database: Pool;
  private readonly maker: ReportMaker;
  private recomputing = 0;

  constructor(private readonly core: Core) {
    this.database = core.database;
    this.maker = new ReportMaker(core);
  }

  /**
   * Records the request and queues its job.
   *
   * @throws LetopisError `invalid` where the period is none, or there is no finished report to revise
   */
  async request(organizationId: string, requestedBy: string, request: ReportRequest): Promise<ReportView> {
    const period = this.periodOf(request);
    if (request.revises !== undefined) await this.mustBeDone(organizationId, request.revises);
    const id = await this.ask(organizationId, requestedBy, { ...request, ...period });
    return this.read(organizationId, id);
  }

  /**
   * Records the request for a report on schools of the scope, on all of them where none are named, and queues its job.
   *
   * @throws LetopisError `invalid` where the period or the time zone is none, or a school is named that is not there
   */
  async requestFounder(
    scope: FounderScope,
    requestedBy: string,
    request: ReportPeriod & Partial<Pick<FounderReportRequest, 'organizations' | 'timeZone'>>,
  ): Promise<ReportView> {
    const period = this.periodOf(request);
    const timeZone = timeZoneOf(request);
    const organizations = await this.schoolsOf(scope, request.organizations);
    const id = await this.ask(null, requestedBy, { kind: 'founder', ...period, organizations, timeZone });
    return this.readFounder(scope, id);
  }

  /** @throws LetopisError `not-found` */
  async read(organizationId: string, id: string): Promise<ReportView> {
    const { rows } = await this.database.query<FrozenRow>(
      `SELECT ${FROZEN} FROM letopis.reports WHERE organization_id = $1 AND id = $2`,
      [organizationId, id],
    );
    const row = found(rows);
    const [standings, trail] = await Promise.all([
      readStandings(this.core.views, organizationId, [id]),
      readTrail(this.core.views, organizationId, id),
    ]);
    return { ...summaryOf(row, standings.get(id)), trail, content: row.content };
  }

  /** @throws LetopisError `not-found`, also where the report is on other schools than those of the scope */
  async readFounder(scope: FounderScope, id: string): Promise<ReportView> {
    const { rows } = await this.database.query<FrozenRow>(
      `SELECT ${FROZEN} FROM letopis.reports WHERE organization_id IS NULL AND id = $1`,
      [id],
    );
    const row = found(rows);
    const { request } = row;
    const within =
      scope === 'all' ||
      (request.kind === 'founder' && request.organizations.every((one) => one === scope.organizationId));
    if (!within) throw noSuchReport();
    return { ...summaryOf(row, undefined), trail: [], content: row.content };
  }

  /** The organisation's reports, the latest first. @throws LetopisError `invalid` for a cursor of another question */
  async list(
    organizationId: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<ReportPage> {
    const seal = (place: string): string =>
      this.core.masterKey.digest(JSON.stringify(['reports', organizationId, place]));
    const [at, before] = placeOf(cursor, seal);
    const { rows } = await this.database.query<ReportRow>(
      `SELECT ${COLUMNS} FROM letopis.reports
       WHERE organization_id = $1 AND ($2::timestamptz IS NULL OR (requested_at, id) < ($2, $3::uuid))
       ORDER BY requested_at DESC, id DESC LIMIT $4`,
      [organizationId, at, before, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const ids = shown.map(({ id }) => id);
    const standings = await readStandings(this.core.views, organizationId, ids);
    const last = shown.at(-1);
    const place = last === undefined ? '' : `${last.requested_at.getTime()}_${last.id}`;
    return {
      items: shown.map((row) => summaryOf(row, standings.get(row.id))),
      ...(rows.length > limit && { nextCursor: `${place}.${seal(place)}` }),
    };
  }

  /**
   * Makes the report again, as known when it was asked for or as known now, and tells what differs. Nothing is kept.
   *
   * @throws LetopisError `not-found`; `conflict` while it is not done; `throttled` where others are being recomputed
   */
  async recompute(organizationId: string, id: string, known: 'then' | 'now'): Promise<Recomputation> {
    const { digest, content } = await this.done(organizationId, id);
    if (this.recomputing >= MOST_RECOMPUTED) {
      throw new LetopisError('throttled', 'Other reports are being recomputed', { retryAfterSeconds: 10 });
    }
    this.recomputing += 1;
    try {
      const { basisRu, goalRu, objectRu, methodsRu, period } = content;
      const position = known === 'then' ? BigInt(content.position) : await this.core.store.head();
      const again = await this.maker.controlReport(
        organizationId,
        { period, position, words: { basisRu, goalRu, objectRu, methodsRu } },
        UNTOLD,
      );
      const made = frozen(again);
      // More being known now is what was asked for, no difference.
      const compared = known === 'then' ? made : frozen({ ...again, position: content.position });
      const equal = compared.digest === digest;
      return {
        digest,
        recomputed: made.digest,
        equal,
        differences: equal
          ? []
          : differencesOf(parseJson(frozen(content).text), parseJson(compared.text), MOST_DIFFERENCES),
      };
    } finally {
      this.recomputing -= 1;
    }
  }

  /**
   * What changed from one of two reports to the other; the one whose period ends earlier is the earlier one.
   *
   * @throws LetopisError `not-found`; `conflict` while one of them is not done
   */
  async compare(
    organizationId: string,
    id: string,
    otherId: string,
  ): Promise<{ readonly before: string; readonly after: string } & ReportComparison> {
    const one = await this.done(organizationId, id);
    const other = await this.done(organizationId, otherId);
    const isEarlier =
      one.content.asOf === other.content.asOf
        ? BigInt(one.content.position) < BigInt(other.content.position)
        : one.content.asOf < other.content.asOf;
    const [before, after] = isEarlier ? [one, other] : [other, one];
    return { before: before.id, after: after.id, ...comparisonOf(before.content, after.content) };
  }

  /** Whether there is a report with this digest, of whichever school: nothing of what it says. */
  async check(digest: string): Promise<ReportCheck> {
    const registered = await checkRegistered(this.core.views, digest);
    if (registered.known) return registered;
    const { rows } = await this.database.query<{ request: FounderReportRequest; finished_at: Date }>(
      `SELECT request, finished_at FROM letopis.reports WHERE digest = $1 AND kind = 'founder' ORDER BY finished_at LIMIT 1`,
      [digest],
    );
    const [row] = rows;
    if (row === undefined) return { known: false };
    const { from, to } = row.request;
    return {
      known: true,
      organizationName: null,
      period: { from, to },
      registeredAt: row.finished_at.toISOString(),
      approvedAt: null,
      withdrawn: false,
    };
  }

  /**
   * Makes and registers the report; the job's work. Safe to repeat: a report that is done stays as it is, and is
   * registered once.
   *
   * @param progress told in percent: 10 waiting for views, 30 evaluated, 60 built, 90 stored, 100 registered
   */
  async make(id: string, progress: Progress, lastAttempt: boolean): Promise<void> {
    const { rows } = await this.database.query<ReportRow>(
      `UPDATE letopis.reports SET status = 'running', progress = 10 WHERE id = $1 AND status <> 'done' RETURNING ${COLUMNS}`,
      [id],
    );
    const [row] = rows;
    if (row !== undefined) {
      try {
        await this.freeze(row, progress);
      } catch (error) {
        if (lastAttempt) await this.giveUp(id, error);
        throw error;
      }
    }
    await this.register(id);
    await progress(100);
  }

  /**
   * Puts reports that are not done, or done and not registered, back in the queue: for those whose job was lost (Redis
   * flushed or away, a process that ended in between).
   */
  async requeue(): Promise<void> {
    const { rows } = await this.core.views.query<{ id: string }>(
      `(SELECT id FROM letopis.reports WHERE status IN ('queued', 'running') ORDER BY requested_at LIMIT 100)
       UNION ALL
       (SELECT id FROM letopis.reports
        WHERE status = 'done' AND kind = 'control' AND finished_at < $1
          AND NOT EXISTS (SELECT FROM report_register r
                          WHERE r.organization_id = reports.organization_id AND r.report_id = reports.id)
        ORDER BY finished_at LIMIT 100)`,
      [new Date(this.core.clock.now().getTime() - REGISTRATION_MS)],
    );
    for (const { id } of rows) await this.queue(id);
  }

  /** @throws LetopisError `invalid` where the period is none, or not one that a report can be made of yet */
  private periodOf(request: ReportPeriod): ReportPeriod {
    const refused = (path: string, message: string, detail: string): LetopisError =>
      new LetopisError('invalid', detail, { fields: [{ path, message }] });
    const [from, to] = [new Date(request.from), new Date(request.to)];
    if (from >= to) throw refused('/to', 'must be after from', 'The period is empty');
    // What is frozen before the period is over would call deadlines missed that are still to come.
    if (to > this.core.clock.now()) {
      throw refused('/to', 'must not be in the future', 'The period is not over yet');
    }
    const longest = new Date(from);
    longest.setUTCFullYear(longest.getUTCFullYear() + MOST_YEARS);
    if (to > longest)
      throw refused('/from', `must be within ${MOST_YEARS} years of to`, 'The period is too long');
    return { from: instant(from), to: instant(to) };
  }

  /** @throws LetopisError `invalid` where the organisation has no finished report with this id */
  private async mustBeDone(organizationId: string, id: string): Promise<void> {
    const { rows } = await this.database.query(
      `SELECT FROM letopis.reports WHERE organization_id = $1 AND id = $2 AND status = 'done'`,
      [organizationId, id],
    );
    if (rows.length > 0) return;
    throw new LetopisError('invalid', 'There is no such report to take the place of', {
      fields: [{ path: '/revises', message: 'must be a finished report of the organisation' }],
    });
  }

  /** Of the schools of the scope those that are named, or all. @throws LetopisError `invalid` where one is not there */
  private async schoolsOf(
    scope: FounderScope,
    named: readonly string[] | undefined,
  ): Promise<readonly string[]> {
    const schools = (await listOrganizations(this.core.views))
      .map(({ organizationId }) => organizationId)
      .filter((id) => scope === 'all' || id === scope.organizationId)
      .sort();
    if (named === undefined) return schools;
    const strange = named.findIndex((id) => !schools.includes(id));
    if (strange >= 0) {
      throw new LetopisError('invalid', 'There is no such organisation', {
        fields: [{ path: `/organizations/${strange}`, message: 'must be an organisation of the caller' }],
      });
    }
    return schools.filter((id) => named.includes(id));
  }

  /** Records a request, with the position up to which events count in it. @returns the report's id */
  private async ask(
    organizationId: string | null,
    requestedBy: string,
    request: ReportRequest | FounderReportRequest,
  ): Promise<string> {
    const { store, clock, log } = this.core;
    const id = newId();
    await this.database.query(
      `INSERT INTO letopis.reports (id, organization_id, kind, request, position, requested_by, requested_at, status)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued')`,
      [
        ...[id, organizationId, request.kind, JSON.stringify(request)],
        ...[await store.head(), requestedBy, clock.now()],
      ],
    );
    // The request is on record: without its job the report is only late, until `requeue` finds it.
    await this.queue(id).catch((error: unknown) =>
      log.warn({ err: error, report: id }, 'A report has no job yet; it is queued again later'),
    );
    return id;
  }

  /** A job that has used up its attempts does not stand in the way of another, as it would under a job's own id. */
  private queue(id: string): Promise<void> {
    return this.core.jobs.add(QUEUES.reports, 'make', { id }, { collapse: `report-${id}` });
  }

  /** A report on the organisation that is done. @throws LetopisError `not-found`, `conflict` */
  private async done(
    organizationId: string,
    id: string,
  ): Promise<{ readonly id: string; readonly digest: string; readonly content: ControlReportContent }> {
    const { rows } = await this.database.query<FrozenRow>(
      `SELECT ${FROZEN} FROM letopis.reports WHERE organization_id = $1 AND id = $2`,
      [organizationId, id],
    );
    const { digest, content } = found(rows);
    if (content?.kind !== 'control' || digest === null) throw notDone();
    return { id, digest, content };
  }

  private async freeze(row: ReportRow, progress: Progress): Promise<void> {
    const told: Progress = async (percent) => {
      await this.database.query(
        `UPDATE letopis.reports SET progress = $2 WHERE id = $1 AND status = 'running'`,
        [row.id, percent],
      );
      await progress(percent);
    };
    const { text, digest } = frozen(await this.made(row, told));
    await this.database.query(
      `UPDATE letopis.reports SET status = 'done', progress = 100, error = NULL, content = $2, digest = $3, finished_at = $4
       WHERE id = $1 AND status <> 'done'`,
      [row.id, text, digest, this.core.clock.now()],
    );
    await progress(90);
  }

  private async giveUp(id: string, error: unknown): Promise<void> {
    await this.database.query(
      `UPDATE letopis.reports SET status = 'failed', error = $2, finished_at = $3 WHERE id = $1 AND status <> 'done'`,
      [
        id,
        error instanceof LetopisError ? error.message : 'The report could not be made',
        this.core.clock.now(),
      ],
    );
  }

  private made(
    { organization_id: organizationId, request, position }: ReportRow,
    progress: Progress,
  ): Promise<ReportContent> {
    const { from, to } = request;
    const question = { period: { from, to }, position: BigInt(position) };
    if (request.kind === 'founder') {
      const { organizations, timeZone = FOUNDER_TIME_ZONE } = request;
      return this.maker.founderReport(organizations, { ...question, timeZone }, progress);
    }
    if (organizationId === null) throw new Error('A report on one school names none');
    const { basisRu, goalRu, objectRu, methodsRu } = request;
    const words = { basisRu, goalRu, objectRu, methodsRu };
    return this.maker.controlReport(organizationId, { ...question, words }, progress);
  }

  /** Records that the report was made, under a key of its own: however often it is tried, it is recorded once. */
  private async register(id: string): Promise<void> {
    const { rows } = await this.database.query<ReportRow>(
      `SELECT ${COLUMNS} FROM letopis.reports WHERE id = $1 AND status = 'done'`,
      [id],
    );
    const [row] = rows;
    // A founder's report is on many schools: there is none whose record it belongs to.
    if (row === undefined || row.request.kind !== 'control') return;
    if (row.organization_id === null || row.digest === null) return;
    const { from, to, revises } = row.request;
    await this.core.commands.execute({
      name: 'RegisterControlReport',
      organizationId: row.organization_id,
      payload: {
        ...{ reportId: id, digest: row.digest, kind: row.kind, from, to },
        ...(revises !== undefined && { revises }),
      },
      caller: LETOPIS,
      source: 'system',
      idempotencyKey: `report/${id}`,
    });
  }
}

/** @throws LetopisError `invalid` where it is none */
function timeZoneOf({ timeZone = FOUNDER_TIME_ZONE }: Pick<FounderReportRequest, 'timeZone'>): string {
  try {
    wallClock(0, timeZone);
    return timeZone;
  } catch (cause) {
    throw new LetopisError('invalid', 'There is no such time zone', {
      fields: [{ path: '/timeZone', message: 'must be an IANA time zone such as Europe/Moscow' }],
      cause,
    });
  }
}

/** @throws LetopisError `conflict` */
export function notDone(): LetopisError {
  return new LetopisError('conflict', 'The report is not done yet');
}

function noSuchReport(): LetopisError {
  return new LetopisError('not-found', 'There is no such report');
}

function found<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw noSuchReport();
  return row;
}

const NOTHING: ReportStanding = {
  registeredAt: null,
  approval: null,
  acknowledgements: [],
  withdrawn: null,
  revisedBy: [],
};

function summaryOf(row: ReportRow, standing: ReportStanding = NOTHING): ReportSummary {
  const { from, to } = row.request;
  return {
    id: row.id,
    kind: row.kind,
    period: { from, to },
    status: row.status,
    progress: row.progress,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    error: row.error,
    digest: row.digest,
    revises: row.request.kind === 'control' ? (row.request.revises ?? null) : null,
    ...standing,
  };
}

/** Where the page begins: after which report. */
function placeOf(
  cursor: string | undefined,
  seal: (place: string) => string,
): readonly [Date | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [place = '', signature] = cursor.split('.');
  const [, at, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(place) ?? [];
  if (at === undefined || id === undefined || signature !== seal(place)) {
    throw new LetopisError('invalid', 'The cursor belongs to another question', {
      fields: [{ path: '/cursor', message: 'must be a nextCursor of the same question' }],
    });
  }
  return [new Date(Number(at)), id];
}
