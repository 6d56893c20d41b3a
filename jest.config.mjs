/** One configuration for every library and service; ES modules run untranspiled but for their types. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { module: { type: 'es6' }, jsc: { target: 'es2024', parser: { syntax: 'typescript' } } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@cerberus/)'],
  testMatch: ['<rootDir>/{libs,services,tools}/**/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.cerberus', '/dist/'],
  reporters: ['default', '<rootDir>/tools/jest-count.mjs'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
