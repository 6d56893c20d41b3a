import { Command, CommanderError } from 'commander';
import { addAmericanCommand } from './commands/american.ts';
import { addAttributionCommand } from './commands/attribution.ts';
import { addBacktestCommand } from './commands/backtest.ts';
import { addBasisCommand } from './commands/basis.ts';
import { addCointegrationCommand } from './commands/cointegration.ts';
import { describeFailure, exitCodeOf } from './commands/failure.ts';
import { addGarchCommand } from './commands/garch.ts';
import { addGreeksCommand } from './commands/greeks.ts';
import { addHestonCommand } from './commands/heston.ts';
import { addImpliedVolatilityCommand } from './commands/implied-volatility.ts';
import { addOrderCommand } from './commands/order.ts';
import { addPriceCommand } from './commands/price.ts';
import { addRecordCommand } from './commands/record.ts';
import { addReverseStressCommand } from './commands/reverse-stress.ts';
import { addRiskCommand } from './commands/risk.ts';
import { addScheduleCommand } from './commands/schedule.ts';
import { addStressCommand } from './commands/stress.ts';
import { addSurfaceCommand } from './commands/surface.ts';
import { addUpCommand } from './commands/up.ts';
import { addVarCommand } from './commands/value-at-risk.ts';
import { addVectorsCommand } from './commands/vectors.ts';

const program = new Command('cerberus')
  .description('Trading risk and execution: live option risk, an order gate, one elected emitter')
  .version('0.1.0')
  .showHelpAfterError('(cerberus <command> --help says more)')
  .exitOverride();

addUpCommand(program);
addRecordCommand(program);
addPriceCommand(program);
addGreeksCommand(program);
addImpliedVolatilityCommand(program);
addAmericanCommand(program);
addHestonCommand(program);
addOrderCommand(program);
addRiskCommand(program);
addVarCommand(program);
addStressCommand(program);
addReverseStressCommand(program);
addAttributionCommand(program);
addBacktestCommand(program);
addGarchCommand(program);
addCointegrationCommand(program);
addBasisCommand(program);
addSurfaceCommand(program);
addScheduleCommand(program);
addVectorsCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already said what it does not like.
  if (!(error instanceof CommanderError)) console.error(describeFailure(error));
  process.exit(exitCodeOf(error));
}
