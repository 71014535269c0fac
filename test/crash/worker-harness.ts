/**
 * Kills the process that runs the handlers of a BullMQ queue, again and again, while a web server in a process
 * of its own goes on answering, and counts what became of the events.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from '../support/child.js';
import { LEAST_UNHANDLED, missing, workedOff } from './harness.js';
import { Load, TOKEN } from './load.js';
import { Notes } from './notes.js';
import { withinTest } from './within.js';

/** Handlers at work in each worker. */
export const CONCURRENCY = 8;

/** How the workers are treated. */
export interface WorkerPlan {
  readonly kills: number;
  /** Settings of both processes: where the jobs are. */
  readonly place: Readonly<Record<string, string>>;
  /** More settings of the workers that are killed. */
  readonly worker?: Readonly<Record<string, string>>;
}

/** The moment of one kill. */
export interface WorkerKill {
  /** Events that were answered with success and not handled. */
  readonly unhandled: number;
  /** Runs that had begun in this worker and had not ended. */
  readonly running: number;
}

/** What became of the events. */
export interface WorkerReport {
  readonly kills: readonly WorkerKill[];
  readonly answered: number;
  /** Requests that got no answer. */
  readonly unanswered: number;
  /** Answers that were no success, by status. */
  readonly refused: ReadonlyMap<number, number>;
  /** Events that were answered with success and never handled. */
  readonly lost: readonly string[];
  /** Text of the event of each run that began. */
  readonly begun: readonly string[];
  /** Text of the event of each run that ended. */
  readonly handled: readonly string[];
  /** Runs of handlers in the web process. */
  readonly handledByWeb: number;
  /** What the last worker, which was not killed, has printed. */
  readonly output: string;
  /** The longest time to an answer, in milliseconds: to be told, as it says how busy the machine was. */
  readonly slowestMs: number;
}

const CALLERS = 8;
/** Between two callbacks of a caller: together they send a little less than a worker does, or few when many wait. */
const PAUSE_MS = 60;
const LONG_PAUSE_MS = 400;
const MANY = 150;
const HANDLER_MS = 50;
/** How many events a worker handles before it is killed: from the first number on, in steps of a prime. */
const HANDLED = { first: 20, step: 37, range: 30 };
/**
 * When the events of a dead worker come back: later than a busy machine keeps a live one from its timers, which
 * would lose its events to itself.
 */
const LOCK_MS = 4_000;
/** When nothing was handled for so long, nothing will be: longer than LOCK_MS. */
const QUIET_MS = 12_000;
const POLL_MS = 10;
/** A worker that has not done its work by then never will. */
const PATIENCE_MS = 120_000;

/** The two processes, and the files to which their handlers append. */
class Scene {
  readonly #dir = mkdtempSync(join(tmpdir(), 'crash-worker-'));
  readonly #plan: WorkerPlan;
  readonly #signal: AbortSignal;
  readonly #programs: Program[] = [];
  readonly begun = new Notes(this.#dir, 'begun');
  readonly handled = new Notes(this.#dir, 'handled');
  readonly handledByWeb = new Notes(this.#dir, 'handled-by-web');

  /** @param signal ends what runs here. */
  constructor(plan: WorkerPlan, signal: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#kill());
  }

  /** Resolves with the port of the web server. */
  async startWeb(): Promise<number> {
    const env = { QUEUE: 'bullmq, web', HANDLED_FILE: this.handledByWeb.file, HANDLER_MS: '0' };
    const [, port] = await this.#start('receiver', env).printed(/listening on (\d+)/);
    return Number(port);
  }

  async startWorker(handlerMs: number, env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = this.#start('bullmq-worker', {
      BEGUN_FILE: this.begun.file,
      HANDLED_FILE: this.handled.file,
      HANDLER_MS: String(handlerMs),
      LOCK_MS: String(LOCK_MS),
      ...env,
    });
    await program.printed(/working/);
    return program;
  }

  /** Runs that have begun and not ended, those that died with their worker included. */
  get open(): number {
    return this.begun.lines().length - this.handled.lines().length;
  }

  async end(): Promise<void> {
    await this.#kill();
    rmSync(this.#dir, { recursive: true });
  }

  async #kill(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop('SIGKILL')));
  }

  #start(script: string, env: Readonly<Record<string, string>>): Program {
    this.#signal.throwIfAborted();
    const program = new Program(`test/crash/${script}.ts`, {
      NODE_OPTIONS: '--import tsx',
      WORKERS: String(CONCURRENCY),
      TOKEN,
      ...this.#plan.place,
      ...env,
    });
    this.#programs.push(program);
    return program;
  }
}

/** Runs a plan within a test. Leaves no process and no file behind. */
export function crashWorkers(plan: WorkerPlan): Promise<WorkerReport> {
  return withinTest((signal) => crashing(plan, signal));
}

async function crashing(plan: WorkerPlan, signal: AbortSignal): Promise<WorkerReport> {
  const scene = new Scene(plan, signal);
  const load: Load = new Load(CALLERS, () =>
    load.answered.size - scene.handled.lines().length < MANY ? PAUSE_MS : LONG_PAUSE_MS,
  );
  const kills: WorkerKill[] = [];
  try {
    load.start(await scene.startWeb());
    for (let round = 0; round < plan.kills; round += 1) {
      kills.push(await killAtWork(plan, scene, load, round));
    }
    load.stop();
    await load.ended();
    const last = await scene.startWorker(0);
    await workedOff(load, scene.handled, QUIET_MS);
    await last.stop('SIGTERM');
    const handled = scene.handled.lines();
    return {
      kills,
      answered: load.answered.size,
      unanswered: load.sent - load.answered.size - load.refusals,
      refused: load.refused,
      lost: missing(load.answered, handled),
      begun: scene.begun.lines(),
      handled,
      handledByWeb: scene.handledByWeb.lines().length,
      output: last.output,
      slowestMs: load.slowestMs,
    };
  } finally {
    load.stop();
    await scene.end();
    await load.ended();
  }
}

/** Starts a worker and kills it when it has done a little, all its handlers run, and more waits for it. */
async function killAtWork(plan: WorkerPlan, scene: Scene, load: Load, round: number): Promise<WorkerKill> {
  const openBefore = scene.open;
  const wanted = scene.handled.lines().length + HANDLED.first + ((round * HANDLED.step) % HANDLED.range);
  const worker = await scene.startWorker(HANDLER_MS, plan.worker);
  const ended = worker.untilEnd();
  const poll = () => Promise.race([sleep(POLL_MS), ended]);
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await poll()) {
    const handled = scene.handled.lines();
    if (handled.length < wanted || scene.open - openBefore < CONCURRENCY) continue;
    const answered = [...load.answered];
    if (missing(answered, handled).length < LEAST_UNHANDLED + CONCURRENCY) continue;
    await worker.stop('SIGKILL');
    // Only now it handles nothing any more.
    return {
      unhandled: missing(answered, scene.handled.lines()).length,
      running: scene.open - openBefore,
    };
  }
  throw new Error(`the worker did not get to work:\n${worker.output}${worker.errors}`);
}
