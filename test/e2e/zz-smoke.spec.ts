import { createDataDirectory, startProgram, runLetopis } from '../support/program';
it('smoke', async () => {
  const d = await createDataDirectory();
  let t = Date.now();
  const lap = (x: string) => { process.stderr.write(`${x} ${Date.now() - t}\n`); t = Date.now(); };
  const p = await startProgram({ dataDirectory: d.path }); lap('start');
  process.stderr.write(p.greeting);
  const t0 = await runLetopis(['organizations'], { LETOPIS_DATA_DIR: d.path }); lap('cli');
  process.stderr.write(JSON.stringify(t0));
  process.stderr.write(JSON.stringify((await p.stop()))); lap('stop');
  const q = await startProgram({ dataDirectory: d.path }); lap('second');
  await q.kill(); lap('kill');
  await d.remove(); lap('remove');
}, 120000);
