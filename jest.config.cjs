const path = require('node:path');
const { compilerOptions } = require('./tsconfig.json');

/** The libs by their names, as the compiler knows them. */
const moduleNameMapper = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([name, [target]]) => [
    `^${name}$`,
    path.join(__dirname, target),
  ]),
);

/** Pure ESM packages: Jest on Node 20 cannot require() them, so swc turns them into CommonJS. */
const esmPackages =
  '@nestjs|@standard-schema|load-esm|file-type|es-toolkit|uuid|jose|lossless-json|token-types|strtok3|uint8array-extras|@tokenizer|@borewit|content-disposition|cookie';

const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch,
  moduleNameMapper,
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.m?[tj]s$': ['@swc/jest', { swcrc: true }] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
  ...extra,
});

module.exports = {
  testTimeout: 30_000,
  projects: [
    project('unit', ['<rootDir>/{apps,libs}/**/*.spec.ts', '<rootDir>/test/golden/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/{contract,integration}/**/*.spec.ts'], {
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    }),
    project('e2e', ['<rootDir>/test/{e2e,faults}/**/*.spec.ts'], {
      globalSetup: '<rootDir>/test/support/global-setup-e2e.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    }),
  ],
};
