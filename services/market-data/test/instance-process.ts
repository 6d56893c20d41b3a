import { ServiceFleet } from '@cerberus/testkit/service-fleet';
import { marketData } from '../src/index.ts';
import { FLEET_TOPICS, fleetConfig, type VenueUrls } from './fleet-config.ts';

/** One market-data service in a process of its own, to be killed: BROKER PREFIX FOLDER VENUE NAME. */
const [broker, prefix, folder, venue, name] = process.argv.slice(2);
const fleet = await ServiceFleet.open({
  ...{ broker: broker!, topics: FLEET_TOPICS, of: { prefix: prefix!, folder: folder! } },
});
await fleet.start(marketData, fleetConfig(JSON.parse(venue!) as VenueUrls), name!);
