import { defineConfig } from 'vitest/config';

/** The tests that Stryker runs per mutant: those that tell of pipeline and queue in little time. */
export default defineConfig({
  test: {
    include: [
      'test/unit/{base,options,pipeline,queue,receiver}/**/*.test.ts',
      'test/property/*.test.ts',
      'test/wire/queue-{memory,disk,list,bullmq}.test.ts',
    ],
    globalSetup: ['test/support/redis.ts'],
    testTimeout: 60_000,
  },
});
