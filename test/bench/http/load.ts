/** Sends callbacks over kept-alive connections and looks at every answer. */

import autocannon from 'autocannon';
import { ANSWER } from './callback.js';

/** What to send, and how often. */
export interface Load {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly amount: number;
  readonly connections: number;
}

/**
 * Resolves with the milliseconds that each request took. autocannon's own histogram knows whole ones only.
 * @throws Error when a request failed or an answer was another: its figures would mean nothing.
 */
export async function sendLoad({ url, body, headers, amount, connections }: Load): Promise<number[]> {
  const latencies: number[] = [];
  const { errors, non2xx, mismatches } = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      { url, method: 'POST', body, headers, amount, connections, expectBody: ANSWER },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
    instance.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds));
  });
  if (errors + non2xx + mismatches > 0 || latencies.length !== amount) {
    const told = `${errors} errors, ${non2xx} other statuses, ${mismatches} other bodies`;
    throw new Error(`${amount} requests, ${latencies.length} answers: ${told}`);
  }
  return latencies;
}
