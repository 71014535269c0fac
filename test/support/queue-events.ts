/** Events and consumers for the tests of the queues. */

import { CallbackError } from '../../src/base/errors.js';
import type { AnyCallbackEvent } from '../../src/protocol/event.js';
import { eventFrom } from '../../src/protocol/received-event.js';
import type { Attempt, EventConsumer, QueueProblem } from '../../src/queue/queue.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An event with the given id. */
export function sampleEvent(
  id: string,
  body: Record<string, unknown> = { GroupId: '@TGS#1', id },
  receivedAt: number = Date.now(),
): AnyCallbackEvent {
  return eventFrom({
    command: COMMAND,
    params: {
      SdkAppid: '1400000000',
      CallbackCommand: COMMAND,
      ContentType: 'json',
      ClientIP: '127.0.0.1',
      OptPlatform: 'RESTAPI',
    },
    body,
    rawBody: () => encoder.encode(JSON.stringify(body)),
    bodyAgain: (bytes) => JSON.parse(decoder.decode(bytes)),
    receivedAt,
    id,
  });
}

/** Events with the ids `0`, `1`, … */
export function sampleEvents(count: number): AnyCallbackEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent(String(index)));
}

export function idsOf(events: readonly AnyCallbackEvent[]): string[] {
  return events.map((event) => event.id);
}

/** What a test does when an event is handled. */
export type Handle = (event: AnyCallbackEvent, attempt: Attempt) => unknown;

/** A consumer that remembers what it was asked to do. */
export class Recorder implements EventConsumer {
  /** Ids in the order in which their runs began; one entry per run. */
  readonly begun: string[] = [];
  /** Ids in the order in which their runs ended well. */
  readonly completed: string[] = [];
  readonly problems: QueueProblem[] = [];
  running = 0;
  /** The most runs that there were at the same time. */
  peak = 0;
  readonly #handle: Handle;

  constructor(handle: Handle = () => undefined) {
    this.#handle = handle;
  }

  decode(item: unknown): AnyCallbackEvent {
    const id = typeof item === 'object' && item !== null && 'Id' in item ? item.Id : undefined;
    if (typeof id !== 'string') throw new CallbackError('body_not_json');
    return sampleEvent(id);
  }

  async consume(event: AnyCallbackEvent, attempt: Attempt): Promise<void> {
    this.begun.push(event.id);
    this.running += 1;
    this.peak = Math.max(this.peak, this.running);
    try {
      await this.#handle(event, attempt);
      this.completed.push(event.id);
    } finally {
      this.running -= 1;
    }
  }

  report(problem: QueueProblem): void {
    this.problems.push(problem);
  }

  /** Kinds and ids of the problems, such as `dead 3`. */
  get told(): string[] {
    return this.problems.map(({ kind, event }) => `${kind} ${event?.id}`);
  }
}

/** Handlers that run until the test lets them go. */
export class Gates {
  readonly #gates = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();

  /** A handler that waits for `open` or `fail`. */
  readonly handle: Handle = (event) =>
    new Promise<void>((resolve, reject) => {
      this.#gates.set(event.id, { resolve, reject });
    });

  get waiting(): string[] {
    return [...this.#gates.keys()];
  }

  async open(...ids: string[]): Promise<void> {
    for (const id of ids) this.#take(id).resolve();
    await settled();
  }

  async fail(id: string, error: unknown = new Error(`${id} failed`)): Promise<void> {
    this.#take(id).reject(error);
    await settled();
  }

  #take(id: string): { resolve: () => void; reject: (error: unknown) => void } {
    const gate = this.#gates.get(id);
    if (gate === undefined) throw new Error(`${id} is not running`);
    this.#gates.delete(id);
    return gate;
  }
}

const { setImmediate: realImmediate } = globalThis;

/** Resolves when everything that can happen without the passing of time has happened. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await new Promise((resolve) => realImmediate(resolve));
}
