/** Entry `qcloud-im-callback/koa`: the adapter of Koa, and the whole core. */

export { type KoaMiddleware, qcloudIm } from './adapters/koa.js';
export type { Mounted } from './adapters/mounted.js';
export { shutdown } from './adapters/shutdown.js';
export * from './core.js';
