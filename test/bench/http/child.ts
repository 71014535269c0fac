/** Starts the process that is measured, and asks it things. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { environment } from './callback.js';
import type { Profile } from './profile.js';

/** Far more than anything it does takes. */
const PATIENCE_MS = 60_000;

/** What it tells when it has started. */
interface Started {
  /** Absent where there is no server. */
  readonly port?: number;
  readonly nodeVersion: string;
}

/** What it can be asked, with what it replies. */
interface Replies {
  /** Microseconds of CPU time so far, in user and system mode, of all threads. */
  cpu: number;
  /** Hands callbacks to the core. */
  receive: undefined;
  startProfile: undefined;
  stopProfile: Profile;
}

/** A process that is measured. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#exited = once(child, 'exit');
  }

  /** @param node the program to run it with. */
  static async start(name: string, node: string): Promise<readonly [Child, Started]> {
    const child = new Child(
      fork(join(import.meta.dirname, 'serve.mjs'), [name], {
        execPath: node,
        // Not those of this process, which has a loader for TypeScript.
        execArgv: [],
        env: { ...process.env, ...environment, NODE_ENV: 'production' },
      }),
    );
    return [child, (await child.#reply()) as Started];
  }

  /** Has it do something. */
  async ask<Task extends keyof Replies>(
    task: Task,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<Replies[Task]> {
    const reply = this.#reply();
    this.#process.send({ task, ...parameters });
    return (await reply) as Replies[Task];
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async #reply(): Promise<unknown> {
    const told = once(this.#process, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const [message]: unknown[] = await Promise.race([
      told,
      this.#exited.then(([code, signal]) => {
        throw new Error(`the process has ended with ${String(code ?? signal)}`);
      }),
    ]);
    return (message as { readonly result?: unknown }).result;
  }
}
