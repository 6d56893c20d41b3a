import ts from 'typescript';
import type { Finding } from './finding.ts';
import { forEachNode, lineOf, readSources } from './sources.ts';

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 60;
/** One formula with its derivatives is one function: cut apart, it is no longer read as the formula. */
const KERNEL_FUNCTION_LINES_MAX = 80;
const PARAMETERS_MAX = 4;
/** Numerical kernels take what their formula takes: spot, strike, time, rate, yield, volatility. */
const KERNELS = /^libs\/(stats|pricing|surface|risk|algos|simd)\//;
/** Test suites are long by listing cases; the contract suites of the ports are such suites. */
const TESTS = /(^|\/)test\/|-contract\.ts$/;

export function checkSize(root: string): Finding[] {
  return readSources(root, { tests: true }).flatMap(({ path, text, ast }) => {
    const findings: Finding[] = [];
    const lines = text.split('\n').length - 1;
    if (lines > FILE_LINES_MAX) {
      findings.push({
        path,
        rule: 'file-size',
        message: `${lines} lines, at most ${FILE_LINES_MAX}`,
      });
    }
    if (TESTS.test(path)) return findings;
    const linesMax = KERNELS.test(path) ? KERNEL_FUNCTION_LINES_MAX : FUNCTION_LINES_MAX;
    forEachNode(ast, (node) => {
      if (!isFunctionWithBody(node)) return;
      const line = lineOf(ast, node);
      const length = ast.getLineAndCharacterOfPosition(node.end).line + 2 - line;
      const name = functionName(node);
      if (length > linesMax && !path.endsWith('.tsx')) {
        const message = `${name} has ${length} lines, at most ${linesMax}`;
        findings.push({ path, line, rule: 'function-size', message });
      }
      if (node.parameters.length > PARAMETERS_MAX && !KERNELS.test(path)) {
        const message = `${name} takes ${node.parameters.length} parameters, at most ${PARAMETERS_MAX}: use an options object`;
        findings.push({ path, line, rule: 'parameters', message });
      }
    });
    return findings;
  });
}

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function functionName(node: ts.FunctionLikeDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
    ? parent.name.getText()
    : 'function';
}
