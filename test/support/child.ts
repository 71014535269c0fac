/** Runs a program of this package and reads what it prints. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './built.js';
import { leash } from './leash.js';

/** Far more than any step takes; a program that hangs fails the test and not the whole run. */
const PATIENCE_MS = 60_000;

/** A running program. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #output = '';
  #errors = '';

  /** @param script Path of a script, from the top level. */
  constructor(script: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [script], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    leash(this.#child);
    this.#ended = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#child.emit('printed');
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** What it has complained of so far. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves when the output matches; rejects when the program ends before that, or says nothing for too long. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let ended = false;
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      if (ended) throw new Error(`ended without printing ${pattern}:\n${this.#output}${this.#errors}`);
      ended = await Promise.race([
        once(this.#child, 'printed', { signal }).then(() => false),
        this.#ended.then(() => true),
      ]);
    }
  }

  /** Rejects when the program ends: for a race with what it has to do before that. */
  async untilEnd(): Promise<never> {
    const [code, killedBy] = await this.#ended;
    throw new Error(`ended with ${code ?? killedBy}:\n${this.#output}${this.#errors}`);
  }

  /** Sends a signal and resolves with the exit code, or with the name of the signal that killed it. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<unknown> {
    this.#child.kill(signal);
    const [code, killedBy] = await this.#ended;
    return code ?? killedBy;
  }
}
