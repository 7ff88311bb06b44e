import startTestPostgres from './global-setup';
import { runLetopis } from './program';

/** PostgreSQL for all suites, and one build: suites that run side by side would build over each other. */
export default async function prepareEndToEnd(): Promise<void> {
  const { code, stderr } = await runLetopis(['--help']);
  if (code !== 0) throw new Error(`Letopis cannot be built:\n${stderr}`);
  await startTestPostgres();
}
