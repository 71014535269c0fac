/** The package as its users get it: what is measured is what the build makes, not what the development loader runs. */

interface Modules {
  readonly core: typeof import('../../../src/core.js');
  readonly 'protocol/received-event': typeof import('../../../src/protocol/received-event.js');
  readonly 'receiver/rebuild': typeof import('../../../src/receiver/rebuild.js');
  readonly 'queue/memory/memory': typeof import('../../../src/queue/memory/memory.js');
  readonly disk: typeof import('../../../src/disk.js');
  readonly redis: typeof import('../../../src/redis.js');
  readonly 'queue/bullmq/job': typeof import('../../../src/queue/bullmq/job.js');
  readonly 'queue/bullmq/options': typeof import('../../../src/queue/bullmq/options.js');
  readonly bullmq: typeof import('../../../src/bullmq.js');
  readonly testing: typeof import('../../../src/testing.js');
}

/** Loads a module of the build whose modules are files: in the other one they are bundled. */
export function built<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
  return import(new URL(`../../../dist/cjs/${name}.js`, import.meta.url).href);
}
