// Keeps the processes of a plan running, as the kubelet does in a real cluster:
//   node tools/cluster/supervisor.ts <plan.json>
// SIGHUP reads the plan again; SIGTERM ends all, the last of the data flow first.
import { readFileSync } from 'node:fs';
import { Child } from './child.ts';
import type { Plan } from './plan.ts';

const [planFile = ''] = process.argv.slice(2);
const children = new Map<string, Child>();
/** One change of the set at a time. */
let work = Promise.resolve();

function say(message: string): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), msg: message }));
}

async function apply(plan: Plan): Promise<void> {
  const wanted = new Set(plan.instances.map(({ name }) => name));
  const surplus = [...children].filter(([name]) => !wanted.has(name));
  await Promise.all(
    surplus.map(async ([name, child]) => {
      children.delete(name);
      await child.stop();
      say(`${name} was taken away`);
    }),
  );
  for (const instance of plan.instances) {
    if (children.has(instance.name)) continue;
    const child = new Child(instance, plan, say);
    children.set(instance.name, child);
    await child.start();
  }
}

async function end(): Promise<void> {
  for (const child of [...children.values()].reverse()) await child.stop();
  process.exit(0);
}

function readPlan(): void {
  work = work
    .then(() => apply(JSON.parse(readFileSync(planFile, 'utf8')) as Plan))
    .catch((error: unknown) => say(`the plan cannot be followed: ${String(error)}`));
}

process.on('SIGHUP', readPlan);
process.on('SIGTERM', () => {
  work = work.then(end);
});
// It outlives the terminal that started it.
process.on('SIGINT', () => undefined);
readPlan();
