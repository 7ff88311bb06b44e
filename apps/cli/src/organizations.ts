import { listOrganizations } from '@letopis/school';
import { type CliCommand } from './cli-command';
import { withCore } from './with-core';

export const organizations: CliCommand = {
  name: 'organizations',
  about: 'list the organisations',
  options: { json: { type: 'boolean', about: 'as JSON' } },
  run: (values) =>
    withCore(async ({ views, projections }) => {
      await projections.advance();
      const list = await listOrganizations(views);
      process.stdout.write(
        values.json === true
          ? `${JSON.stringify(list, null, 2)}\n`
          : list
              .map(({ organizationId, name, timeZone }) => `${organizationId}  ${name}  (${timeZone})\n`)
              .join(''),
      );
    }),
};
