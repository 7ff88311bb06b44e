import './global-setup';

/** Ends the server that `globalSetup` started, if it did. */
export default async function stopTestPostgres(): Promise<void> {
  await globalThis.stopTestPostgres?.();
}
