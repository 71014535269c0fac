/** Loads body-parser's `raw()` for frameworks that have not loaded it: it costs about 100 ms without Express. */

import type { RawParser } from './node-body.js';

/** Gives the parser, or a promise of it as long as it is being loaded. */
export type RawParserSource = () => RawParser | Promise<RawParser>;

/** Begins to load the parser; whoever has a body to read by then waits for it. */
export function loadRawParser(limit: number): RawParserSource {
  let parser: RawParser | Promise<RawParser> = import('body-parser').then(({ default: bodyParser }) => {
    const loaded: RawParser = bodyParser.raw({ type: () => true, limit });
    parser = loaded;
    return loaded;
  });
  return () => parser;
}
