/** A file to which handlers append a line at a time; it survives the process that writes. */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK_BYTES = 64 * 1024;

export class Notes {
  readonly file: string;
  readonly #lines: string[] = [];
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #offset = 0;
  /** The begin of a line whose end is not read yet. */
  #rest = '';

  constructor(dir: string, name: string) {
    this.file = join(dir, `${name}.txt`);
    writeFileSync(this.file, '');
  }

  /** All lines so far; only what is new is read. */
  lines(): readonly string[] {
    const file = openSync(this.file, 'r');
    try {
      for (;;) {
        const bytes = readSync(file, this.#chunk, 0, CHUNK_BYTES, this.#offset);
        if (bytes === 0) return this.#lines;
        this.#offset += bytes;
        // Texts of these tests are ASCII, so that no character can be cut.
        const lines = (this.#rest + this.#chunk.toString('latin1', 0, bytes)).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) this.#lines.push(line);
      }
    } finally {
      closeSync(file);
    }
  }
}
