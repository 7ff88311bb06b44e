import { join } from 'node:path';
import { type Pool } from 'pg';
import { controlCatalogue, productionCalendar, readMarks } from '@letopis/compliance';
import { type MigrationSet } from '@letopis/event-store';
import { instant, type Json, LetopisError, newId, parseJson } from '@letopis/kernel';
import { type Core, QUEUES } from '@letopis/platform';
import { readOrganization } from '@letopis/school';
import { controlReport } from './control-report';

export const reportMigrations: MigrationSet = {
  component: 'reports',
  directory: join(__dirname, 'migrations'),
};

export interface ReportRequest {
  readonly kind: 'control';
  /** The period, RFC 3339: from this instant on … */
  readonly from: string;
  /** … up to and not including this one. */
  readonly to: string;
}

export interface ReportView {
  readonly id: string;
  readonly kind: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  readonly progress: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** SHA-256 of the content's canonical JSON (RFC 8785). */
  readonly digest: string | null;
  readonly content: Json;
}

interface ReportRow {
  readonly id: string;
  readonly organization_id: string;
  readonly kind: string;
  readonly request: ReportRequest;
  readonly status: ReportView['status'];
  readonly progress: number;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly error: string | null;
  readonly digest: string | null;
  readonly content: string | null;
}

const CATCH_UP_MS = 60_000;

/** Reports are asked for, made by a job, and frozen. */
export class ReportService {
  private readonly database: Pool;

  constructor(private readonly core: Core) {
    this.database = core.database;
  }

  /** Records the request and queues its job. @throws LetopisError `invalid` where the period is none */
  async request(organizationId: string, requestedBy: string, request: ReportRequest): Promise<ReportView> {
    if (Date.parse(request.from) >= Date.parse(request.to)) {
      throw new LetopisError('invalid', 'The period is empty', {
        fields: [{ path: '/to', message: 'must be after from' }],
      });
    }
    // What is frozen before the period is over would call deadlines missed that are still to come.
    if (Date.parse(request.to) > this.core.clock.now().getTime()) {
      throw new LetopisError('invalid', 'The period is not over yet', {
        fields: [{ path: '/to', message: 'must not be in the future' }],
      });
    }
    const id = newId();
    await this.database.query(
      `INSERT INTO letopis.reports (id, organization_id, kind, request, requested_by, requested_at, status)
       VALUES ($1, $2, $3, $4, $5, $6, 'queued')`,
      [id, organizationId, request.kind, JSON.stringify(request), requestedBy, this.core.clock.now()],
    );
    // The request is on record: without its job the report is only late, until `requeue` finds it.
    await this.queue(id).catch((error: unknown) =>
      this.core.log.warn({ err: error, report: id }, 'A report has no job yet; it is queued again later'),
    );
    return this.read(organizationId, id);
  }

  /** @throws LetopisError `not-found` */
  async read(organizationId: string, id: string): Promise<ReportView> {
    const { rows } = await this.database.query<ReportRow>(
      'SELECT * FROM letopis.reports WHERE organization_id = $1 AND id = $2',
      [organizationId, id],
    );
    const [row] = rows;
    if (row === undefined) throw new LetopisError('not-found', 'There is no such report');
    return viewOf(row);
  }

  /**
   * Makes the report; the job's work. Safe to repeat: a report that is done stays as it is.
   *
   * @param progress told in percent
   */
  async make(id: string, progress: (percent: number) => Promise<void>, lastAttempt: boolean): Promise<void> {
    const { rows } = await this.database.query<ReportRow>(
      `UPDATE letopis.reports SET status = 'running', progress = 10 WHERE id = $1 AND status <> 'done' RETURNING *`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) return;
    try {
      await progress(10);
      const { content, digest } = await this.contentOf(row);
      await this.database.query(
        `UPDATE letopis.reports SET status = 'done', progress = 100, error = NULL, content = $2, digest = $3, finished_at = $4
         WHERE id = $1`,
        [id, content, digest, this.core.clock.now()],
      );
      await progress(100);
    } catch (error) {
      if (lastAttempt) {
        await this.database.query(
          `UPDATE letopis.reports SET status = 'failed', error = $2, finished_at = $3 WHERE id = $1 AND status <> 'done'`,
          [
            id,
            error instanceof LetopisError ? error.message : 'The report could not be made',
            this.core.clock.now(),
          ],
        );
      }
      throw error;
    }
  }

  /** Puts reports that are not done back in the queue, for those whose job was lost (Redis flushed or away). */
  async requeue(): Promise<void> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM letopis.reports WHERE status IN ('queued', 'running') ORDER BY requested_at LIMIT 100`,
    );
    for (const { id } of rows) await this.queue(id);
  }

  /** A job that has used up its attempts does not stand in the way of another, as it would under a job's own id. */
  private queue(id: string): Promise<void> {
    return this.core.jobs.add(QUEUES.reports, 'make', { id }, { collapse: `report-${id}` });
  }

  private async contentOf({ organization_id: organizationId, request }: ReportRow) {
    const { store, projections, views } = this.core;
    const position = await store.head();
    await projections.advance();
    await projections.waitFor(['compliance', 'organizations'], organizationId, position, CATCH_UP_MS);
    const { name, timeZone } = await readOrganization(views, organizationId);
    return controlReport(
      controlCatalogue,
      await readMarks(views, organizationId, { upTo: position }),
      {
        organizationId,
        organizationName: name,
        from: instant(new Date(request.from)),
        to: instant(new Date(request.to)),
        position,
      },
      { timeZone, calendar: productionCalendar },
    );
  }
}

function viewOf(row: ReportRow): ReportView {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    progress: row.progress,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    error: row.error,
    digest: row.digest,
    content: row.content === null ? null : parseJson(row.content),
  };
}
