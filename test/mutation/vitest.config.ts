import { defineConfig } from 'vitest/config';

/** The tests that Stryker runs per mutant: those that run the stages and need nothing from outside. */
export default defineConfig({
  test: {
    include: [
      'test/unit/{addresses,deadline,handler*,runner}.test.ts',
      'test/unit/pipeline/*.test.ts',
      'test/property/{envelope,normalize,receive,verify}.test.ts',
    ],
    testTimeout: 20_000,
  },
});
