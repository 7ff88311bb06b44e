import { schoolScenario } from '../../apps/cli/src/scenario';
import { play } from '../../apps/cli/src/play';
import { startApplication, type TestApplication } from '../support/application';
import { KurrentDouble } from '../support/kurrentdb-double';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis';

interface Overview {
  readonly controls: readonly { readonly id: string; readonly status: string; readonly overdue: number }[];
}

/** What the director sees once everything of the scenario is in the views. */
async function overviewOf(application: TestApplication): Promise<Overview['controls']> {
  const scenario = schoolScenario(11, 0);
  const { position, refused } = await play(application.core, scenario);
  expect(refused).toEqual([]);
  const director = await application.as('director', { organizationId: scenario.organizationId });
  const asked = `compliance?asOf=2026-01-15T00:00:00Z&minPosition=${position}`;
  const { status, text, body } = await director.get<Overview>(asked);
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  return body.controls.map(({ id, status: state, overdue }) => ({ id, status: state, overdue }));
}

describeWithRedis('the same school on the services of production', () => {
  let redis: RedisServer;
  let kurrent: KurrentDouble;

  beforeAll(async () => {
    redis = await startRedis();
    kurrent = await KurrentDouble.start();
  });

  afterAll(async () => {
    await kurrent.stop();
    await redis.stop();
  });

  it('says the same of every control on KurrentDB and Redis as on embedded defaults', async () => {
    const embedded = await startApplication();
    const production = await startApplication({
      services: { redisUrl: redis.url, kurrentdbUrl: kurrent.url },
    });
    try {
      expect(await overviewOf(production)).toEqual(await overviewOf(embedded));
    } finally {
      await production.stop();
      await embedded.stop();
    }
  }, 90_000);
});
