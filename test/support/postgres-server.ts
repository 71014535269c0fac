/** A PostgreSQL of a test's own, on a free loopback port. The server refuses to run as root: it runs as nobody then. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { leash } from './leash.js';

/** User and group `nobody`. */
const NOBODY = 65_534;
const START_TIMEOUT_MS = 60_000;
const isRoot = process.getuid?.() === 0;

/** Whether this machine has the server's programs. */
export function hasPostgres(path = process.env['PATH'] ?? ''): boolean {
  return ['initdb', 'postgres'].every((program) =>
    path.split(delimiter).some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  server.close();
  await once(server, 'close');
  return address.port;
}

/** One server, with the database `postgres` and a user of that name without password; port and data outlive `kill`. */
export class PostgresServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'qcloud-im-postgres-'));
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    try {
      if (isRoot) chownSync(server.#folder, NOBODY, NOBODY);
      const args = ['-D', server.#data, '-U', 'postgres', '-A', 'trust', '--no-sync'];
      await promisify(execFile)('initdb', args, server.#user);
      await server.start();
      return server;
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  get #user() {
    return { cwd: this.#folder, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) };
  }

  /** Starts it, with the data of before. */
  async start(): Promise<void> {
    const args = ['-D', this.#data, '-h', '127.0.0.1', '-p', String(this.port), '-k', this.#folder];
    const child = spawn('postgres', args, { ...this.#user, stdio: ['ignore', 'ignore', 'pipe'] });
    leash(child);
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      const fail = () => reject(new Error(`the PostgreSQL server did not start:\n${log}`));
      const timer = setTimeout(fail, START_TIMEOUT_MS);
      child.once('exit', fail);
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (log.includes('ready to accept connections')) return;
        log += text;
        if (!log.includes('ready to accept connections')) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends it without warning and waits until it is gone: it has to recover when it starts again. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    // Immediate shutdown: also ends the server's own processes, as SIGKILL would not.
    child.kill('SIGQUIT');
    await exited;
  }

  /** Stops it, and all processes that it has, in the middle of whatever they do; its connections stay open. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  /** Lets a frozen one go on. */
  thaw(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    // First the one that makes the others.
    process.kill(pid, signal);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.split(' ').filter((text) => text.trim() !== '')) {
      try {
        process.kill(Number(child), signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Ends it at once and removes its folder. */
  async end(): Promise<void> {
    this.thaw();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
