import { type Static, Type } from 'typebox';

const LIMIT_SEED = Type.Object(
  {
    type: Type.String({ minLength: 1, description: 'Check it belongs to, e.g. order_size' }),
    scope: Type.Union(
      [
        Type.Literal('FIRM'),
        Type.Literal('ACCOUNT'),
        Type.Literal('STRATEGY'),
        Type.Literal('UNDERLYING'),
        Type.Literal('SYMBOL'),
      ],
      {
        default: 'FIRM',
        description: 'What it applies to',
      },
    ),
    scopeId: Type.String({
      default: '*',
      minLength: 1,
      description: 'Which account, strategy, underlying or symbol; * is every one',
    }),
    unit: Type.String({ minLength: 1, description: 'Unit of the values, e.g. USD' }),
    soft: Type.Optional(Type.String({ description: 'Above it an order passes with a warning' })),
    hard: Type.Optional(Type.String({ description: 'Above it an order is blocked' })),
  },
  { description: 'One limit.' },
);

export type LimitSeed = Static<typeof LIMIT_SEED>;

const firm = { scope: 'FIRM', scopeId: '*' } as const;
const underlying = (scopeId: string) => ({ scope: 'UNDERLYING', scopeId }) as const;

/** Limits of a demonstration: wide enough to trade, tight enough to see every check at work. */
const DEMO_LIMITS: LimitSeed[] = [
  { type: 'order_size', ...firm, unit: 'quantity', soft: '5000', hard: '10000' },
  { type: 'order_size', ...underlying('BTC'), unit: 'quantity', soft: '5', hard: '10' },
  { type: 'order_size', ...underlying('ETH'), unit: 'quantity', soft: '100', hard: '200' },
  { type: 'notional', ...firm, unit: 'USD', soft: '500000', hard: '1000000' },
  { type: 'price_collar', ...firm, unit: 'bps', soft: '200', hard: '500' },
  { type: 'position', ...firm, unit: 'USD', soft: '4000000', hard: '5000000' },
  { type: 'position', ...underlying('BTC'), unit: 'quantity', soft: '20', hard: '25' },
  { type: 'position', ...underlying('ETH'), unit: 'quantity', soft: '400', hard: '500' },
  { type: 'var_99_1d', ...firm, unit: 'USD', soft: '100000' },
  { type: 'fat_finger', ...firm, unit: 'multiple', soft: '1000', hard: '10000' },
  { type: 'duplicate_order', ...firm, unit: 'ms', soft: '500' },
  { type: 'order_rate', ...firm, unit: 'orders/s', soft: '100', hard: '200' },
];

export const PRE_TRADE_SECTION = Type.Object(
  {
    approvalMs: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 600_000,
      description: 'How long an approval may be sent after it was given',
    }),
    limits: Type.Array(LIMIT_SEED, {
      default: DEMO_LIMITS,
      maxItems: 10_000,
      description:
        'Limits written at start where the limit table has none of their id; with none at all every order is blocked',
    }),
  },
  { description: 'The order gate.' },
);

export type PreTradeConfig = Static<typeof PRE_TRADE_SECTION>;
