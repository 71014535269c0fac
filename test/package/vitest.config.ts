import { defineConfig } from 'vitest/config';

// Apart from the unit tests: this builds, packs and installs. Run by `npm run test:package`.
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
