import { LetopisError } from '@letopis/kernel';
import { ADVANCE_QUEUE, type Core, LETOPIS } from '@letopis/platform';
import { REPORTS_QUEUE, ReportService } from '@letopis/reports';
import { overdueLinks } from '@letopis/school';

const SWEEP_MS = 5_000;
const POLICIES_QUEUE = 'policies';
const TIMERS_QUEUE = 'timers';
const TIMERS_MS = 30_000;
const LINKS_AT_ONCE = 500;

/**
 * Lets this process do the work behind the API: projections, policies, reports, and what only time brings about. Any
 * number of processes may; they share the work.
 */
export async function startWorker(core: Core): Promise<void> {
  const { jobs, projections, policies } = core;
  const reports = new ReportService(core);

  await jobs.work(
    ADVANCE_QUEUE,
    async ({ name }) => {
      await projections.advance();
      // The sweep: hints may be lost, and an organisation that a view stopped for may be fit again.
      if (name === 'sweep') await projections.retryFailures();
    },
    { concurrency: 1 },
  );
  await jobs.every(ADVANCE_QUEUE, 'sweep', SWEEP_MS);

  // In a queue of its own: what policies have to catch up with must not keep the views waiting.
  await jobs.work(POLICIES_QUEUE, () => policies.run(), { concurrency: 1 });
  await jobs.every(POLICIES_QUEUE, 'sweep', SWEEP_MS);

  await jobs.work(
    REPORTS_QUEUE,
    async ({ payload: { id }, progress, lastAttempt }) => {
      if (typeof id !== 'string') throw new LetopisError('invalid', 'The job names no report');
      await reports.make(id, progress, lastAttempt);
    },
    { concurrency: 2 },
  );

  await jobs.work(
    TIMERS_QUEUE,
    async () => {
      await expireLinks(core);
      await reports.requeue();
    },
    { concurrency: 1 },
  );
  await jobs.every(TIMERS_QUEUE, 'tick', TIMERS_MS);
  // Whatever was recorded while nobody worked.
  await projections.advance();
  await policies.run();
}

/** Links whose time is over: the record says so, and the decider has the last word. */
async function expireLinks({ views, clock, commands }: Core): Promise<void> {
  const links = await overdueLinks(views, clock.now(), LINKS_AT_ONCE);
  await commands.executeAll(
    links.map(({ organizationId, linkId }) => ({
      name: 'ExpireInvitationLink',
      organizationId,
      payload: { linkId },
      caller: LETOPIS,
      source: 'system',
      idempotencyKey: `expire/${linkId}`,
    })),
  );
}
