/** What every queue promises. The only variable is what makes the queues; each tier's test calls this once. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventConsumer, EventQueue } from '../../src/queue/queue.js';
import { type Handle, idsOf, Recorder, sampleEvent, sampleEvents } from '../support/queue-events.js';

/** What a test asks of a queue. */
export interface QueueSettings {
  /** Handlers at the same time, exactly: without assist workers. */
  readonly workers: number;
  /** Runs per event; retries follow one another as fast as the tier can. Defaults to 1. */
  readonly attempts?: number;
  /** Accepted events that may wait, where the tier has a bound. Defaults to more than the test uses. */
  readonly capacity?: number;
}

/** One place where events are kept, fresh for each test. */
export interface QueueWorld {
  /** Makes a queue, not opened. A second one finds what the first has left. */
  queue(settings: QueueSettings): EventQueue | Promise<EventQueue>;
  /** Puts something that is no event where the queue looks for events; absent where nothing can. */
  spoil?(): Promise<void>;
  /** Removes the place. */
  end(): Promise<void>;
}

/** What not every queue can do. */
export interface QueueCapabilities {
  /** Keeps what is not done for the next queue of the same world. The others hand it back from `close`. */
  readonly durable: boolean;
  /** Refuses an event when `capacity` + `workers` of them are accepted and not done. */
  readonly bounded: boolean;
  /** Runs an event again whose run failed. */
  readonly retries: boolean;
  /** Leaves to the next queue, when it is closed, what no worker has. Defaults to false: `close` waits for it. */
  readonly leaves?: boolean;
}

const coded = (code: string) => expect.objectContaining({ name: 'CallbackError', code });

/** For tiers that go over a socket or a disk. */
const PATIENCE = { timeout: 50_000, interval: 2 };

