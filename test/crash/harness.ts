/**
 * Kills a receiver under load, again and again, starts it again on the same store, and counts what became of
 * the events that it had answered with success. The queue is chosen by name (queues.ts).
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { Program } from '../support/child.js';
import { Load, TOKEN } from './load.js';
import { Notes } from './notes.js';
import { withinTest } from './within.js';

/** Which receiver, and how it is treated. */
export interface CrashPlan {
  /** Name of the queue in queues.ts. */
  readonly queue: string;
  /** How often it is killed. */
  readonly kills: number;
  /** How it is ended. Defaults to `SIGKILL`. */
  readonly signal?: 'SIGKILL' | 'SIGTERM';
  /** More settings of the process, such as the address of a server. */
  readonly env?: Readonly<Record<string, string>>;
  /** Starts what lives on beside the receiver, and appends the events that it handles to the same file. */
  readonly beside?: (handledFile: string) => Promise<unknown>;
}

/** The moment of one kill. */
export interface Kill {
  /** Requests that the receiver had been sent and had not answered. */
  readonly inFlight: number;
  /** Events that were answered with success, by this process or an earlier one, and not handled. */
  readonly unhandled: number;
}

/** What became of the events. */
export interface CrashReport {
  readonly kills: readonly Kill[];
  /** Events that were answered with success. */
  readonly answered: number;
  /** Those of them that were never handled. */
  readonly lost: readonly string[];
  /** Runs beyond the first of an event. */
  readonly repeats: number;
  /** Events that were handled though their request got no answer. */
  readonly unanswered: number;
  /** Answers that were no success, by status. */
  readonly refused: ReadonlyMap<number, number>;
  /** The longest time to an answer, in milliseconds: to be told, as it says how busy the machine was. */
  readonly slowestMs: number;
}

/** What there must be at each kill, so that it can do harm. */
export const LEAST_IN_FLIGHT = 5;
export const LEAST_UNHANDLED = 10;

const CALLERS = 16;
export const WORKERS = 8;
/** How long a handler takes under load: longer than answering, so that events wait. */
const HANDLER_MS = 50;
/** How many answers there are before a kill: from the first number on, in steps of a prime up to the second. */
const ANSWERS = { first: 15, step: 37, range: 120 };
/** When nothing was handled for so long, nothing will be. Waited for only where events are lost. */
const QUIET_MS = 10_000;
const POLL_MS = 20;

/** The directory of one crash test: the queue's own, and the file to which handlers append. */
class Place {
  readonly dir = mkdtempSync(join(tmpdir(), 'crash-'));
  readonly notes = new Notes(this.dir, 'handled');
  readonly #signal: AbortSignal;
  #program: Program | undefined;

  /** @param signal ends what runs here. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#program?.stop('SIGKILL'));
  }

  /** Texts of the handled events, one for each run. */
  handled(): readonly string[] {
    return this.notes.lines();
  }

  async start({ queue, env }: CrashPlan, handlerMs: number): Promise<{ program: Program; port: number }> {
    this.#signal.throwIfAborted();
    const program = new Program('test/crash/receiver.ts', {
      NODE_OPTIONS: '--import tsx',
      QUEUE: queue,
      QUEUE_DIR: join(this.dir, 'queue'),
      HANDLED_FILE: this.notes.file,
      HANDLER_MS: String(handlerMs),
      WORKERS: String(WORKERS),
      TOKEN,
      ...env,
    });
    this.#program = program;
    const [, port] = await program.printed(/listening on (\d+)/);
    return { program, port: Number(port) };
  }

  /** Also when a step has failed and the last receiver still runs. */
  async end(): Promise<void> {
    await this.#program?.stop('SIGKILL');
    rmSync(this.dir, { recursive: true });
  }
}

/** Runs a plan within a test. Leaves no process and no file behind. */
export function crash(plan: CrashPlan): Promise<CrashReport> {
  return withinTest((signal) => crashing(plan, signal));
}

