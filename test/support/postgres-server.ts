/** A PostgreSQL of a test's own, on a free loopback port. The server refuses to run as root: it runs as nobody then. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { leash } from './leash.js';

/** User and group `nobody`. */
const NOBODY = 65_534;
const START_TIMEOUT_MS = 60_000;

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

/** One server, with the database `postgres` and a user of that name without password. */
export class PostgresServer {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly port: number;

  private constructor(folder: string, process: ChildProcess, port: number) {
    this.#folder = folder;
    this.#process = process;
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'qcloud-im-postgres-'));
    const root = process.getuid?.() === 0;
    if (root) chownSync(folder, NOBODY, NOBODY);
    const user = { cwd: folder, ...(root ? { uid: NOBODY, gid: NOBODY } : {}) };
    const data = join(folder, 'data');
    await promisify(execFile)('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], user);
    const port = await freePort();
    const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder];
    const child = spawn('postgres', args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
    leash(child);
    const server = new PostgresServer(folder, child, port);
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
    }).catch(async (error: unknown) => {
      await server.end();
      throw error;
    });
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Ends it at once and removes its folder. */
  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      // Immediate shutdown: also ends the server's own processes, as SIGKILL would not.
      this.#process.kill('SIGQUIT');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
