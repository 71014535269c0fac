/** Entry `qcloud-im-callback/fastify`: the adapter of Fastify, and the whole core. */

export {
  type FastifyPlugin,
  qcloudIm,
} from './adapters/fastify.js';
export type { Mounted } from './adapters/mounted.js';
export { shutdown } from './adapters/shutdown.js';
export * from './core.js';
