import { letopis } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import { type Core, createLog, type Installation, openCore } from '@letopis/platform';
import { play } from '../../apps/cli/src/play';
import { schoolScenario } from '../../apps/cli/src/scenario';
import { type Check, reached } from './results';
import { alternate } from './rounds';

const EVENTS = 50_000n;
const SCHOOLS_AT_ONCE = 16;
const SEED = 5;

/** Fills an empty store with simulated schools and builds every view anew, comparison and switch included. */
export async function measureRebuild(installation: Installation, rounds: number): Promise<readonly Check[]> {
  const core = await openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
  try {
    await fill(core);
    const { projections } = core;
    await projections.advance();
    const names = (await projections.status()).map(({ name }) => name);
    const events = Number(await core.store.head());
    const round = async (): Promise<number> => {
      const began = performance.now();
      await projections.rebuild(names);
      return (events * 1_000) / (performance.now() - began);
    };
    const [figure] = await alternate(rounds, [
      {
        name: `rebuild of ${names.length} views from ${events.toLocaleString('en')} events`,
        unit: 'events/s',
        round,
      },
    ]);
    return figure === undefined
      ? []
      : [reached('Rebuild of all views', figure, { sense: 'at least', value: 15_000 })];
  } finally {
    await core.close();
  }
}

async function fill(core: Core): Promise<void> {
  for (let school = 0; (await core.store.head()) < EVENTS; school += SCHOOLS_AT_ONCE) {
    const scenarios = Array.from({ length: SCHOOLS_AT_ONCE }, (_, index) =>
      schoolScenario(SEED, school + index),
    );
    const played = await Promise.all(scenarios.map((scenario) => play(core, scenario)));
    const refused = played.flatMap((each) => each.refused);
    if (refused.length > 0) throw new Error(`The scenario is refused: ${refused[0]}`);
  }
}
