import { unwrap } from '@cerberus/core';
import { fitOrnsteinUhlenbeck, ornsteinUhlenbeckTransition } from '@cerberus/stats';
import { numberOf, seriesOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

/** Ornstein-Uhlenbeck fits by the exact discretisation, and transition moments. */
export const ornsteinUhlenbeck: VectorTopic = {
  file: 'ou.json',
  evaluate: (inputs, file) =>
    valuesOrCode(() => {
      if (inputs['series_ref'] === undefined) {
        const moments = unwrap(
          ornsteinUhlenbeckTransition({
            kappa: numberOf(inputs, 'kappa'),
            mu: numberOf(inputs, 'mu'),
            sigma: numberOf(inputs, 'sigma'),
            x0: numberOf(inputs, 'x0'),
            time: numberOf(inputs, 't'),
          }),
        );
        return { mean: moments.mean, variance: moments.variance, half_life: moments.halfLife };
      }
      const series = seriesOf(inputs, file, 'series_ref');
      const fit = unwrap(fitOrnsteinUhlenbeck(series, numberOf(inputs, 'dt')));
      const { autoregression, process } = fit;
      return {
        ar1_intercept: autoregression.intercept,
        ar1_slope: autoregression.slope,
        residual_variance_ml: autoregression.residualVariance,
        residual_variance_n_minus_2: autoregression.residualVarianceUnbiased,
        n: autoregression.transitions,
        loglik_conditional: autoregression.logLikelihood,
        mean_reverting: process !== undefined,
        ...(process === undefined
          ? {}
          : {
              kappa: process.kappa,
              mu: process.mu,
              sigma: process.sigma,
              half_life: process.halfLife,
              stationary_sd: process.stationarySd,
              kappa_euler: process.kappaEuler,
              sigma_euler: process.sigmaEuler,
            }),
      };
    }),
};
