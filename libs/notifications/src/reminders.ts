import { calendarFor, ComplianceView, controlCatalogue } from '@letopis/compliance';
import { instant, isLetopisError } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { readOrganization } from '@letopis/school';
import { newsOf, occasionsOf } from './occasions';
import { Outbox } from './outbox';
import { SettingsStore, type Subscription } from './settings-store';
import { noticesOf } from './wording';

type ReminderParts = Pick<Core, 'database' | 'masterKey' | 'views' | 'clock' | 'log' | 'daysOff'>;

/**
 * Puts into the outbox what organisations want to be told of their findings: deadlines that approach or have passed,
 * breaches, those again that nobody attends to, and what was told to be mended. Nothing is told twice, whoever runs it and
 * however often. An organisation that fails is logged and keeps no other waiting.
 */
export async function sendReminders(core: ReminderParts): Promise<void> {
  const subscriptions = await new SettingsStore(core).subscriptions();
  const compliance = new ComplianceView({
    ...core,
    calendar: calendarFor(core),
    catalogue: controlCatalogue,
  });
  for (const organizationId of new Set(subscriptions.map((each) => each.organizationId))) {
    const own = subscriptions.filter((each) => each.organizationId === organizationId);
    try {
      await remind(core, compliance, organizationId, own);
    } catch (error) {
      // Nothing is on record of it yet, so there is nothing to remind it of.
      if (isLetopisError(error, 'not-found')) continue;
      core.log.error({ err: error, organizationId }, 'An organisation could not be reminded');
    }
  }
}

async function remind(
  core: ReminderParts,
  compliance: ComplianceView,
  organizationId: string,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const { controls } = await compliance.overview(organizationId);
  const idle = new Set(
    controls.filter(({ status }) => status === 'not-applicable').map(({ control }) => control),
  );
  const { findings } = await compliance.findings(organizationId);
  const judged = findings.filter(({ control }) => !idle.has(control));
  const { timeZone } = await readOrganization(core.views, organizationId);
  const now = instant(core.clock.now());
  const outbox = new Outbox(core);
  for (const subscription of subscriptions) {
    const { channel } = subscription;
    const occasions = occasionsOf(judged, now, subscription);
    const keys = new Set(
      occasions.flatMap(({ key, repeats }) => (repeats === undefined ? [key] : [key, repeats])),
    );
    const told = await outbox.told(organizationId, channel, [...keys]);
    const news = newsOf(occasions, told, now, subscription);
    await outbox.put(noticesOf(news, { organizationId, channel, timeZone }));
  }
}
