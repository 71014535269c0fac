import { defineConfig } from 'vitest/config';
import { entries } from './scripts/entries.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/package/**', 'node_modules/**'],
    testTimeout: 20_000,
    globalSetup: ['test/support/redis.ts', 'test/support/built.ts'],
    // What must compile, and what must not: a wrong handler that compiles fails here by an unused directive.
    typecheck: {
      enabled: true,
      include: ['test/types/**/*.test-d.ts'],
      tsconfig: 'test/types/tsconfig.json',
    },
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
