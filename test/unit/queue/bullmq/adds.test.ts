/** Jobs on their way into BullMQ: which call, and how many leave together. */

import { describe, expect, it } from 'vitest';
import { storeJobs } from '../../../../src/queue/bullmq/adds.js';
import { type EventJob, jobOf } from '../../../../src/queue/bullmq/job.js';
import type { JobQueue } from '../../../../src/queue/bullmq/store.js';
import { sampleEvent } from '../../../support/queue-events.js';

const jobs = (count: number): EventJob[] =>
  Array.from({ length: count }, (_, index) => jobOf(sampleEvent(String(index)), {}, undefined));

/** A queue that tells what it was asked, and whose adds fail where the test says so. */
function queueWith(backend: object, failing?: string): { queue: JobQueue; calls: string[] } {
  const calls: string[] = [];
  const queue = {
    getBackend: () => backend,
    async add(_name: string, { Id }: EventJob['data']) {
      calls.push(Id);
      if (Id === failing) throw new Error('away');
    },
    async addBulk(bulk: EventJob[]) {
      calls.push(`bulk of ${bulk.length}`);
    },
  };
  return { queue: queue as unknown as JobQueue, calls };
}

/** The part of a socket that is used; it writes its turns into the calls. */
function withSocket(failing?: string): { queue: JobQueue; calls: string[] } {
  const stream = { cork: () => made.calls.push('cork'), uncork: () => made.calls.push('uncork') };
  const made = queueWith({ client: Promise.resolve({ stream }) }, failing);
  return made;
}

const numbers = (begin: number, end: number): string[] =>
  Array.from({ length: end - begin }, (_, index) => String(begin + index));

describe('storeJobs', () => {
  it.each([
    ['is not Redis', {}],
    ['has no single socket', { client: Promise.resolve({}) }],
    ['is not connected yet', { client: Promise.resolve({ stream: undefined }) }],
  ])('adds in bulk where the backend %s', async (_, backend) => {
    const { queue, calls } = queueWith(backend);
    await storeJobs(queue, jobs(3), () => undefined);
    expect(calls).toEqual(['bulk of 3']);
  });

  it('adds few jobs one by one, without waiting for one another', async () => {
    const { queue, calls } = withSocket();
    const stored: number[] = [];
    await storeJobs(queue, jobs(3), (place) => stored.push(place));
    expect(calls).toEqual(numbers(0, 3));
    expect(stored).toEqual([0, 1, 2]);
  });

  it('lets many leave together, a part in each turn of the event loop', async () => {
    const { queue, calls } = withSocket();
    const stored: number[] = [];
    await storeJobs(queue, jobs(60), (place) => stored.push(place));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([
      ...['cork', ...numbers(0, 25), 'uncork'],
      ...['cork', ...numbers(25, 50), 'uncork'],
      ...numbers(50, 60),
    ]);
    expect(stored.map(String)).toEqual(numbers(0, 60));
  });

  it('rejects when one is not stored, tells of those that are, and leaves the socket as it was', async () => {
    const { queue, calls } = withSocket('7');
    const stored: number[] = [];
    await expect(storeJobs(queue, jobs(60), (place) => stored.push(place))).rejects.toThrow('away');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stored.map(String)).toEqual(numbers(0, 60).filter((id) => id !== '7'));
    expect(calls.filter((call) => call === 'uncork')).toHaveLength(2);
  });

  it('rejects when the client does', async () => {
    const { queue } = queueWith({ client: Promise.reject(new Error('no client')) });
    await expect(storeJobs(queue, jobs(1), () => undefined)).rejects.toThrow('no client');
  });
});
