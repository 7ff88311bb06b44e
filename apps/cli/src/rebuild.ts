import { type CliCommand, textOf } from './cli-command';
import { withCore } from './with-core';

export const rebuild: CliCommand = {
  name: 'rebuild',
  about: 'build views anew from the events, compare, and switch',
  options: {
    view: { type: 'string', about: 'only this view (default: all)' },
    force: { type: 'boolean', about: 'switch although the new view differs from the old one' },
  },
  run: (values) =>
    withCore(async ({ projections }) => {
      const only = textOf(values, 'view');
      const names = only === undefined ? (await projections.status()).map(({ name }) => name) : [only];
      for (const result of await projections.rebuild(names, { force: values.force === true })) {
        process.stdout.write(
          `${JSON.stringify(result, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`,
        );
      }
    }),
};
