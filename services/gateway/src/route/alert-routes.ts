import { ALERT_SEVERITY_VALUES, type Alert, type AlertSeverity } from '@cerberus/schema';
import { decodeCursor, encodeCursor, PAGE_LIMIT_DEFAULT, PAGE_QUERY } from '@cerberus/web';
import { Type } from 'typebox';
import { ALERT_SCHEMA, alertDocument } from '../document/control-document.ts';
import { page } from '../document/fields.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));

/** At least as severe as asked for. */
export function isAtLeast(severity: AlertSeverity, least: string | undefined): boolean {
  if (least === undefined) return true;
  const rank = ALERT_SEVERITY_VALUES.findIndex((each) => each.toLowerCase() === least);
  return ALERT_SEVERITY_VALUES.indexOf(severity) >= rank;
}

export function newestAlerts(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].sort(
    (a, b) => b.updated_at - a.updated_at || (a.alert_id < b.alert_id ? 1 : -1),
  );
}

export function alertRoutes(api: Api, { model }: RouteContext): void {
  const query = Type.Object(
    {
      ...PAGE_QUERY,
      severity: Type.Optional(Type.Enum([...SEVERITIES], { description: 'least severity' })),
      category: Text,
      state: Type.Optional(Type.Enum(['raised', 'acknowledged', 'resolved'])),
    },
    { additionalProperties: false },
  );
  api.get(
    '/alerts',
    {
      schema: {
        tags: ['alerts'],
        summary: 'Alerts, newest first',
        querystring: query,
        response: answers(200, page(ALERT_SCHEMA)),
      },
    },
    (request) => {
      const { severity, category, state, cursor, limit = PAGE_LIMIT_DEFAULT } = request.query;
      const [beforeUs, beforeId] =
        cursor === undefined ? [] : (decodeCursor(cursor, 2) as [number, string]);
      const alerts = newestAlerts(model.tables.alert.values()).filter(
        (alert) =>
          isAtLeast(alert.severity, severity) &&
          (category === undefined || alert.category === category) &&
          (state === undefined || alert.state.toLowerCase() === state) &&
          (beforeUs === undefined ||
            alert.updated_at < beforeUs ||
            (alert.updated_at === beforeUs && alert.alert_id < beforeId!)),
      );
      const items = alerts.slice(0, limit);
      const last = items.at(-1);
      const isMore = alerts.length > limit && last !== undefined;
      return {
        items: items.map(alertDocument),
        next_cursor: isMore ? encodeCursor([last.updated_at, last.alert_id]) : null,
      };
    },
  );
}
