/** Loads body-parser's `raw()` for frameworks that have not loaded it: it costs about 100 ms without Express. */

import type { RawParser } from './node-body.js';

/** Begins to load the parser; whoever has a body to read waits for it. */
export async function loadRawParser(limit: number): Promise<RawParser> {
  const { default: bodyParser } = await import('body-parser');
  return bodyParser.raw({ type: () => true, limit });
}
