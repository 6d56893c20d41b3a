import ts from 'typescript';
import type { Finding } from './finding.ts';
import { forEachNode, lineOf, readSources } from './sources.ts';

/** Time and randomness enter through `Clock`, `Rng` and `IdSource`, or a replay is not a replay. */
const BANNED: Readonly<Record<string, string>> = {
  'Date.now': 'Clock.nowUs',
  'performance.now': 'Clock.monotonicMs',
  'process.hrtime': 'Clock.monotonicMs',
  'process.hrtime.bigint': 'Clock.monotonicMs',
  'Math.random': 'Rng',
  randomUUID: 'IdSource',
  'crypto.randomUUID': 'IdSource',
  setTimeout: 'Clock.after',
  setInterval: 'Clock.every',
  'globalThis.setTimeout': 'Clock.after',
  'globalThis.setInterval': 'Clock.every',
};
/** The one place that reads the machine's clock, and programs that are not part of the product's run. */
const EXEMPT = /^(libs\/runtime\/|libs\/testkit\/|services\/dashboard\/|tools\/|bench\/)/;
const VAGUE_NAME = /(^|\/)(utils?|helpers?|common|shared|misc|manager)(\/|\.tsx?$)/i;

export function checkBannedCalls(root: string): Finding[] {
  return readSources(root).flatMap(({ path, ast }) => {
    const findings: Finding[] = [];
    if (VAGUE_NAME.test(path)) {
      findings.push({ path, rule: 'vague-name', message: 'name it after what it holds' });
    }
    if (EXEMPT.test(path)) return findings;
    forEachNode(ast, (node) => {
      const name = calledName(node);
      const instead = name === undefined ? undefined : BANNED[name];
      if (instead === undefined) return;
      findings.push({
        path,
        line: lineOf(ast, node),
        rule: 'banned-call',
        message: `${name} is not deterministic: take ${instead} from the context`,
      });
    });
    return findings;
  });
}

function calledName(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node)) return node.expression.getText();
  const argumentless = ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0;
  return argumentless && node.expression.getText() === 'Date' ? 'Date.now' : undefined;
}
