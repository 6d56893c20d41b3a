import { localVol } from '../../src/vectors/local-vol.ts';
import { describeTopic, isNear } from './judge.ts';

/** The file's rule: analytic surfaces 1e-8 relative; implied volatility and call 1e-9 relative. */
describeTopic(localVol, ({ expected }, computed) => {
  for (const [name, reference] of Object.entries(expected)) {
    const relative = name === 'call' || name === 'implied_vol' ? 1e-9 : 1e-8;
    const [values, references] = [computed[name], reference].map((value) =>
      Array.isArray(value) ? value : [value],
    ) as [unknown[], unknown[]];
    for (const [row, item] of references.entries()) {
      if (!isNear(values[row], item, { relative })) {
        return `${name} row ${row}: computed ${values[row]}, reference ${item}`;
      }
    }
  }
  return undefined;
});