async function crashing(plan: CrashPlan, signal: AbortSignal): Promise<CrashReport> {
  const place = new Place(signal);
  const load = new Load(CALLERS);
  const kills: Kill[] = [];
  try {
    await plan.beside?.(place.notes.file);
    for (let round = 0; round < plan.kills; round += 1) {
      kills.push(await killUnderLoad(plan, place, load, round));
    }
    await finish(plan, place, load);
    return reportOf(kills, place.handled(), load);
  } finally {
    load.stop();
    await place.end();
    await load.ended();
  }
}

async function killUnderLoad(plan: CrashPlan, place: Place, load: Load, round: number): Promise<Kill> {
  const { program, port } = await place.start(plan, HANDLER_MS);
  const wanted = load.answered.size + ANSWERS.first + ((round * ANSWERS.step) % ANSWERS.range);
  const unhandled = (): number => missing(load.answered, place.handled()).length;
  const killing = new Promise<Kill>((resolve) => {
    load.onAnswer = () => {
      if (load.answered.size < wanted || load.inFlight < LEAST_IN_FLIGHT) return;
      const kill = { inFlight: load.inFlight, unhandled: unhandled() };
      // As many as that must be left when those that run have ended.
      if (kill.unhandled < LEAST_UNHANDLED + WORKERS) return;
      load.onAnswer = () => undefined;
      load.stop();
      resolve(kill);
    };
  });
  load.start(port);
  const kill = await Promise.race([killing, program.untilEnd()]);
  await program.stop(plan.signal ?? 'SIGKILL');
  await load.ended();
  // What lives on beside it has handled more by now.
  if (plan.beside !== undefined) return kill;
  // Only now nobody handles anything any more, and answers that were on their way have come.
  return { ...kill, unhandled: unhandled() };
}

/** Lets a receiver that is not killed do what is left. */
async function finish(plan: CrashPlan, place: Place, load: Load): Promise<void> {
  const { program } = await place.start(plan, 0);
  await workedOff(load, place.notes);
  await program.stop('SIGTERM');
}

/** Resolves when everything that was answered with success is handled, or when nothing is handled any more. */
export async function workedOff(load: Load, notes: Notes, quietMs = QUIET_MS): Promise<void> {
  let count = -1;
  for (let quietSince = performance.now(); performance.now() - quietSince < quietMs; await sleep(POLL_MS)) {
    const handled = notes.lines();
    if (missing(load.answered, handled).length === 0) break;
    if (handled.length !== count) quietSince = performance.now();
    count = handled.length;
  }
}

/** Events that were answered with success and are not among the handled ones. */
export function missing(answered: Iterable<string>, handled: readonly string[]): string[] {
  const different = new Set(handled);
  return [...answered].filter((text) => !different.has(text));
}

function reportOf(kills: readonly Kill[], handled: readonly string[], load: Load): CrashReport {
  const different = new Set(handled);
  return {
    kills,
    answered: load.answered.size,
    lost: missing(load.answered, handled),
    repeats: handled.length - different.size,
    unanswered: [...different].filter((text) => !load.answered.has(text)).length,
    refused: load.refused,
    slowestMs: load.slowestMs,
  };
}

/** 503 is what a machine that was busy beyond the deadline answers: nothing was promised then. */
export function expectOnlyBusy(refused: CrashReport['refused']): void {
  for (const status of refused.keys()) expect(status).toBe(503);
}

/** One line for people. */
export function summaryOf(queue: string, report: CrashReport): string {
  const least = (pick: (kill: Kill) => number): number => Math.min(...report.kills.map(pick));
  return [
    `${queue}: ${report.kills.length} kills`,
    `at each at least ${least((kill) => kill.unhandled)} answered events unhandled and ${least((kill) => kill.inFlight)} requests in flight`,
    `${report.answered} events answered`,
    `${report.lost.length} lost`,
    `${report.repeats} repeated`,
    `${report.unanswered} handled without an answer`,
    `${[...report.refused.values()].reduce((total, count) => total + count, 0)} refused`,
    `slowest answer ${Math.round(report.slowestMs)} ms`,
  ].join(', ');
}
