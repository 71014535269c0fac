/** Entry `qcloud-im-callback`: the Express and Connect middleware, and the whole core. */

export { type QcloudImRouter, qcloudIm } from './adapters/express.js';
export * from './core.js';
