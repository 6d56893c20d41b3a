import { Command, CommanderError } from 'commander';
import { describeFailure, exitCodeOf } from './commands/failure.ts';

type AddCommand = (program: Command) => void;

/** Loaded by name, so that pricing an option does not load every service. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  service: async () => (await import('./commands/service.ts')).addServiceCommand,
  topics: async () => (await import('./commands/topics.ts')).addTopicsCommand,
  'demo-book': async () => (await import('./commands/demo-book.ts')).addDemoBookCommand,
  up: async () => (await import('./commands/up.ts')).addUpCommand,
  record: async () => (await import('./commands/record.ts')).addRecordCommand,
  price: async () => (await import('./commands/price.ts')).addPriceCommand,
  greeks: async () => (await import('./commands/greeks.ts')).addGreeksCommand,
  iv: async () => (await import('./commands/implied-volatility.ts')).addImpliedVolatilityCommand,
  american: async () => (await import('./commands/american.ts')).addAmericanCommand,
  heston: async () => (await import('./commands/heston.ts')).addHestonCommand,
  order: async () => (await import('./commands/order.ts')).addOrderCommand,
  dlq: async () => (await import('./commands/dlq.ts')).addDlqCommand,
  risk: async () => (await import('./commands/risk.ts')).addRiskCommand,
  var: async () => (await import('./commands/value-at-risk.ts')).addVarCommand,
  stress: async () => (await import('./commands/stress.ts')).addStressCommand,
  'reverse-stress': async () =>
    (await import('./commands/reverse-stress.ts')).addReverseStressCommand,
  attribution: async () => (await import('./commands/attribution.ts')).addAttributionCommand,
  'backtest-var': async () => (await import('./commands/backtest.ts')).addBacktestCommand,
  garch: async () => (await import('./commands/garch.ts')).addGarchCommand,
  cointegration: async () => (await import('./commands/cointegration.ts')).addCointegrationCommand,
  basis: async () => (await import('./commands/basis.ts')).addBasisCommand,
  'vol-cone': async () => (await import('./commands/volatility-cone.ts')).addVolatilityConeCommand,
  surface: async () => (await import('./commands/surface.ts')).addSurfaceCommand,
  schedule: async () => (await import('./commands/schedule.ts')).addScheduleCommand,
  vectors: async () => (await import('./commands/vectors.ts')).addVectorsCommand,
};

const program = new Command('cerberus')
  .description('Trading risk and execution: live option risk, an order gate, one elected emitter')
  .version('0.1.0')
  .showHelpAfterError('(cerberus <command> --help says more)')
  .exitOverride();

try {
  const name = process.argv[2] ?? '';
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const loaders = named === undefined ? Object.values(COMMANDS) : [named];
  for (const load of loaders) (await load())(program);
  await program.parseAsync();
} catch (error) {
  // Commander has already said what it does not like.
  if (!(error instanceof CommanderError)) console.error(describeFailure(error));
  process.exit(exitCodeOf(error));
}
