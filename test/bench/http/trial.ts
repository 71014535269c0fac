/** One trial: starts a candidate in a process of its own, warms it up, measures it, stops it. */

import { percentile } from '../measure.js';
import { callbackBody, callbackQuery, callbackUrl } from './callback.js';
import type { Candidate } from './candidates.js';
import { Child } from './child.js';
import { sendLoad } from './load.js';
import type { Profile } from './profile.js';

/** Work in memory is so much faster that as many events as requests would be over before they were measured. */
const EVENTS_PER_REQUEST = 25;

/** How a candidate is measured. */
export interface TrialOptions {
  readonly requests: number;
  /** Requests before: the first 8,000 cost up to ten times as much, while V8 compiles. */
  readonly warmUp: number;
  readonly connections: number;
  /** Bytes of the body of a request. */
  readonly bodyBytes: number;
  /** The Node that the candidates run on. */
  readonly node: string;
}

/** What a trial measured. */
export interface Sample {
  readonly nodeVersion: string;
  /** CPU time per request. */
  readonly cpuMicros: number;
  /** Absent where no requests were sent. */
  readonly p99Ms?: number;
}

/** A started, warm candidate. */
interface Running {
  readonly child: Child;
  readonly nodeVersion: string;
  /** How many requests or events `work` is. */
  readonly amount: number;
  /** Resolves with the milliseconds that each request took; events in memory tell none. */
  work(): Promise<readonly number[]>;
}

async function withRunning<Result>(
  { name, typed }: Candidate,
  { requests, warmUp, connections, bodyBytes, node }: TrialOptions,
  measure: (running: Running) => Promise<Result>,
): Promise<Result> {
  const [child, { port, nodeVersion }] = await Child.start(name, node);
  try {
    const query = await callbackQuery();
    const body = callbackBody(bodyBytes);
    const headers: Record<string, string> = typed ? { 'content-type': 'application/json' } : {};
    const factor = port === undefined ? EVENTS_PER_REQUEST : 1;
    const send = async (amount: number): Promise<readonly number[]> => {
      if (port !== undefined)
        return sendLoad({ url: callbackUrl(port, query), body, headers, amount, connections });
      await child.ask('receive', { query, body, amount });
      return [];
    };
    await send(warmUp * factor);
    const amount = requests * factor;
    return await measure({ child, nodeVersion, amount, work: () => send(amount) });
  } catch (error) {
    throw new Error(`${name} could not be measured`, { cause: error });
  } finally {
    await child.stop();
  }
}

/** Measures a candidate. */
export function trial(candidate: Candidate, options: TrialOptions): Promise<Sample> {
  return withRunning(candidate, options, async ({ child, nodeVersion, amount, work }) => {
    const before = await child.ask('cpu');
    const latencies = await work();
    const cpuMicros = ((await child.ask('cpu')) - before) / amount;
    return {
      nodeVersion,
      cpuMicros,
      ...(latencies.length === 0 ? {} : { p99Ms: percentile(latencies, 0.99) }),
    };
  });
}

/** Takes a profile of a warm candidate instead. */
export function profileOf(
  candidate: Candidate,
  options: TrialOptions,
): Promise<{ readonly profile: Profile; readonly amount: number }> {
  return withRunning(candidate, options, async ({ child, amount, work }) => {
    await child.ask('startProfile');
    await work();
    return { profile: await child.ask('stopProfile'), amount };
  });
}
