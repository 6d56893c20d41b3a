import { ServiceFleet } from '@cerberus/testkit/service-fleet';
import { riskEngine } from '../src/index.ts';
import { FLEET_CONFIG, FLEET_TOPICS } from './fleet-config.ts';

/** One risk engine in a process of its own, to be killed: BROKER PREFIX FOLDER NAME. */
const [broker, prefix, folder, name] = process.argv.slice(2);
const fleet = await ServiceFleet.open({
  broker: broker!,
  of: { prefix: prefix!, folder: folder! },
  topics: FLEET_TOPICS,
});
await fleet.start(riskEngine, FLEET_CONFIG, name!);
