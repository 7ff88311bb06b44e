import { setTimeout as sleep } from 'node:timers/promises';
import { calendarFor, controlCatalogue, Evaluator, provisionalYearsAt } from '@letopis/compliance';
import { ImportService } from '@letopis/imports';
import { instant, LetopisError } from '@letopis/kernel';
import { openMax } from '@letopis/max';
import { NotificationService, sendReminders } from '@letopis/notifications';
import { type Core, LETOPIS, QUEUES } from '@letopis/platform';
import { ReportService } from '@letopis/reports';
import { overdueLinks } from '@letopis/school';

const SWEEP_MS = 5_000;
const TIMERS_MS = 30_000;
const LINKS_AT_ONCE = 500;
/** How often it is seen whose time has come; each bot and chat has a time of its own. */
const MAX_MS = 60_000;
const NOTIFICATIONS_MS = 5_000;
const REMINDERS_MS = 30_000;
/** What comes in within so short a time is judged together. */
const GATHER_MS = 100;
const ORGANIZATIONS_AT_ONCE = 100;

/**
 * Lets this process do the work behind the API: projections, policies, reports, and what only time brings about. Any
 * number of processes may; they share the work.
 */
export async function startWorker(core: Core): Promise<void> {
  const { jobs, projections, policies } = core;
  const reports = new ReportService(core);
  const imports = new ImportService(core);
  warnOfCalendar(core);

  await jobs.work(
    QUEUES.advance,
    async ({ name }) => {
      await projections.advance();
      await jobs.add(QUEUES.compliance, 'evaluate', {}, { collapse: 'evaluate', attempts: 1 });
      // The sweep: hints may be lost, and an organisation that a view stopped for may be fit again.
      if (name === 'sweep') await projections.retryFailures();
    },
    { concurrency: 1 },
  );
  await jobs.every(QUEUES.advance, 'sweep', SWEEP_MS);

  // In a queue of its own: what policies have to catch up with must not keep the views waiting.
  await jobs.work(QUEUES.policies, () => policies.run(), { concurrency: 1 });
  await jobs.every(QUEUES.policies, 'sweep', SWEEP_MS);

  // The sweep also finds deadlines that have run out without any event.
  const evaluator = new Evaluator({ ...core, calendar: calendarFor(core), catalogue: controlCatalogue });
  await jobs.work(
    QUEUES.compliance,
    async () => {
      // Not as a delay of the job: what is delayed may wait for a poll of the queue.
      await sleep(GATHER_MS);
      await judgeDue(core, evaluator);
    },
    { concurrency: 1 },
  );
  await jobs.every(QUEUES.compliance, 'sweep', SWEEP_MS);

  await jobs.work(
    QUEUES.reports,
    async ({ payload: { id }, progress, lastAttempt }) => {
      if (typeof id !== 'string') throw new LetopisError('invalid', 'The job names no report');
      await reports.make(id, progress, lastAttempt);
    },
    { concurrency: 2 },
  );

  await jobs.work(
    QUEUES.imports,
    async ({ payload: { id }, progress, lastAttempt }) => {
      if (typeof id !== 'string') throw new LetopisError('invalid', 'The job names no import');
      await imports.run(id, progress, lastAttempt);
    },
    // One after another: an import rests on those before it, pupils on classes and parents on pupils.
    { concurrency: 1 },
  );

  await jobs.work(
    QUEUES.timers,
    async () => {
      await expireLinks(core);
      await reports.requeue();
      await imports.requeue();
    },
    { concurrency: 1 },
  );
  await jobs.every(QUEUES.timers, 'tick', TIMERS_MS);

  // In a queue of its own: a messenger that does not answer must keep nothing else waiting.
  const max = openMax(core);
  await jobs.work(
    QUEUES.max,
    async () => {
      await max.subscriptions.checkDue();
      await max.rosters.reconcileDue();
    },
    { concurrency: 1 },
  );
  await jobs.every(QUEUES.max, 'tick', MAX_MS);

  // In a queue of its own, for the same reason: recipients may be slow.
  const notifications = new NotificationService(core);
  await jobs.work(
    QUEUES.notifications,
    ({ name }) => (name === 'remind' ? sendReminders(core) : notifications.deliverDue()),
    { concurrency: 1 },
  );
  await jobs.every(QUEUES.notifications, 'tick', NOTIFICATIONS_MS);
  await jobs.every(QUEUES.notifications, 'remind', REMINDERS_MS);

  // Whatever was recorded while nobody worked.
  await projections.advance();
  await policies.run();
}

/** Deadlines of working days near the turn of the year rest on the next year's calendar too. */
function warnOfCalendar(core: Core): void {
  const calendar = calendarFor(core);
  const years = provisionalYearsAt(calendar, instant(core.clock.now()));
  if (years.length > 0) {
    core.log.warn(
      { calendar: calendar.version, years },
      'No decree on days off is known for these years: deadlines of working days in them are provisional. ' +
        'When it is published, name it in LETOPIS_CALENDAR_FILE (docs/operating.md)',
    );
  }
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

/** Judges the organisations that are behind. One that cannot be judged must not keep the others waiting. */
async function judgeDue({ log }: Core, evaluator: Evaluator): Promise<void> {
  const failed = new Set<string>();
  for (;;) {
    const due = (await evaluator.due(ORGANIZATIONS_AT_ONCE + failed.size)).filter((id) => !failed.has(id));
    if (due.length === 0) return;
    for (const organizationId of due) {
      await evaluator.refresh(organizationId).catch((error: unknown) => {
        failed.add(organizationId);
        log.error({ err: error, organizationId }, 'Controls of an organisation could not be judged');
      });
    }
  }
}
