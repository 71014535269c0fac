/** Workers and web servers in processes of their own are killed in turn: what was answered with 200 is handled. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { bullmqQueue } from '../../src/bullmq.js';
import { sampleBody } from '../../src/testing.js';
import { clear, queueAt } from '../support/bullmq-place.js';
import { Program } from '../support/child.js';
import { sampleEvent } from '../support/queue-events.js';
import { crash, expectOnlyBusy, LEAST_IN_FLIGHT, LEAST_UNHANDLED, summaryOf } from './harness.js';
import { COMMAND, TOKEN } from './load.js';
import { Notes } from './notes.js';
import { CONCURRENCY, crashWorkers, type WorkerReport } from './worker-harness.js';

const url = inject('redisUrl');
const KILLS = 20;
const WEB_KILLS = 5;
/** Runs of the event that takes longest: by BullMQ's own default it would be given up before the third. */
const LEAST_RUNS = 3;
/** What every answered event of a load is called, from 1 on. */
const FIRST = 'event-1';

function count(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function summary({ kills, answered, lost, begun, handled, slowestMs }: WorkerReport): string {
  const different = new Set(handled).size;
  return [
    `worker: ${kills.length} kills`,
    `at each at least ${Math.min(...kills.map(({ unhandled }) => unhandled))} answered events unhandled and ${Math.min(...kills.map(({ running }) => running))} handlers running`,
    `${answered} events answered`,
    `${lost.length} lost`,
    `${begun.length - handled.length} runs cut off`,
    `${handled.length - different} events handled again`,
    `${count(begun, FIRST)} runs of the longest`,
    `slowest answer ${Math.round(slowestMs)} ms`,
  ].join(', ');
}

describe.skipIf(url === '')('a web server and a worker in processes of their own', () => {
  let name: string;
  let place: Readonly<Record<string, string>>;
  /** BullMQ's own view. */
  let own: Queue;
  let dir: string;
  let programs: Program[];

  beforeEach(() => {
    name = randomUUID();
    place = { REDIS_URL: url, BULLMQ_NAME: name };
    own = queueAt({ connection: { url }, name, prefix: 'qcloud-im-test' });
    dir = mkdtempSync(join(tmpdir(), 'crash-worker-'));
    programs = [];
  });

  afterEach(async () => {
    for (const program of programs) await program.stop('SIGKILL');
    rmSync(dir, { recursive: true });
    await clear(own);
  });

  function startWorker(env: Readonly<Record<string, string>>): Program {
    const program = new Program('test/crash/bullmq-worker.ts', {
      NODE_OPTIONS: '--import tsx',
      WORKERS: String(CONCURRENCY),
      TOKEN,
      ...place,
      ...env,
    });
    programs.push(program);
    return program;
  }

  function expectHarm({ kills }: WorkerReport): void {
    for (const kill of kills) {
      expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
      expect(kill.running).toBeGreaterThanOrEqual(CONCURRENCY / 2);
    }
  }

  it('handle every event that was answered with 200, at least once, over 20 kills of the worker', {
    timeout: 20 * 60_000,
  }, async () => {
    const report = await crashWorkers({ kills: KILLS, place, worker: { LONG: FIRST } });
    console.log(summary(report));
    const { kills, begun, handled } = report;
    expect(kills).toHaveLength(KILLS);
    expectHarm(report);
    expect(report.unanswered).toBe(0);
    expectOnlyBusy(report.refused);
    expect(report.handledByWeb).toBe(0);
    expect(report.lost).toEqual([]);

    // A run is cut off where it ran at a kill, and repeated after its end only where BullMQ was not told yet.
    const different = new Set(handled).size;
    const running = sum(kills.map((kill) => kill.running));
    expect(begun.length - handled.length).toBe(running);
    expect(begun.length - different).toBeLessThanOrEqual(KILLS * CONCURRENCY);

    // An event whose worker died several times is handled all the same, and nothing was given up.
    expect(count(begun, FIRST)).toBeGreaterThanOrEqual(LEAST_RUNS);
    expect(count(handled, FIRST)).toBe(1);
    expect(report.output).toBe('working\n');
    expect(await own.getFailedCount()).toBe(0);
    expect(await own.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
  });

  it('lose events, and this test sees it, when the worker says that they are done before they are', {
    timeout: 5 * 60_000,
  }, async () => {
    const report = await crashWorkers({ kills: 1, place, worker: { BROKEN: 'hurried' } });
    expectHarm(report);
    expect(report.unanswered).toBe(0);
    expect(report.lost.length).toBeGreaterThan(0);
  });

  it('report an event as dead, and keep it, when it has killed its worker too often', async () => {
    const MAX_STALLED = 2;
    const handled = new Notes(dir, 'handled');
    const env = {
      // Events that run beside it die with it as often, and are given up with it.
      WORKERS: '1',
      DEADLY: 'deadly',
      MAX_STALLED: String(MAX_STALLED),
      HANDLED_FILE: handled.file,
      HANDLER_MS: '1',
    };
    const queue = bullmqQueue({ connection: { url }, name, prefix: 'qcloud-im-test', worker: false });
    await queue.open();
    for (const text of ['deadly', 'harmless']) {
      const message = [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];
      await queue.enqueue(sampleEvent(text, { ...sampleBody(COMMAND), MsgBody: message }));
    }
    await queue.close();

    let killed = 0;
    let told: string | undefined;
    // One more than it needs.
    for (let life = 0; told === undefined && life < MAX_STALLED + 3; life += 1) {
      try {
        [, told] = await startWorker(env).printed(/^dead (.+)$/m);
      } catch {
        killed += 1;
      }
    }
    expect(told).toBe('deadly: handler_failed: job stalled more than allowable limit');
    expect(killed).toBe(MAX_STALLED + 1);
    await vi.waitFor(() => expect(handled.lines()).toEqual(['harmless']), { timeout: 120_000 });
    expect((await own.getFailed()).map(({ id }) => id)).toEqual(['event-deadly']);
  });

  it('handle every event that was answered with 200, over 5 kills of the web server', async () => {
    let worker: Program | undefined;
    const queue = 'bullmq, web';
    const report = await crash({
      queue,
      kills: WEB_KILLS,
      env: place,
      beside: async (handledFile) => {
        worker = startWorker({ HANDLED_FILE: handledFile, HANDLER_MS: '50', LOCK_MS: '30000' });
        await worker.printed(/working/);
      },
    });
    console.log(summaryOf(queue, report));
    expect(report.kills).toHaveLength(WEB_KILLS);
    for (const kill of report.kills) {
      expect(kill.inFlight).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT);
      expect(kill.unhandled).toBeGreaterThanOrEqual(LEAST_UNHANDLED);
    }
    expect(report.lost).toEqual([]);
    expectOnlyBusy(report.refused);
    // Nobody killed the worker, and the same one did it all.
    expect(report.repeats).toBe(0);
    expect(await worker?.stop('SIGTERM')).toBe(0);
    expect(worker?.output).toBe('working\n');
  });
});
