import {
  CHECK_NAMES,
  checkNamed,
  evaluate,
  type GateOrder,
  maxQuantity,
  RiskImpact,
} from '@cerberus/limits';
import { amountText, ORDER_BODY_LIMIT_BYTES, validationProblem } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { CHECK_ANSWER_SCHEMA, split } from '../document/decision-document.ts';
import { timeOrNull } from '../document/fields.ts';
import { type IntakeContext, ORDER_INPUT_SCHEMA, readOrder } from '../order-intake.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

export const CHECK_INPUT_SCHEMA = Type.Object(
  {
    order: ORDER_INPUT_SCHEMA,
    checks_requested: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 64 }),
    ),
  },
  { additionalProperties: false },
);
export type CheckInput = Static<typeof CHECK_INPUT_SCHEMA>;

/**
 * `POST /pre-trade-check`: the gate's checks on this process's replica of the gate. It moves and
 * reserves nothing, so it needs nobody's answer and is synchronous from body to document.
 */
export function checkRoutes(api: Api, context: RouteContext, paths: readonly string[]): void {
  const check = checker(context);
  for (const url of paths) {
    api.route({
      method: 'POST',
      url,
      bodyLimit: ORDER_BODY_LIMIT_BYTES,
      schema: {
        tags: ['orders'],
        summary: 'Would this order pass the gate?',
        description: 'Moves nothing and reserves nothing.',
        body: CHECK_INPUT_SCHEMA,
        response: answers(200, CHECK_ANSWER_SCHEMA),
      },
      handler: (request) => check(request.body as CheckInput, request.id),
    });
  }
}

type Checker = (input: CheckInput, id: string) => Record<string, unknown>;

function checker(context: RouteContext): Checker {
  const { model, gateway, catalogue } = context;
  const { clock } = gateway;
  const impact = new RiskImpact();
  const intake: IntakeContext = {
    instruments: model.instruments,
    catalogue,
    knowsAccount: (id) => model.knowsAccount(id),
    accountIds: () => model.accountIds(),
  };
  return (input, id) => {
    const startedMs = clock.monotonicMs();
    const terms = readOrder(input.order, intake);
    const order: GateOrder = { ...terms, order_id: `check-${id}`, kind: 'NEW' };
    const options = {
      nowUs: clock.nowUs(),
      notReady: model.isCaughtUp ? undefined : 'the gateway is still reading its topics',
      checksRequested: requested(input.checks_requested),
    };
    const judged = evaluate(model.gate, order, options);
    const risk = impact.measure(model.gate, order);
    const { blocks, warnings } = split(judged.checks);
    return {
      order_id: order.order_id,
      passed: judged.passed,
      checks_performed: judged.checks,
      warnings,
      blocks,
      risk_impact: { ...risk, as_of: timeOrNull(risk.as_of) },
      max_quantity: amountText(maxQuantity(model.gate, order, options)),
      reference_price: judged.referencePrice,
      as_of: timeOrNull(judged.referenceTimeUs),
      elapsed_us: Math.round((clock.monotonicMs() - startedMs) * 1000),
    };
  };
}

function requested(names: readonly string[] | undefined): string[] | undefined {
  return names?.map((name, index) => {
    const known = checkNamed(name);
    if (known !== undefined) return known;
    throw validationProblem([
      {
        path: `checks_requested.${index}`,
        expected: `one of ${CHECK_NAMES.join(', ')}`,
        received: name,
      },
    ]);
  });
}
