/** What every adapter has to do, as one list. Ids are stable: a case that goes leaves its id free. */

import type { Case } from './case.js';
import { failures } from './cases-failed.js';
import { good, paths } from './cases-good.js';
import { bodies, refused } from './cases-refused.js';

export const cases: readonly Case[] = [...good, ...paths, ...refused, ...bodies, ...failures];
