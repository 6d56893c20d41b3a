import { Command, CommanderError } from 'commander';
import { addAmericanCommand } from './commands/american.ts';
import { describeFailure, exitCodeOf } from './commands/failure.ts';
import { addGreeksCommand } from './commands/greeks.ts';
import { addHestonCommand } from './commands/heston.ts';
import { addImpliedVolatilityCommand } from './commands/implied-volatility.ts';
import { addPriceCommand } from './commands/price.ts';
import { addUpCommand } from './commands/up.ts';
import { addVectorsCommand } from './commands/vectors.ts';

const program = new Command('cerberus')
  .description('Trading risk and execution: live option risk, an order gate, one elected emitter')
  .version('0.1.0')
  .showHelpAfterError('(cerberus <command> --help says more)')
  .exitOverride();

addUpCommand(program);
addPriceCommand(program);
addGreeksCommand(program);
addImpliedVolatilityCommand(program);
addAmericanCommand(program);
addHestonCommand(program);
addVectorsCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already said what it does not like.
  if (!(error instanceof CommanderError)) console.error(describeFailure(error));
  process.exit(exitCodeOf(error));
}
