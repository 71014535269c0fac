/**
 * Global set-up of the projects whose tests need Redis: they find its URL with `inject('redisUrl')`. The Redis is
 * the one of REDIS_URL, else one that is started for this run, else none (empty text): such tests are skipped.
 */

import type { TestProject } from 'vitest/node';
import { findRedisProgram, RedisServer } from './redis-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty where there is no Redis. */
    redisUrl: string;
  }
}

const MISSING =
  'no Redis: set REDIS_URL, or put redis-server or valkey-server into PATH. The tests that need it';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env['REDIS_URL'] ?? '';
  if (given === '' && findRedisProgram() === undefined) {
    if ((process.env['CI'] ?? '') !== '') throw new Error(`${MISSING} must run in CI`);
    console.warn(`${MISSING} are skipped`);
    provide('redisUrl', '');
    return async () => undefined;
  }
  if (given !== '') {
    provide('redisUrl', given);
    return async () => undefined;
  }
  const server = await RedisServer.start();
  provide('redisUrl', server.url);
  return () => server.end();
}
