/** The package as its users get it: what is measured is what the build makes, not what the development loader runs. */

interface Modules {
  readonly core: typeof import('../../../src/core.js');
  readonly 'protocol/event': typeof import('../../../src/protocol/event.js');
  readonly 'queue/memory/memory': typeof import('../../../src/queue/memory/memory.js');
  readonly disk: typeof import('../../../src/disk.js');
  readonly redis: typeof import('../../../src/redis.js');
  readonly 'queue/bullmq/job': typeof import('../../../src/queue/bullmq/job.js');
  readonly 'queue/bullmq/options': typeof import('../../../src/queue/bullmq/options.js');
  readonly bullmq: typeof import('../../../src/bullmq.js');
  readonly testing: typeof import('../../../src/testing.js');
}

/** Loads a module of `dist/esm`. */
export function built<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
  return import(new URL(`../../../dist/esm/${name}.js`, import.meta.url).href);
}
