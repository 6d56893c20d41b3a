import { writeFileSync } from 'node:fs';
import { VenueLedger } from '../services/venue-sim/src/exchange/ledger.ts';

/*
 * Loaded into `cerberus up` by `--import`: notes when the simulated venue accepts an order, on the
 * monotonic clock that all processes of the machine share (ns), where its own ledger has ms. The
 * notes are written when the process ends, so that they cost the order path next to nothing.
 */

const path = process.env['CERBERUS_BENCH_STAMPS'];

if (path !== undefined) {
  const stamps: [clientOrderId: string, ns: string][] = [];
  const append = VenueLedger.prototype.append;
  VenueLedger.prototype.append = function (records) {
    for (const record of records) {
      if (record.kind === 'accept') {
        stamps.push([record.client_order_id, `${process.hrtime.bigint()}`]);
      }
    }
    return append.call(this, records);
  };
  process.on('exit', () => writeFileSync(path, JSON.stringify(stamps)));
}