/** Tests one tier. */
export function describeQueue(
  name: string,
  factory: () => QueueWorld | Promise<QueueWorld>,
  { durable, bounded, retries, leaves = false }: QueueCapabilities,
): void {
  describe(name, () => {
    let world: QueueWorld;
    let queues: EventQueue[];

    beforeEach(async () => {
      world = await factory();
      queues = [];
    });

    afterEach(async () => {
      for (const queue of queues) await queue.close({ timeoutMs: 0 });
      await world.end();
    });

    async function make(settings: Partial<QueueSettings> = {}): Promise<EventQueue> {
      const queue = await world.queue({ workers: 1, ...settings });
      queues.push(queue);
      return queue;
    }

    async function started(
      consumer: EventConsumer,
      settings: Partial<QueueSettings> = {},
    ): Promise<EventQueue> {
      const queue = await make(settings);
      await queue.open();
      queue.start(consumer);
      return queue;
    }

    /** As callers see it: whether it throws or rejects makes no difference. */
    const enqueue = async (queue: EventQueue, id: string) => queue.enqueue(sampleEvent(id));

    async function enqueueAll(queue: EventQueue, count: number): Promise<string[]> {
      const events = sampleEvents(count);
      for (const event of events) await queue.enqueue(event);
      return idsOf(events);
    }

    /** Handlers that run until they are told to stop. */
    const untilAborted: Handle = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });

    const until = (condition: () => void) => vi.waitFor(condition, PATIENCE);

    it('runs every event once, in the order of acceptance when it has one worker', async () => {
      const consumer = new Recorder();
      const queue = await started(consumer);
      const ids = await enqueueAll(queue, 20);
      await until(() => expect(consumer.completed).toHaveLength(20));
      expect(consumer.begun).toEqual(ids);
      expect(consumer.problems).toEqual([]);
    });

    it('hands the event over as it was', async () => {
      const handle = vi.fn<Handle>();
      const queue = await started(new Recorder(handle));
      await enqueue(queue, 'a');
      await until(() => expect(handle).toHaveBeenCalledOnce());
      const [event, attempt] = handle.mock.calls[0] ?? [];
      expect(event?.id).toBe('a');
      expect(event?.command).toBe('Group.CallbackAfterSendMsg');
      expect(attempt?.attempt).toBe(1);
      expect(attempt?.signal.aborted).toBe(false);
    });

    it('accepts events before it is started and runs them then', async () => {
      const consumer = new Recorder();
      const queue = await make();
      await queue.open();
      const ids = await enqueueAll(queue, 3);
      expect(consumer.begun).toEqual([]);
      queue.start(consumer);
      await until(() => expect(consumer.completed).toEqual(ids));
    });

    it('runs as many handlers at once as it has workers, and no more', async () => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const consumer = new Recorder(() => released);
      const queue = await started(consumer, { workers: 3 });
      await enqueueAll(queue, 12);
      // Held until that many run, so that a slow store cannot hide one of them.
      await until(() => expect(consumer.peak).toBe(3));
      release();
      await until(() => expect(consumer.completed).toHaveLength(12));
      expect(consumer.peak).toBe(3);
    });

    it.runIf(bounded)('refuses what is beyond its bound with queue_full and loses nothing else', async () => {
      const consumer = new Recorder();
      const queue = await make({ capacity: 2 });
      await queue.open();
      await enqueueAll(queue, 3);
      await expect(enqueue(queue, 'surplus')).rejects.toEqual(coded('queue_full'));
      expect(queue.stats()).toMatchObject({ accepted: 3, rejected: 1 });
      queue.start(consumer);
      await until(() => expect(consumer.completed).toEqual(['0', '1', '2']));
      await enqueue(queue, 'later');
      await until(() => expect(consumer.completed).toEqual(['0', '1', '2', 'later']));
    });

    it('goes on after handlers that throw', async () => {
      const consumer = new Recorder(({ id }) => {
        if (id === '0') throw new Error('broken');
        if (id === '1') throw undefined;
      });
      const queue = await started(consumer);
      await enqueueAll(queue, 3);
      await until(() => expect(consumer.completed).toEqual(['2']));
      expect(consumer.told).toEqual(['dead 0', 'dead 1']);
      expect(consumer.problems.map(({ error }) => error.code)).toEqual(['handler_failed', 'handler_failed']);
      await until(() => expect(queue.stats()).toMatchObject({ completed: 1, failed: 2, dead: 2, active: 0 }));
    });

    it('goes on after a report that throws', async () => {
      const consumer = new Recorder(({ id }) => {
        if (id === '0') throw new Error('broken');
      });
      consumer.report = () => {
        throw new Error('report is broken, too');
      };
      const queue = await started(consumer);
      await enqueueAll(queue, 2);
      await until(() => expect(consumer.completed).toEqual(['1']));
    });

    it.runIf(retries)('runs a failed event again, with the same id and the next number', async () => {
      const attempts: string[] = [];
      const consumer = new Recorder(({ id }, { attempt }) => {
        attempts.push(`${id} ${attempt}`);
        if (attempt < 3) throw new Error('not yet');
      });
      const queue = await started(consumer, { attempts: 3 });
      await enqueue(queue, 'a');
      await until(() => expect(consumer.completed).toEqual(['a']));
      expect(attempts).toEqual(['a 1', 'a 2', 'a 3']);
      expect(consumer.told).toEqual(['retry a', 'retry a']);
      expect(consumer.problems.map(({ attempt }) => attempt)).toEqual([1, 2]);
      await until(() =>
        expect(queue.stats()).toMatchObject({ failed: 2, retried: 2, dead: 0, completed: 1 }),
      );
    });

    it.runIf(retries)('reports an event as dead once, after its last run', async () => {
      const consumer = new Recorder(() => {
        throw new Error('broken');
      });
      const queue = await started(consumer, { attempts: 2 });
      await enqueue(queue, 'a');
      await until(() => expect(consumer.told).toEqual(['retry a', 'dead a']));
      await until(() => expect(queue.stats()).toMatchObject({ failed: 2, dead: 1, queued: 0, active: 0 }));
      expect(consumer.begun).toEqual(['a', 'a']);
    });

    it(`waits in close until what ${leaves ? 'its workers have' : 'it accepted'} is done`, async () => {
      // Nothing ends before `close` is called, however slow accepting is.
      let letGo = (): void => undefined;
      const closing = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const consumer = new Recorder(() => closing);
      const queue = await started(consumer, { workers: 2 });
      const ids = await enqueueAll(queue, 6);
      await until(() => expect(consumer.running).toBe(2));
      const closed = queue.close();
      letGo();
      const done = leaves ? 2 : 6;
      expect(await closed).toEqual({ drained: done, remaining: [], timedOut: false });
      expect(consumer.completed.toSorted()).toEqual(ids.slice(0, done));
      expect(queue.stats()).toMatchObject({ completed: done, queued: 6 - done, active: 0, oldestAgeMs: 0 });
    });

    it('aborts at the deadline of close what still runs, and says so', async () => {
      const consumer = new Recorder(untilAborted);
      const queue = await started(consumer);
      const ids = await enqueueAll(queue, 2);
      await until(() => expect(consumer.begun).toEqual(['0']));
      const { drained, remaining, timedOut } = await queue.close({ timeoutMs: 20 });
      expect({ drained, timedOut }).toEqual({ drained: 0, timedOut: true });
      expect(idsOf(remaining)).toEqual(durable ? [] : ids);
      await until(() => expect(consumer.running).toBe(0));
    });

    it('ends close at its deadline though a handler does not heed its signal', async () => {
      const consumer = new Recorder(() => new Promise(() => undefined));
      const queue = await started(consumer);
      await enqueue(queue, '0');
      await until(() => expect(consumer.begun).toEqual(['0']));
      const { remaining, timedOut } = await queue.close({ timeoutMs: 20 });
      expect({ remaining: idsOf(remaining), timedOut }).toEqual({
        remaining: durable ? [] : ['0'],
        timedOut: true,
      });
    });

    it('gives a second close the promise of the first', async () => {
      const queue = await started(new Recorder());
      await enqueueAll(queue, 2);
      const first = queue.close();
      expect(queue.close({ timeoutMs: 0 })).toBe(first);
      expect(await first).toMatchObject({ remaining: [], timedOut: false });
      expect(queue.close()).toBe(first);
    });

    it('refuses events with closing from the beginning of close', async () => {
      const queue = await started(new Recorder());
      const closed = queue.close();
      await expect(enqueue(queue, 'late')).rejects.toEqual(coded('closing'));
      await closed;
      await expect(enqueue(queue, 'later')).rejects.toEqual(coded('closing'));
    });

    it('can be closed before it is opened, and before it is started', async () => {
      const unopened = await make();
      expect(await unopened.close()).toEqual({ drained: 0, remaining: [], timedOut: false });
      const unstarted = await make();
      await unstarted.open();
      await enqueue(unstarted, 'a');
      const { drained, remaining } = await unstarted.close({ timeoutMs: 1000 });
      expect(drained).toBe(0);
      expect(idsOf(remaining)).toEqual(durable ? [] : ['a']);
    });

    it.runIf(durable)('keeps what was not done for the next queue, under the same ids', async () => {
      const first = new Recorder(untilAborted);
      const before = await started(first);
      const ids = await enqueueAll(before, 3);
      await until(() => expect(first.begun).toEqual(['0']));
      await before.close({ timeoutMs: 20 });
      const second = new Recorder();
      await started(second);
      await until(() => expect(second.completed.toSorted()).toEqual(ids));
    });

    it.runIf(durable)('keeps what was accepted by a queue that was never started', async () => {
      const before = await make();
      await before.open();
      const ids = await enqueueAll(before, 3);
      await before.close();
      const consumer = new Recorder();
      await started(consumer);
      await until(() => expect(consumer.completed).toEqual(ids));
    });

    it('reports what is no event as invalid and goes on', async ({ skip }) => {
      skip(world.spoil === undefined, 'nothing but events can get into this queue');
      const consumer = new Recorder();
      await world.spoil?.();
      const queue = await started(consumer);
      await enqueue(queue, 'a');
      await until(() => expect(consumer.completed).toEqual(['a']));
      expect(consumer.problems.map(({ kind }) => kind)).toEqual(['invalid']);
    });
  });
}
