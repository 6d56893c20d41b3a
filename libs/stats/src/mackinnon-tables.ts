/**
 * Response surfaces of the Dickey-Fuller distributions. P-values: J. G. MacKinnon, "Approximate
 * asymptotic distribution functions for unit-root and cointegration tests", J. Business & Economic
 * Statistics 12 (1994) 167–176, tables 3 and 4. Critical values: the same author, "Critical values for
 * cointegration tests", Queen's Economics Department working paper 1227 (2010), table 2 (the case
 * without constant from the 1996 paper). One row per number of I(1) series, from one on.
 */

/** Deterministic terms: none, constant, constant and trend. */
export type Deterministic = 'n' | 'c' | 'ct';

export interface ProbabilitySurface {
  /** Statistics above this use `large`, others `small`. */
  readonly star: readonly number[];
  /** Below, the p-value is 0 to any printed digit; above `maximum` it is 1. */
  readonly minimum: readonly number[];
  readonly maximum: readonly number[];
  /** Coefficients of 1, τ, τ² inside the normal cdf. */
  readonly small: readonly (readonly number[])[];
  /** Coefficients of 1, τ, τ², τ³. */
  readonly large: readonly (readonly number[])[];
}

export const PROBABILITY_SURFACES: { readonly [K in Deterministic]: ProbabilitySurface } = {
  n: {
    star: [-1.04, -1.53, -2.68, -3.09, -3.07, -3.77],
    minimum: [-19.04, -19.62, -21.21, -23.25, -21.63, -25.74],
    maximum: [Number.POSITIVE_INFINITY, 1.51, 0.86, 0.88, 1.05, 1.24],
    small: [
      [0.6344, 1.2378, 0.032496],
      [1.9129, 1.3857, 0.035322],
      [2.7648, 1.4502, 0.034186],
      [3.4336, 1.4835, 0.0319],
      [4.0999, 1.5533, 0.0359],
      [4.5388, 1.5344, 0.029807],
    ],
    large: [
      [0.4797, 0.93557, -0.06999, 0.033066],
      [1.5578, 0.8558, -0.2083, -0.033549],
      [2.2268, 0.68093, -0.32362, -0.054448],
      [2.7654, 0.64502, -0.30811, -0.044946],
      [3.2684, 0.68051, -0.26778, -0.034972],
      [3.7268, 0.7167, -0.23648, -0.028288],
    ],
  },
  c: {
    star: [-1.61, -2.62, -3.13, -3.47, -3.78, -3.93],
    minimum: [-18.83, -18.86, -23.48, -28.07, -25.96, -23.27],
    maximum: [2.74, 0.92, 0.55, 0.61, 0.79, 1],
    small: [
      [2.1659, 1.4412, 0.038269],
      [2.92, 1.5012, 0.039796],
      [3.4699, 1.4856, 0.03164],
      [3.9673, 1.4777, 0.026315],
      [4.5509, 1.5338, 0.029545],
      [5.1399, 1.6036, 0.034445],
    ],
    large: [
      [1.7339, 0.93202, -0.12745, -0.010368],
      [2.1945, 0.64695, -0.29198, -0.042377],
      [2.5893, 0.45168, -0.36529, -0.050074],
      [3.0387, 0.45452, -0.33666, -0.041921],
      [3.5049, 0.52098, -0.29158, -0.033468],
      [3.9489, 0.58933, -0.25359, -0.02721],
    ],
  },
  ct: {
    star: [-2.89, -3.19, -3.5, -3.65, -3.8, -4.36],
    minimum: [-16.18, -21.15, -25.37, -26.63, -26.53, -26.18],
    maximum: [0.7, 0.63, 0.71, 0.93, 1.19, 1.42],
    small: [
      [3.2512, 1.6047, 0.049588],
      [3.6646, 1.5419, 0.036448],
      [4.0983, 1.5173, 0.029898],
      [4.5844, 1.5338, 0.028796],
      [5.0722, 1.5634, 0.029472],
      [5.53, 1.5914, 0.030392],
    ],
    large: [
      [2.5261, 0.61654, -0.37956, -0.060285],
      [2.85, 0.5272, -0.36622, -0.051695],
      [3.221, 0.5255, -0.32685, -0.041501],
      [3.652, 0.59758, -0.27483, -0.032081],
      [4.0712, 0.66428, -0.23464, -0.02546],
      [4.4735, 0.71757, -0.20681, -0.021196],
    ],
  },
};

type Cubic = readonly [number, number, number, number];

