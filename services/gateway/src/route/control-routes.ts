import type { EpochUs } from '@cerberus/core';
import { type KillSwitch, SCOPE_VALUES } from '@cerberus/schema';
import { HANDLER_TIMEOUT_MS, HttpProblem, type WriteAnswer } from '@cerberus/web';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import {
  INSTRUMENT_SCHEMA,
  instrumentDocument,
  KILL_SCHEMA,
  killDocument,
  LEADER_SCHEMA,
  LIMIT_SCHEMA,
  leaderDocument,
  limitDocument,
} from '../document/control-document.ts';
import { Measure, Reasons } from '../document/fields.ts';
import { GATEWAY_ERRORS } from '../errors.ts';
import { usageOf } from '../model/limit-usage.ts';
import { unknownAccount } from '../order-intake.ts';
import { askerOf } from './order-routes.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

const TAGS = ['control'];
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));

/** Scopes that the contract lets a switch have. */
const KILL_SCOPES = ['firm', 'account', 'strategy'] as const;
export const FIRM_ID = 'firm';
/** A switch that was set is waited for, so that a read after the answer shows it. */
const SEEN_WITHIN_MS = 2_000;

const KILL_BODY = Type.Object(
  {
    scope: Type.Enum([...KILL_SCOPES]),
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    cancel_open: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
const RELEASE_BODY = Type.Object(
  {
    scope: Type.Enum([...KILL_SCOPES]),
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    cancel_open: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export function killRoutes(api: Api, context: RouteContext): void {
  const { model, writes } = context;
  api.get(
    '/kill-switch',
    {
      schema: {
        tags: TAGS,
        summary: 'Kill switches, engaged or released',
        response: answers(200, Type.Object({ items: Type.Array(KILL_SCHEMA) })),
      },
    },
    () => ({ items: [...model.tables['control.kill'].values()].map(killDocument) }),
  );
  for (const [method, engaged, body] of [
    ['POST', true, KILL_BODY],
    ['DELETE', false, RELEASE_BODY],
  ] as const) {
    api.route({
      method,
      url: '/kill-switch',
      handlerTimeout: HANDLER_TIMEOUT_MS,
      config: { right: 'control' },
      schema: {
        tags: TAGS,
        summary: engaged ? 'Engage a kill switch' : 'Release a kill switch',
        body,
        response: answers(200, KILL_SCHEMA),
      },
      handler: writes.handler((request, key) => setKill(request, { key, engaged }, context)),
    });
  }
}

async function setKill(
  request: FastifyRequest,
  { key, engaged }: { readonly key: string | undefined; readonly engaged: boolean },
  { model, commands, gateway }: RouteContext,
): Promise<WriteAnswer> {
  const body = request.body as Static<typeof RELEASE_BODY>;
  const id = switchId(body, model);
  const table = model.tables['control.kill'];
  const scope = SCOPE_VALUES.find((each) => each.toLowerCase() === body.scope)!;
  const known = table.get(`${scope}|${id}`);
  if (!engaged && known?.engaged !== true) {
    throw new HttpProblem(GATEWAY_ERRORS.NOT_ENGAGED, {
      detail: `No kill switch of ${body.scope} ${id} is engaged.`,
    });
  }
  const kill: KillSwitch = {
    scope,
    scope_id: id,
    engaged,
    cancel_open: engaged && (body.cancel_open ?? false),
    reason: body.reason ?? 'released',
    set_by: `${request.principal.owner} (key ${request.principal.keyId})`,
    set_at: gateway.clock.nowUs() as EpochUs,
    revision: (known?.revision ?? 0) + 1,
  };
  const seen = new Promise<void>((resolve) => {
    const stop = table.onChange((_key, value) => {
      if (value?.scope !== scope || value.scope_id !== id || value.set_at < kill.set_at) return;
      timer.cancel();
      stop();
      resolve();
    });
    const timer = gateway.clock.after(SEEN_WITHIN_MS, () => {
      stop();
      resolve();
    });
  });
  await commands.setKill(kill, askerOf(request, key));
  await seen;
  return { status: 200, body: killDocument(kill) };
}

/** A switch for something that does not exist would look like safety and be none. */
function switchId(body: Static<typeof RELEASE_BODY>, model: RouteContext['model']): string {
  if (body.scope === 'firm') return FIRM_ID;
  if (body.id === undefined) {
    throw new HttpProblem(GATEWAY_ERRORS.SCOPE_UNKNOWN, {
      errors: [{ path: 'id', expected: `the ${body.scope} to stop`, received: 'nothing' }],
    });
  }
  if (body.scope === 'account' && !model.knowsAccount(body.id)) {
    throw unknownAccount(body.id, model, 'id');
  }
  return body.id;
}

export function controlRoutes(api: Api, context: RouteContext): void {
  const { model } = context;
  const query = Type.Object({ limit_type: Text, account: Text }, { additionalProperties: false });
  api.get(
    '/limits',
    {
      schema: {
        tags: TAGS,
        summary: 'Limits and how far they are used',
        querystring: query,
        response: answers(
          200,
          Type.Object({
            limits: Type.Array(LIMIT_SCHEMA),
            utilization: Type.Record(Type.String(), Measure),
            reasons: Reasons,
          }),
        ),
      },
    },
    (request) => {
      const { limit_type: type, account } = request.query;
      const limits = [...model.tables['control.limit'].values()]
        .filter(
          (limit) =>
            (type === undefined ||
              limit.limit_type === type ||
              `${limit.limit_type}_limit` === type) &&
            (account === undefined ||
              limit.scope !== 'ACCOUNT' ||
              ['*', account].includes(limit.scope_id)),
        )
        .sort((a, b) => (a.limit_id < b.limit_id ? -1 : 1));
      const metrics = [...model.tables['risk.metrics'].values()];
      const usages = limits.map(
        (limit) => [limit.limit_id, usageOf(limit, { metrics, gate: model.gate })] as const,
      );
      return {
        limits: limits.map(limitDocument),
        utilization: Object.fromEntries(usages.map(([id, usage]) => [id, usage.utilization])),
        reasons: Object.fromEntries(
          usages.flatMap(([id, { reason }]) => (reason === undefined ? [] : [[id, reason]])),
        ),
      };
    },
  );
  api.get(
    '/leader',
    {
      schema: {
        tags: TAGS,
        summary: 'Who leads each single-active service',
        response: answers(200, Type.Object({ items: Type.Array(LEADER_SCHEMA) })),
      },
    },
    () => ({ items: leaderDocuments(context) }),
  );
}

function leaderDocuments({ gateway, model }: RouteContext): Record<string, unknown>[] {
  const table = model.tables['control.leader'];
  return [...table.entries()].map(([service, leader]) => {
    const saidAt = table.entry(service)?.producedAtUs ?? leader.since;
    // What was read at the start of this process arrived just now and may be old all the same.
    const sinceSaidMs = (gateway.clock.nowUs() - saidAt) / 1000;
    const silentMs = Math.max(sinceSaidMs, table.ageMs(service) ?? 0);
    return leaderDocument(leader, { saidAt, silentMs });
  });
}

export function referenceRoutes(api: Api, { model }: RouteContext): void {
  const query = Type.Object(
    { symbol: Text, venue: Text, kind: Text, underlying: Text },
    { additionalProperties: false },
  );
  api.get(
    '/instruments',
    {
      schema: {
        tags: ['reference'],
        summary: 'Instruments with the state of their price feeds',
        querystring: query,
        response: answers(200, Type.Object({ items: Type.Array(INSTRUMENT_SCHEMA) })),
      },
    },
    (request) => {
      const { symbol, venue, kind, underlying } = request.query;
      const items = [...model.tables['ref.instrument'].values()]
        .filter(
          (each) =>
            (symbol === undefined || each.symbol === symbol || each.instrument_id === symbol) &&
            (venue === undefined || each.venue === venue) &&
            (kind === undefined || each.kind === kind.toUpperCase()) &&
            (underlying === undefined || each.underlying === underlying),
        )
        .sort((a, b) => (a.instrument_id < b.instrument_id ? -1 : 1))
        .map((each) => instrumentDocument(each, model.tables['md.status'].get(each.instrument_id)));
      return { items };
    },
  );
}
