import { Controller, Get, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Gauge, Registry } from 'prom-client';
import { maxOverview } from '@letopis/max';
import { notificationOverview } from '@letopis/notifications';
import { Access, type Core, QUEUES } from '@letopis/platform';
import { CORE } from './tokens';

/** Whether Letopis lives, can serve, and how far its views are. */
@Controller()
export class OperationsController {
  private readonly registry = new Registry();

  constructor(@Inject(CORE) private readonly core: Core) {
    const gauge = (
      name: string,
      help: string,
      labelNames: readonly string[],
      collect: (this: Gauge) => Promise<void>,
    ): Gauge => new Gauge({ name, help, labelNames, collect, registers: [this.registry] });

    gauge('letopis_store_head', 'Position of the last recorded event', [], async function () {
      this.set(Number(await core.store.head()));
    });
    gauge(
      'letopis_projection_position',
      'Position that a view has reached',
      ['projection'],
      async function () {
        for (const { name, position } of await core.projections.status()) {
          this.set({ projection: name }, Number(position));
        }
      },
    );
    gauge(
      'letopis_projection_stopped',
      'Organisations for which a view stopped',
      ['projection'],
      async function () {
        for (const { name, failures } of await core.projections.status()) {
          this.set({ projection: name }, failures.length);
        }
      },
    );
    gauge(
      'letopis_max',
      'Bots of MAX, their gaps, unreadable chats, quarantine',
      ['what'],
      async function () {
        for (const [what, value] of Object.entries(await maxOverview(core.database))) {
          this.set({ what }, Number(value));
        }
      },
    );
    gauge(
      'letopis_notifications',
      'Notifications that have not arrived: on their way, or given up',
      ['status'],
      async function () {
        for (const [status, value] of Object.entries(await notificationOverview(core.database))) {
          this.set({ status }, value);
        }
      },
    );
    gauge('letopis_jobs', 'Jobs by queue and state', ['queue', 'state'], async function () {
      for (const queue of Object.values(QUEUES)) {
        for (const [state, value] of Object.entries(await core.jobs.status(queue))) {
          this.set({ queue, state }, Number(value));
        }
      }
    });
  }

  @Get('health/live')
  @Access('public')
  live() {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Access('public')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [projections, max, jobs] = await Promise.all([
      this.core.projections.status().catch(() => undefined),
      maxOverview(this.core.database).catch(() => undefined),
      this.core.jobs.ping().then(
        () => true,
        () => false,
      ),
    ]);
    const ready = projections !== undefined;
    const stopped = projections?.some(({ failures }) => failures.length > 0) === true;
    const gaps = (max?.gaps ?? 0) > 0;
    await reply.status(ready ? 200 : 503).send({
      status: !ready ? 'unavailable' : stopped || gaps || !jobs ? 'degraded' : 'ok',
      store: ready ? 'ok' : 'unavailable',
      jobs: jobs ? 'ok' : 'unavailable',
      max,
      projections: (projections ?? []).map(({ name, version, awaitsRebuild, position, lag, failures }) => ({
        name,
        version,
        awaitsRebuild,
        position: position.toString(),
        lag: lag.toString(),
        stoppedOrganizations: failures.length,
      })),
    });
  }

  @Get('metrics')
  @Access('public')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.registry.contentType).send(await this.registry.metrics());
  }
}
