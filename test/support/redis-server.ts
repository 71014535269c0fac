/** A Redis of the test's own: a real server on a free loopback port, signalled by its process only. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { leash } from './leash.js';

/** How a server keeps its data. */
export interface RedisServerOptions {
  /** Whether every write is on disk before it is answered, so that a killed server loses nothing. Default false. */
  readonly durable?: boolean;
}

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The server's program, if this machine has one. */
export function findRedisProgram(path = process.env['PATH'] ?? ''): string | undefined {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // The next folder may have it.
      }
    }
  }
  return undefined;
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

/** Whether the server answers commands: not before it has read its files. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
  });
}

/** One server; its port and its folder stay the same over restarts. */
export class RedisServer {
  readonly port: number;
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'qcloud-im-redis-'));
  readonly #durable: boolean;
  #process: ChildProcess | undefined;

  private constructor(program: string, port: number, { durable = false }: RedisServerOptions) {
    this.#program = program;
    this.port = port;
    this.#durable = durable;
  }

  /** Starts a server and waits until it answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const program = findRedisProgram();
    if (program === undefined) throw new Error('neither redis-server nor valkey-server is in PATH');
    const server = new RedisServer(program, await freePort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, with the data of before where it is durable. */
  async start(): Promise<void> {
    const keep = this.#durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const child = spawn(
      this.#program,
      ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder, ...keep],
      { stdio: 'ignore' },
    );
    leash(child);
    this.#process = child;
    for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; ) {
      if (await answers(this.port)) return;
      if (child.exitCode !== null) break;
      await pause(POLL_MS);
    }
    await this.kill();
    throw new Error(`the Redis server did not start on port ${this.port}`);
  }

  /** Ends it without warning and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Stops it in the middle of whatever it does; its connections stay open. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets a frozen one go on. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it and removes its folder. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
