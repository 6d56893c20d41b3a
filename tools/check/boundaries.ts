import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import type { Finding } from './finding.ts';

const L0 = 'core';
const L1 = 'model|schema';
const L2 = 'stats|pricing|surface|risk|limits|orders|algos|tca|features|quality|simd';
const L3 = 'runtime|bus|coordination|store|cache|web|venues';
const lib = (names: string) => `^libs/(${names})/`;
const above = (from: string, to: string, name: string, comment: string) => ({
  name,
  comment,
  severity: 'error' as const,
  from: { path: lib(from) },
  to: { path: to },
});

/** The layers of CONTRIBUTING.md. Every rule is shown failing in tools/check/test. */
const RULES: IFlattenedRuleSet = {
  forbidden: [
    above(L0, `^(libs/(?!core/)|services/)`, 'core-imports-nothing', 'core is the lowest layer'),
    above(L1, `^(libs/(?!(${L0}|${L1})/)|services/)`, 'no-upward-import', 'L1 imports L0 and L1'),
    above('schema', '^libs/model/', 'no-upward-import', 'schema stands below model'),
    above(L2, `^(libs/(${L3})/|services/)`, 'no-upward-import', 'kernels import L0 to L2'),
    above(L3, '^services/', 'no-upward-import', 'libraries import no service'),
    above('runtime', lib(L3.replace('runtime|', '')), 'no-upward-import', 'runtime knows no port'),
    {
      name: 'kernels-are-pure',
      comment: 'kernels do no I/O: no Node built-in',
      severity: 'error',
      from: { path: lib(`${L0}|${L2}`), pathNot: '/test/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-service-imports-service',
      comment: 'services meet on topics only; services/cerberus composes them',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/(cerberus|[^/]+/test)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'no-service-imports-service',
      comment: 'tests of a service may trade with the simulated venue, and with nothing else',
      severity: 'error',
      from: { path: '^services/([^/]+)/test/', pathNot: '^services/cerberus/' },
      to: { path: '^services/', pathNot: '^services/($1|venue-sim)/' },
    },
    {
      name: 'no-testkit-in-product',
      comment: 'testkit is for tests',
      severity: 'error',
      from: { path: '^(libs|services)/[^/]+/src/', pathNot: '^libs/testkit/' },
      to: { path: '^libs/testkit/' },
    },
    {
      name: 'no-path-into-a-library',
      comment: 'other packages are imported by name, through their index',
      severity: 'error',
      from: { path: '^(?:libs|services)/([^/]+)/' },
      to: {
        path: '^(libs|services)/[^/]+/src/(?!(index|main)\\.ts$)',
        pathNot: '^(?:libs|services)/$1/',
      },
    },
    {
      name: 'no-path-into-a-library',
      comment: 'the command line alone runs the main of a service',
      severity: 'error',
      from: { path: '^(?:libs|services)/([^/]+)/', pathNot: '^services/cerberus/' },
      to: { path: '^services/[^/]+/src/main\\.ts$', pathNot: '^services/$1/' },
    },
    {
      name: 'no-cycle',
      comment: 'runtime import cycles hide an undrawn boundary',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
};

export async function checkBoundaries(root: string): Promise<Finding[]> {
  const folders = ['libs', 'services'].filter((name) => existsSync(join(root, name)));
  const result = await cruise(folders, {
    baseDir: root,
    validate: true,
    ruleSet: RULES,
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  });
  const { summary } = result.output as ICruiseResult;
  return summary.violations.map((violation) => ({
    path: violation.from,
    rule: violation.rule.name,
    message: `imports ${violation.to}`,
  }));
}
