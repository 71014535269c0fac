import { defineConfig } from 'vitest/config';
import { entries } from './scripts/entries.js';

/** Unit tests of what speaks to Redis: they speak to a real one. */
const REDIS_UNITS = ['test/unit/queue/{list,bullmq}/**/*.test.ts', 'test/unit/dedupe/redis-store.test.ts'];
/** Tests on the wire of what was built. */
const DIST_TESTS = ['test/wire/{edge,examples*}.test.ts', 'test/wire/adapters/**/*.test.ts'];

const REDIS = 'test/support/redis.ts';
const DIST = 'test/support/built.ts';

/** Tests that start many processes run a file at a time, and after each other's projects. */
const alone = (groupOrder: number) => ({ fileParallelism: false, sequence: { groupOrder } });
const MINUTE = 60_000;

// A project sets up what its tests need, and only when one of them runs. CONTRIBUTING.md says which command runs which.
export default defineConfig({
  test: {
    // What was translated for an earlier run is taken as it is: most of the start of a single file.
    experimental: { fsModuleCache: true },
    setupFiles: ['test/support/orphan.ts', 'test/support/patience.ts'],
    expect: { poll: { timeout: 30_000 } },
    // No measure of speed: when it is over, a test hangs on whatever machine.
    testTimeout: MINUTE,
    hookTimeout: MINUTE,
    // Vitest would leave a core alone; half of the tests wait for sockets and timers anyway.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // All that no other project takes, so that no file is left out.
          include: ['test/**/*.test.ts'],
          exclude: [...REDIS_UNITS, 'test/{wire,load,crash,package}/**'],
        },
      },
      { extends: true, test: { name: 'redis', include: REDIS_UNITS, globalSetup: [REDIS] } },
      {
        extends: true,
        test: {
          name: 'wire',
          include: ['test/wire/**/*.test.ts'],
          exclude: DIST_TESTS,
          globalSetup: [REDIS],
        },
      },
      { extends: true, test: { name: 'dist', include: DIST_TESTS, globalSetup: [REDIS, DIST] } },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          // What must compile, and what must not: a wrong handler that compiles fails here by an unused directive.
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: 'test/types/tsconfig.json',
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'load',
          include: ['test/load/**/*.test.ts'],
          testTimeout: 5 * MINUTE,
          ...alone(1),
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          globalSetup: [REDIS],
          testTimeout: 10 * MINUTE,
          ...alone(2),
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 5 * MINUTE,
          hookTimeout: 15 * MINUTE,
          ...alone(3),
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Generated code is checked by its generator; the entries only re-export.
      exclude: ['src/generated/**', ...entries.map(({ source }) => source)],
      reporter: ['text', 'html'],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
  },
});
