import { Command } from 'commander';
import { describeFailure } from './commands/failure.ts';
import { addUpCommand } from './commands/up.ts';

const program = new Command('cerberus')
  .description('Trading risk and execution: live option risk, an order gate, one elected emitter')
  .version('0.1.0')
  .showHelpAfterError('(cerberus <command> --help says more)');

addUpCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
