import { LetopisError } from '@letopis/kernel';
import { type CliCommand, integerOf, textOf } from './cli-command';
import { play } from './play';
import { schoolScenario } from './scenario';
import { playFile, simulateYears, yearOptions } from './simulate-year';
import { withCore } from './with-core';

export const simulate: CliCommand = {
  name: 'simulate',
  about: 'carry out the scenario of a school year’s beginning, or a whole year, for any number of schools',
  options: {
    schools: { type: 'string', about: 'how many (default 1)' },
    seed: { type: 'string', about: 'the same seed gives the same schools (default 1)' },
    print: { type: 'boolean', about: 'print the commands as NDJSON instead of carrying them out' },
    ...yearOptions,
  },
  async run(values) {
    const file = textOf(values, 'play');
    if (file !== undefined) return playFile(file);
    if (values.year === true) return simulateYears(values);
    const schools = integerOf(values, 'schools', 1, 1, 100_000);
    const seed = integerOf(values, 'seed', 1, 0, 2 ** 31);
    const scenarios = Array.from({ length: schools }, (_, index) => index);
    if (values.print === true) {
      for (const index of scenarios) {
        const { organizationId, name, timeZone, steps } = schoolScenario(seed, index);
        process.stdout.write(`${JSON.stringify({ organizationId, name, timeZone })}\n`);
        for (const step of steps) process.stdout.write(`${JSON.stringify({ organizationId, ...step })}\n`);
      }
      return;
    }
    await withCore(async (core) => {
      let refused = 0;
      for (const index of scenarios) {
        const played = await play(core, schoolScenario(seed, index));
        refused += played.refused.length;
        process.stdout.write(`${played.organizationId}  ${played.commands} commands\n`);
        for (const reason of played.refused) process.stdout.write(`  refused: ${reason}\n`);
      }
      await core.projections.advance();
      if (refused > 0) throw new LetopisError('rule-violated', `${refused} commands were refused`);
    });
  },
};
