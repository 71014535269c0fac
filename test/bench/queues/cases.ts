/** What is measured, and with how many events: enough for a quarter of a second or more of each. */

import { bareBullmq, bullmq } from './bullmq.js';
import { bareRpush, list } from './list.js';
import { disk, fastqPromise, memory } from './local.js';
import type { MakeSubject } from './subject.js';

export const TIERS = ['memory', 'disk', 'list', 'bullmq'] as const;
export type Tier = (typeof TIERS)[number];

/** Requests that wait for the queue at the same time. */
export type InFlight = 1 | 50;

/** One line of the table. */
export interface Case {
  readonly tier: Tier;
  readonly subject: string;
  readonly make: MakeSubject;
  /** The line that it is compared with. */
  readonly peer?: string;
  /** By the number in flight. A number that is left out makes no sense for the subject. */
  readonly events: { readonly [Flight in InFlight]?: number };
}

export const MEMORY = '`memoryQueue`';
export const DISK = '`diskQueue`';
export const BULLMQ = '`bullmqQueue`';
const FASTQ = '`fastq.promise`';
const RPUSH = 'bare ioredis `rpush`';
const BARE_ADD = 'bare BullMQ `add`';
const BARE_WORKER = 'bare BullMQ `add` and `Worker`';

export const CASES: readonly Case[] = [
  { tier: 'memory', subject: MEMORY, make: memory, peer: FASTQ, events: { 1: 60_000, 50: 150_000 } },
  { tier: 'memory', subject: FASTQ, make: fastqPromise, events: { 1: 60_000, 50: 150_000 } },
  { tier: 'disk', subject: DISK, make: disk(false), events: { 1: 3_000, 50: 12_000 } },
  { tier: 'disk', subject: '`diskQueue`, `sync: true`', make: disk(true), events: { 1: 400, 50: 8_000 } },
  {
    tier: 'list',
    subject: '`listQueue`, ioredis',
    make: list({ client: 'ioredis' }),
    peer: RPUSH,
    events: { 1: 3_000, 50: 12_000 },
  },
  {
    tier: 'list',
    subject: '`listQueue`, redis',
    make: list({ client: 'redis' }),
    peer: RPUSH,
    events: { 1: 3_000, 50: 12_000 },
  },
  { tier: 'list', subject: RPUSH, make: bareRpush, events: { 1: 3_000, 50: 12_000 } },
  {
    tier: 'list',
    subject: '`listQueue`, ioredis, with its workers',
    make: list({ client: 'ioredis', handles: true }),
    events: { 50: 4_000 },
  },
  {
    tier: 'list',
    subject: '`listQueue`, redis, with its workers',
    make: list({ client: 'redis', handles: true }),
    events: { 50: 4_000 },
  },
  { tier: 'bullmq', subject: BULLMQ, make: bullmq(false), peer: BARE_ADD, events: { 1: 3_000, 50: 10_000 } },
  { tier: 'bullmq', subject: BARE_ADD, make: bareBullmq(false), events: { 1: 3_000, 50: 10_000 } },
  {
    tier: 'bullmq',
    subject: '`bullmqQueue` with its worker',
    make: bullmq(true),
    peer: BARE_WORKER,
    events: { 50: 4_000 },
  },
  { tier: 'bullmq', subject: BARE_WORKER, make: bareBullmq(true), events: { 50: 4_000 } },
];
