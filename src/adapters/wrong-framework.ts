/** Says which entry to import when a middleware was given to another framework than its own. */

import { ConfigurationError } from '../base/errors.js';

const ENTRIES = {
  express: ['Express and Connect', 'qcloud-im-callback'],
  node: ['node:http', 'qcloud-im-callback/node'],
  koa: ['Koa', 'qcloud-im-callback/koa'],
  fastify: ['Fastify', 'qcloud-im-callback/fastify'],
  fetch: ['the Fetch API, such as Hono', 'qcloud-im-callback/fetch'],
  hono: ['Hono, as (c) => im(c.req.raw),', 'qcloud-im-callback/fetch'],
} as const;

/** The frameworks that have an entry, and Hono, whose context is not what its entry takes. */
export type Framework = keyof typeof ENTRIES;

function has(value: unknown, ...names: readonly string[]): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    names.every((name) => name in value)
  );
}

/** Which framework calls a function with these arguments, as far as one can see. */
function callerOf([first, second, third]: readonly unknown[]): Framework | undefined {
  if (has(first, 'req', 'res', 'request', 'response')) return 'koa';
  if (has(first, 'addHook', 'register')) return 'fastify';
  if (has(second, 'writeHead', 'end')) {
    return typeof third === 'function' || has(first, 'baseUrl') ? 'express' : 'node';
  }
  if (has(first, 'req', 'json', 'env')) return 'hono';
  return has(first, 'headers', 'arrayBuffer') ? 'fetch' : undefined;
}

/**
 * Whether a function was called by another framework than the one of its entry, which is told so: by the callback
 * that it gave, as Express and Fastify do.
 * @param args what the function was called with.
 * @throws ConfigurationError `wrong_framework` where there is no such callback.
 */
export function isMisplaced(own: Framework, args: readonly unknown[]): boolean {
  const caller = callerOf(args);
  const fits = caller === own || (own === 'node' && caller === 'express');
  if (fits || (own === 'fetch' && caller === undefined)) return false;
  const [name] = ENTRIES[own];
  const instead =
    caller === undefined ? '' : `; in ${ENTRIES[caller][0]} import it from '${ENTRIES[caller][1]}'`;
  const error = new ConfigurationError('wrong_framework', `this qcloudIm is made for ${name}${instead}`);
  const [, , callback] = args;
  if (typeof callback !== 'function') throw error;
  callback(error);
  return true;
}
