import type { GreeksReport } from '@cerberus/schema';
import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { timeOrNull, worstQuality } from '../document/fields.ts';
import {
  currentQuality,
  positionGreeksDocument,
  totalsDocument,
} from '../document/risk-document.ts';
import type { RouteContext } from '../route/route-context.ts';
import { DirtyFeed } from './dirty-feed.ts';

const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));
const SELECTION = Type.Object({ account_id: Text, underlying: Text });
type Selection = Static<typeof SELECTION>;

/** Greeks of every position, one report of an account and underlying at a time. */
export function greeksStream({ model, risk }: RouteContext): StreamSource<Selection> {
  const table = model.tables['risk.greeks'];
  const document = (reports: readonly GreeksReport[]) => ({
    positions: reports.flatMap((report) =>
      report.positions.map((greeks) => positionGreeksDocument(report, greeks, risk)),
    ),
    totals: reports.map((report) => totalsDocument(report, risk)),
    as_of: timeOrNull(reports.length === 0 ? null : Math.min(...reports.map((each) => each.as_of))),
    quality:
      reports.length === 0
        ? 'untrusted'
        : worstQuality(reports.map((report) => currentQuality(report, risk))),
  });
  return {
    name: 'greeks',
    delivery: 'conflate',
    selection: SELECTION,
    channelKey: ({ account_id, underlying }) => `${account_id ?? '*'} ${underlying ?? '*'}`,
    open: ({ account_id, underlying }) => {
      const wanted = (report: GreeksReport) =>
        (account_id === undefined || report.account_id === account_id) &&
        (underlying === undefined || report.underlying === underlying);
      return new DirtyFeed({
        listen: (changed) => table.onChange((key) => changed(key)),
        snapshot: () => document([...table.values()].filter(wanted)),
        updates: (keys) => {
          const reports = keys.flatMap((key) => table.get(key) ?? []).filter(wanted);
          const removed = keys.filter((key) => table.get(key) === undefined);
          if (reports.length === 0 && removed.length === 0) return [];
          return [{ type: 'greeks', data: { ...document(reports), removed } }];
        },
      });
    },
  };
}
