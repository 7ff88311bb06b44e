import 'reflect-metadata';
import { letopis } from '@letopis/api';
import { migrateInstallation, openInstallation } from '@letopis/platform';
import { makeWorkplace } from './installation';
import { measureStore } from './store';

async function main(): Promise<void> {
  const workplace = await makeWorkplace();
  try {
    const installation = await openInstallation(workplace.config, () => undefined);
    try {
      await migrateInstallation(installation, letopis);
      for (const f of await measureStore(installation, 5)) console.log(f.name, Math.round(f.median), f.rounds.map(Math.round).join(' '));
    } finally {
      await installation.close();
    }
  } finally {
    await workplace.remove();
  }
}
void main();
