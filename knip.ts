import type { KnipConfig } from 'knip';
import { entries } from './scripts/entries.js';

export default {
  entry: [
    ...entries.map(({ source }) => source),
    'scripts/*.ts',
    'examples/**/*.{mjs,js}',
    'test/**/*.test.ts',
    'test/types/*.test-d.ts',
    'test/crash/{receiver,bullmq-worker,disk-full,fallback-receiver,restart-receiver}.ts',
    'test/wire/{hostile/server,opentelemetry-worker}.ts',
    'test/bench/http/{serve,servers/*}.mjs',
    'test/bench/queues/child.ts',
  ],
  project: ['src/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts', 'examples/**/*.{mjs,js}'],
  ignoreIssues: { 'src/generated/**': ['exports', 'types'] },
  ignoreExportsUsedInFile: true,
  ignoreDependencies: ['@typescript/native'],
  vitest: {
    config: ['vitest.config.ts', 'test/mutation/vitest.config.ts'],
  },
  ignoreBinaries: ['prlimit', 'postgres'],
} satisfies KnipConfig;
