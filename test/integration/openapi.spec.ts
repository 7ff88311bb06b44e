import pino from 'pino';
import { createApplication, letopis, openApiOf } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import { EmbeddedIssuer, type Installation, migrateInstallation, openCore } from '@letopis/platform';
import { expectGolden } from '../golden/golden';
import { createInstallation } from '../support/application';

const HINT =
  'callers rely on it; where the change is meant, UPDATE_GOLDEN=1 npx jest test/integration/openapi --selectProjects integration';

describe('the description of the API', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await createInstallation(new EmbeddedIssuer(EmbeddedIssuer.generate()));
    await migrateInstallation(installation, letopis);
  });

  afterAll(() => installation.close());

  it('given the application, then its description is the one that was agreed upon', async () => {
    const core = await openCore(installation, letopis, {
      clock: systemClock,
      log: pino({ level: 'silent' }),
    });
    const app = await createApplication(core, installation.tokens, { requestsPerMinute: 0 });
    try {
      expectGolden('openapi.json', openApiOf(app, core.domain), HINT);
    } finally {
      await app.close();
      await core.close();
    }
  });
});
