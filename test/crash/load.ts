/** Sends callbacks, many at the same time, and remembers which of them were answered with success. */

import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleBody, signedQuery } from '../../src/testing.js';

export const COMMAND = 'Group.CallbackAfterSendMsg';
export const TOKEN = 'crash-test-token';
const SDK_APP_ID = 1400000000;

/** Callers that each send one callback after the other. */
export class Load {
  /** Texts of the events that were answered with success. */
  readonly answered = new Set<string>();
  /** How often each other status was answered. */
  readonly refused = new Map<number, number>();
  /** The longest time between a request and its answer, in milliseconds. */
  slowestMs = 0;
  /** Requests that the operating system has and that are not answered. */
  inFlight = 0;
  /** Called after every answer. */
  onAnswer: () => void = () => undefined;
  readonly #callers: number;
  readonly #pauseMs: () => number;
  #sent = 0;
  #running: Promise<unknown> | undefined;
  #stopped = false;

  /** @param pauseMs gives how long a caller rests after an answer, in milliseconds. Default: not at all. */
  constructor(callers: number, pauseMs = () => 0) {
    this.#callers = callers;
    this.#pauseMs = pauseMs;
  }

  /** Requests that were sent, answered or not. */
  get sent(): number {
    return this.#sent;
  }

  /** Answers that were no success. */
  get refusals(): number {
    return [...this.refused.values()].reduce((total, count) => total + count, 0);
  }

  /** Begins to send to a port. */
  start(port: number): void {
    const agent = new Agent({ keepAlive: true });
    this.#stopped = false;
    const caller = async (): Promise<void> => {
      while (!this.#stopped) {
        // Signed anew each time: signatures are refused when they are old, and a load may last for minutes.
        const query = await signedQuery({ token: TOKEN, sdkAppId: SDK_APP_ID, command: COMMAND });
        await this.#send(agent, port, query);
        const pauseMs = this.#pauseMs();
        if (pauseMs > 0) await sleep(pauseMs);
      }
    };
    this.#running = Promise.all(Array.from({ length: this.#callers }, caller)).finally(() => agent.destroy());
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when every request has its answer or its end. */
  async ended(): Promise<void> {
    await this.#running;
  }

  /** Never rejects: a receiver that is killed ends its requests without an answer. */
  #send(agent: Agent, port: number, query: string): Promise<void> {
    this.#sent += 1;
    const text = `event-${this.#sent}`;
    const body = JSON.stringify({
      ...sampleBody(COMMAND),
      MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }],
    });
    return new Promise((resolve) => {
      const begin = performance.now();
      let counted = false;
      const end = (): void => {
        if (counted) this.inFlight -= 1;
        counted = false;
        resolve();
      };
      const sending = request({
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `/im/callback?${query}`,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      });
      sending.on('finish', () => {
        this.inFlight += 1;
        counted = true;
      });
      sending.on('response', (response) => {
        response.resume();
        response.on('end', () => {
          this.slowestMs = Math.max(this.slowestMs, performance.now() - begin);
          const { statusCode = 0 } = response;
          if (statusCode === 200) this.answered.add(text);
          else this.refused.set(statusCode, (this.refused.get(statusCode) ?? 0) + 1);
          end();
          this.onAnswer();
        });
      });
      // After a cut answer there is no end, but there is always a close.
      sending.on('error', () => undefined);
      sending.on('close', end);
      sending.end(body);
    });
  }
}
