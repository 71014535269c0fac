/** Entry `qcloud-im-callback/node`: the adapter of Node's own http server and plain Connect, and the whole core. */

export type { Mounted } from './adapters/mounted.js';
export { type NodeMiddleware, qcloudIm } from './adapters/node.js';
export { shutdown } from './adapters/shutdown.js';
export * from './core.js';
