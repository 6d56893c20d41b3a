import { type Static, Type } from 'typebox';

const BALANCES = (description: string, initial: Record<string, string>) =>
  Type.Record(Type.String(), Type.String({ pattern: '^\\d+(\\.\\d+)?$' }), {
    default: initial,
    description,
  });

export const VENUE_SIM_SECTION = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address listened on' }),
    spotPort: Type.Integer({
      default: 9201,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of spot: REST, streams and control; 0 takes any free one',
    }),
    futuresPort: Type.Integer({
      default: 9202,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of USD-M futures; 0 takes any free one',
    }),
    seed: Type.Integer({
      default: 1,
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'Same seed and time, same prices',
    }),
    latencyMs: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 60_000,
      description: 'One-way delay of requests and of answers',
    }),
    leverage: Type.Integer({
      default: 20,
      minimum: 1,
      maximum: 125,
      description: 'Futures notional per unit of margin',
    }),
    weightLimits: Type.Object(
      {
        spot: Type.Integer({ default: 6000, minimum: 1, description: 'Of spot' }),
        usdm: Type.Integer({ default: 2400, minimum: 1, description: 'Of USD-M futures' }),
      },
      { description: 'Request weight granted per minute' },
    ),
    flushLedger: Type.Boolean({
      default: false,
      description: 'Flush the ledger to the disk at every record: survives a crash of the machine',
    }),
    accounts: Type.Array(
      Type.Object({
        name: Type.String({ default: 'cerberus', minLength: 1, description: 'Account name' }),
        apiKey: Type.String({ default: 'simulated-key', minLength: 1, description: 'API key' }),
        secret: Type.String({
          default: 'simulated-secret',
          minLength: 1,
          secret: true,
          description: 'Secret that signs its requests; good at the simulator only',
        }),
        spot: BALANCES('First spot balances', { USDT: '1000000', BTC: '10', ETH: '100' }),
        futures: BALANCES('First futures wallet', { USDT: '1000000' }),
      }),
      {
        default: [
          {
            name: 'cerberus',
            apiKey: 'simulated-key',
            secret: 'simulated-secret',
            spot: { USDT: '1000000', BTC: '10', ETH: '100' },
            futures: { USDT: '1000000' },
          },
        ],
        maxItems: 100,
        description: 'Accounts of the simulated venue',
      },
    ),
    replay: Type.Array(
      Type.Object({
        market: Type.Union([Type.Literal('spot'), Type.Literal('usdm')], {
          description: 'Market of the symbol',
        }),
        symbol: Type.String({ minLength: 1, description: 'Symbol that plays the capture' }),
        file: Type.String({ minLength: 1, description: 'Capture, plain or gzip' }),
        speed: Type.Number({
          default: 1,
          minimum: 0,
          maximum: 1_000_000,
          description: '1 as recorded, N times as fast; 0 as fast as the machine goes',
        }),
      }),
      {
        default: [],
        maxItems: 20,
        description: 'Symbols that play captures; others are generated',
      },
    ),
  },
  { description: 'Simulated Binance for paper trading and tests.' },
);

export type VenueSimConfig = Static<typeof VENUE_SIM_SECTION>;
