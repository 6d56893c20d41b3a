import { type ProcessOrder, ServiceFleet } from './service-fleet.ts';

/** One instance of a fleet in a process of its own; what to run comes as JSON. */
const order = JSON.parse(process.argv[2] ?? '') as ProcessOrder;
const loaded = (await import(order.module)) as Record<string, unknown>;
const definition = loaded[order.definition] as Parameters<ServiceFleet['start']>[0];
const fleet = await ServiceFleet.open({
  broker: order.broker,
  topics: order.topics,
  of: { prefix: order.prefix, folder: order.folder },
});
await fleet.start(definition, order.config as never, order.instance);
