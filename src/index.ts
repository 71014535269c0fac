/** Entry `qcloud-im-callback`: the Express and Connect middleware, and the whole core. */

export { type QcloudImRouter, qcloudIm } from './adapters/express.js';
export { createServer } from './adapters/express-server.js';
export type { Mounted } from './adapters/mounted.js';
export { shutdown } from './adapters/shutdown.js';
export * from './core.js';
