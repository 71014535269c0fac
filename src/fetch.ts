/** Entry `qcloud-im-callback/fetch`: the adapter of the Fetch API: Hono, Next.js, Bun, Deno, Workers, and the whole core. */

export { type FetchHandler, type FetchOptions, qcloudIm } from './adapters/fetch.js';
export type { Mounted } from './adapters/mounted.js';
export * from './core.js';
