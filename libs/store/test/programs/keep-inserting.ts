// Inserts rows one by one and says which were acknowledged, until it is killed.
import { connect, startEngine } from '../open-embedded.ts';

const [folder, mode] = process.argv.slice(2) as [string, string | undefined];
try {
  const engine = await startEngine(folder);
  const store = await connect(engine);
  await store.query('CREATE TABLE IF NOT EXISTS ack (id bigint PRIMARY KEY)');
  process.stdout.write(`ready ${engine.server.pid} ${engine.home}\n`);
  if (mode === 'once') {
    const { rows } = await store.query<{ uid: string }>('SELECT current_user AS uid');
    process.stdout.write(`user ${rows[0]?.uid}\n`);
    await store.close();
    await engine.stop();
  } else {
    for (;;) {
      const { rows } = await store.query<{ id: bigint }>(
        'INSERT INTO ack SELECT coalesce(max(id), 0) + 1 FROM ack RETURNING id',
      );
      process.stdout.write(`ack ${rows[0]?.id}\n`);
    }
  }
} catch (error) {
  process.stdout.write(`failed ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
