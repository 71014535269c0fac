/** Starts the process that is attacked, and looks after it. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ServerState } from './server.js';

/** The attacked process. */
export interface Attacked {
  readonly port: number;
  /** Asks it how it is. Rejects when it has ended. */
  state(): Promise<ServerState>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 50_000;

/** Starts the process. */
export async function startAttacked(): Promise<Attacked> {
  const child = fork(join(import.meta.dirname, 'server.ts'), [], {
    // A small heap, as in a small container: without a bound V8 lets garbage lie, and that hides what is kept.
    execArgv: ['--max-old-space-size=64', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');

  async function next(): Promise<ServerState> {
    const told = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const [state]: unknown[] = await Promise.race([
      told,
      exited.then(([code, signal]: unknown[]) => {
        throw new Error(`the server has ended with ${String(code ?? signal)}`);
      }),
    ]);
    return state as ServerState;
  }

  const { port } = await next();
  return {
    port,
    async state() {
      const told = next();
      if (child.connected) child.send('state');
      return told;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}
