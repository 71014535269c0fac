/**
 * One measurement in a process of its own. Its argument is JSON, see `Task`; it prints its figures as JSON.
 * With `node --cpu-prof --import tsx test/bench/queues/child.ts '…'` it shows where the time goes.
 */

import { CASES } from './cases.js';
import { eventSource } from './events.js';
import { type Amount, measureSubject } from './load.js';

/** What is to be measured. */
export interface Task extends Amount {
  /** Its place in `CASES`. */
  readonly index: number;
  readonly redisUrl: string;
}

const { index, redisUrl, ...amount }: Task = JSON.parse(process.argv[2] ?? '{}');
const found = CASES[index];
if (found === undefined) throw new Error(`there is no case ${index}`);
const source = await eventSource();
const subject = await found.make({ source, redisUrl });
console.log(JSON.stringify(await measureSubject(subject, source, amount)));
// Whatever a client keeps open, the figures are there.
process.exit();
