import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IdempotentWrites, ProblemCatalogue, TypeBoxTypeProvider } from '@cerberus/web';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { RiskContext } from '../document/risk-document.ts';
import type { ReadModel } from '../model/read-model.ts';
import type { OrderCommands } from '../order-commands.ts';
import type { GatewayContext } from '../ports.ts';

/** What routes and streams work with. */
export interface RouteContext {
  readonly gateway: GatewayContext;
  readonly model: ReadModel;
  readonly commands: OrderCommands;
  readonly writes: IdempotentWrites;
  readonly risk: RiskContext;
  readonly catalogue: ProblemCatalogue;
}

/** A fastify instance whose requests are typed by their TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export const PROBLEM_SCHEMA = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    request_id: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String(), expected: Type.String(), received: Type.String() }),
      ),
    ),
  },
  { description: 'Problem document of RFC 9457', additionalProperties: true },
);

/** Answers of a route: the good one, and problems. */
export function answers(status: number, schema: TSchema): Record<string, TSchema> {
  return { [status]: schema, '4XX': PROBLEM_SCHEMA, '5XX': PROBLEM_SCHEMA };
}