/** Coefficients of 1, 1/T, 1/T², 1/T³ at 1 %, 5 % and 10 %. */
export const CRITICAL_SURFACES: {
  readonly [K in Deterministic]: readonly (readonly [Cubic, Cubic, Cubic])[];
} = {
  n: [
    [
      [-2.56574, -2.2358, -3.627, 0],
      [-1.941, -0.2686, -3.365, 31.223],
      [-1.61682, 0.2656, -2.714, 25.364],
    ],
  ],
  c: [
    [
      [-3.43035, -6.5393, -16.786, -79.433],
      [-2.86154, -2.8903, -4.234, -40.04],
      [-2.56677, -1.5384, -2.809, 0],
    ],
    [
      [-3.89644, -10.9519, -33.527, 0],
      [-3.33613, -6.1101, -6.823, 0],
      [-3.04445, -4.2412, -2.72, 0],
    ],
    [
      [-4.29374, -14.4354, -33.195, 47.433],
      [-3.74066, -8.5632, -10.852, 27.982],
      [-3.45218, -6.2143, -3.718, 0],
    ],
    [
      [-4.64332, -18.1031, -37.972, 0],
      [-4.096, -11.2349, -11.175, 0],
      [-3.8102, -8.3931, -4.137, 0],
    ],
    [
      [-4.95756, -21.8883, -45.142, 0],
      [-4.41519, -14.0405, -12.575, 0],
      [-4.13157, -10.7417, -3.784, 0],
    ],
    [
      [-5.24568, -25.6688, -57.737, 88.639],
      [-4.70693, -16.9178, -17.492, 60.007],
      [-4.42501, -13.1875, -5.104, 27.877],
    ],
  ],
  ct: [
    [
      [-3.95877, -9.0531, -28.428, -134.155],
      [-3.41049, -4.3904, -9.036, -45.374],
      [-3.12705, -2.5856, -3.925, -22.38],
    ],
    [
      [-4.32762, -15.4387, -35.679, 0],
      [-3.78057, -9.5106, -12.074, 0],
      [-3.49631, -7.0815, -7.538, 21.892],
    ],
    [
      [-4.66305, -18.7688, -49.793, 104.244],
      [-4.1189, -11.8922, -19.031, 77.332],
      [-3.83511, -9.0723, -8.504, 35.403],
    ],
    [
      [-4.9694, -22.4694, -52.599, 51.314],
      [-4.42871, -14.5876, -18.228, 39.647],
      [-4.14633, -11.25, -9.873, 54.109],
    ],
    [
      [-5.25276, -26.2183, -59.631, 50.646],
      [-4.71537, -17.3569, -22.66, 91.359],
      [-4.43422, -13.6078, -10.238, 76.781],
    ],
    [
      [-5.51727, -29.976, -75.222, 202.253],
      [-4.98228, -20.305, -25.224, 132.03],
      [-4.70233, -16.1253, -9.836, 94.272],
    ],
  ],
};

/**
 * Critical values of Johansen's tests with an unrestricted constant, one row per number of common
 * trends from one on.
 */
export interface CriticalRow {
  readonly trace: readonly [number, number, number];
  readonly maximum: readonly [number, number, number];
}

/**
 * At 90, 95 and 99 %: the numerical distribution functions of MacKinnon, Haug and Michelis, J. Applied
 * Econometrics 14 (1999) 563–577, as tabulated by J. P. LeSage's econometrics toolbox.
 */
export const JOHANSEN_CRITICAL: readonly CriticalRow[] = [
  { trace: [2.7055, 3.8415, 6.6349], maximum: [2.7055, 3.8415, 6.6349] },
  { trace: [13.4294, 15.4943, 19.9349], maximum: [12.2971, 14.2639, 18.52] },
  { trace: [27.0669, 29.7961, 35.4628], maximum: [18.8928, 21.1314, 25.865] },
  { trace: [44.4929, 47.8545, 54.6815], maximum: [25.1236, 27.5858, 32.7172] },
  { trace: [65.8202, 69.8189, 77.8202], maximum: [31.2379, 33.8777, 39.3693] },
  { trace: [91.109, 95.7542, 104.9637], maximum: [37.2786, 40.0763, 45.8662] },
  { trace: [120.3673, 125.6185, 135.9825], maximum: [43.2947, 46.2299, 52.3069] },
  { trace: [153.6341, 159.529, 171.0905], maximum: [49.2855, 52.3622, 58.6634] },
  { trace: [190.8714, 197.3772, 210.0366], maximum: [55.2412, 58.4332, 64.996] },
  { trace: [232.103, 239.2468, 253.2526], maximum: [61.2041, 64.504, 71.2525] },
  { trace: [277.374, 285.1402, 300.2821], maximum: [67.1307, 70.5392, 77.4877] },
  { trace: [326.5354, 334.9795, 351.215], maximum: [73.0563, 76.5734, 83.7105] },
];

/**
 * The same at 90, 95 and 99 % from M. Osterwald-Lenum, Oxford Bulletin of Economics and Statistics 54
 * (1992) 461–472, table 1, as reprinted by the R package urca.
 */
export const OSTERWALD_LENUM: readonly CriticalRow[] = [
  { trace: [6.5, 8.18, 11.65], maximum: [6.5, 8.18, 11.65] },
  { trace: [15.66, 17.95, 23.52], maximum: [12.91, 14.9, 19.19] },
  { trace: [28.71, 31.52, 37.22], maximum: [18.9, 21.07, 25.75] },
  { trace: [45.23, 48.28, 55.43], maximum: [24.78, 27.14, 32.14] },
  { trace: [66.49, 70.6, 78.87], maximum: [30.84, 33.32, 38.78] },
  { trace: [85.18, 90.39, 104.2], maximum: [36.25, 39.43, 44.59] },
  { trace: [118.99, 124.25, 136.06], maximum: [42.06, 44.91, 51.3] },
  { trace: [151.38, 157.11, 168.92], maximum: [48.43, 51.07, 57.07] },
  { trace: [186.54, 192.84, 204.79], maximum: [54.01, 57.0, 63.37] },
  { trace: [226.34, 232.49, 246.27], maximum: [59.0, 62.42, 68.61] },
  { trace: [269.53, 277.39, 292.65], maximum: [65.07, 68.27, 74.36] },
];
