import { runTopics } from './runner.ts';

/** The numerical kernels against QuantLib in C++ and against limits of their own. */
await runTopics(
  {
    european: () => import('./numbers/european.ts'),
    american: () => import('./numbers/american.ts'),
    implied: () => import('./numbers/implied.ts'),
    heston: () => import('./numbers/heston.ts'),
    'monte-carlo': () => import('./numbers/monte-carlo.ts'),
    surface: () => import('./surface.ts'),
    'historical-var': () => import('./numbers/historical-var.ts'),
    'monte-carlo-var': () => import('./numbers/monte-carlo-var.ts'),
  },
  { file: import.meta.filename, usage: 'npm run -s bench:numbers [-- <topic> …]' },
);
