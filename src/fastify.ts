/** Entry `qcloud-im-callback/fastify`: the adapter of Fastify, and the whole core. */

export {
  type FastifyInstanceLike,
  type FastifyPlugin,
  type FastifyReplyLike,
  type FastifyRequestLike,
  qcloudIm,
} from './adapters/fastify.js';
export type { Mounted } from './adapters/mounted.js';
export * from './core.js';
