/** A lib may import itself and the libs named here; each rule says why. */
const rooms = {
  kernel: { allowed: [], reason: 'The kernel is the vocabulary of all rooms; it knows none of them.' },
  'event-store': {
    allowed: ['kernel'],
    reason: 'The store keeps envelopes; what is in them is none of its business.',
  },
  ledger: {
    allowed: ['kernel'],
    reason: 'Proofs are pure: a verifier must be able to run them without anything else.',
  },
  privacy: {
    allowed: ['kernel', 'event-store'],
    reason: 'Keys and ciphertext come below everything that stores data.',
  },
  projections: {
    allowed: ['kernel', 'event-store'],
    reason: 'The runtime knows events and tables, not what they mean.',
  },
  jobs: {
    allowed: ['kernel'],
    reason: 'Queues carry hints and tasks; meaning stays with those who put them in.',
  },
  platform: {
    allowed: ['kernel', 'event-store', 'ledger', 'privacy', 'projections', 'jobs'],
    reason: 'The platform carries any domain that is declared to it; it must not know this one.',
  },
  school: {
    allowed: ['kernel', 'projections'],
    reason: 'The regulation is pure: no HTTP, no keys, no store.',
  },
  compliance: {
    allowed: ['kernel', 'event-store', 'projections', 'school'],
    reason: 'Controls judge the events of the school.',
  },
  audit: {
    allowed: ['kernel', 'projections', 'school'],
    reason: 'The trail shows events; it changes nothing.',
  },
  reports: {
    allowed: ['kernel', 'event-store', 'ledger', 'platform', 'projections', 'school', 'compliance', 'audit'],
    reason: 'Reports freeze what the views show.',
  },
  max: {
    allowed: ['kernel', 'event-store', 'privacy', 'platform', 'school'],
    reason: 'The connector turns updates into commands like any other door.',
  },
  imports: {
    allowed: ['kernel', 'event-store', 'ledger', 'privacy', 'platform', 'school'],
    reason: 'Files become commands like any other door.',
  },
  notifications: {
    allowed: ['kernel', 'event-store', 'platform', 'school', 'compliance'],
    reason: 'Messages leave by one door, whoever has something to tell; reminders tell of findings.',
  },
  simulator: {
    allowed: ['kernel', 'school'],
    reason: 'A simulated year is made of commands alone: whoever judges it must not have helped to make it.',
  },
};

const roomRules = Object.entries(rooms).map(([room, { allowed, reason }]) => ({
  name: `room-${room}`,
  comment: reason,
  severity: 'error',
  from: { path: `^libs/${room}/` },
  to: { path: '^(libs|apps|test)/', pathNot: [`^libs/(${[room, ...allowed].join('|')})/`, '^test/support/'] },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'no-cycles',
      comment: 'A cycle has no bottom to start reading from; under swc it also breaks dependency injection.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'one-door',
      comment: 'A lib is entered through its index.ts, so that the rest can change freely.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'one-door-for-apps',
      comment: 'As above.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'apps-compose',
      comment: 'Nothing imports an app but another app that composes it, and tests.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'bullmq-stays-in-jobs',
      comment: 'One importer: the backend can be changed in one place.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/jobs/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'mail-stays-in-notifications',
      comment: 'Messages leave by one door: off by default, retried, and visible where they did not arrive.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/notifications/' },
      to: { path: 'node_modules/nodemailer/' },
    },
    {
      name: 'kurrentdb-stays-in-its-adapter',
      comment: 'The store is a port.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/event-store/src/kurrentdb/' },
      to: { path: 'node_modules/@kurrent/' },
    },
    {
      name: 'pure-rooms-do-no-io',
      comment:
        'Deciders and proofs must give the same result on every machine: no clock, no network, no files.',
      severity: 'error',
      from: { path: '^libs/(kernel|ledger)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^crypto$|^node:crypto$' },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'Support for tests stays with the tests.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
