/**
 * Whether a table of LevelDB is what LevelDB wrote. It stores a checksum of every block and does not look at it:
 * what is altered is handed out, and where a block is nonsense the process ends by an assertion.
 */

const FOOTER_BYTES = 48;
const SNAPPY = 1;
/** The last bytes of a table, `0xdb4775248b80fb57`. */
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const MASK = 0xa282ead8;

/** CRC-32C of each byte. */
const CRC = Buffer.alloc(4 * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0x82f63b78 * (sum & 1));
  CRC.writeInt32LE(sum | 0, 4 * byte);
}

/** A part of a file. */
interface Block {
  readonly offset: number;
  readonly size: number;
}

export function isWhole(table: Buffer): boolean {
  try {
    const end = table.length - FOOTER_BYTES;
    if (!table.subarray(-MAGIC.length).equals(MAGIC)) return false;
    const footer = new Reader(table, end);
    const [filters, index] = [footer.block(), footer.block()];
    return [filters, index].every(
      (block) =>
        isWholeBlock(table, block) && blocksIn(table, block).every((each) => isWholeBlock(table, each)),
    );
  } catch {
    // A length in it leads beyond its end.
    return false;
  }
}

function isWholeBlock(table: Buffer, { offset, size }: Block): boolean {
  // With the byte behind it, which says how it is compressed.
  const bytes = table.subarray(offset, offset + size + 1);
  const sum = bytes.reduce(
    (before, byte) => CRC.readInt32LE(4 * ((before ^ byte) & 0xff)) ^ (before >>> 8),
    -1,
  );
  const masked = (((~sum >>> 15) | (~sum << 17)) + MASK) >>> 0;
  return table.readUInt32LE(offset + size + 1) === masked;
}

/** The blocks that a block names. */
function blocksIn(table: Buffer, { offset, size }: Block): Block[] {
  const stored = table.subarray(offset, offset + size);
  const entries = table[offset + size] === SNAPPY ? decompressed(stored) : stored;
  const restarts = entries.readUInt32LE(entries.length - 4);
  const end = entries.length - 4 * (restarts + 1);
  const reader = new Reader(entries, 0);
  const blocks: Block[] = [];
  while (reader.at < end) {
    reader.number();
    const keyBytes = reader.number();
    reader.number();
    reader.at += keyBytes;
    blocks.push(reader.block());
  }
  return blocks;
}

/** What Snappy has compressed. */
function decompressed(stored: Buffer): Buffer {
  const reader = new Reader(stored, 0);
  const out = Buffer.alloc(reader.number());
  let end = 0;
  while (reader.at < stored.length) {
    const tag = reader.bytes(1);
    const long = tag >> 2;
    if ((tag & 3) === 0) {
      const length = 1 + (long < 60 ? long : reader.bytes(long - 59));
      end += stored.copy(out, end, reader.at, reader.at + length);
      reader.at += length;
      continue;
    }
    const near = (tag & 3) === 1;
    const length = near ? 4 + (long & 7) : 1 + long;
    const back = near ? ((tag >> 5) << 8) | reader.bytes(1) : reader.bytes(2 * ((tag & 3) - 1));
    // Byte by byte: what is copied may be what this has just written.
    for (const stop = end + length; end < stop; end += 1) out.writeUInt8(out.readUInt8(end - back), end);
  }
  return out;
}

class Reader {
  readonly #buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.at = at;
  }

  bytes(count: number): number {
    this.at += count;
    return this.#buffer.readUIntLE(this.at - count, count);
  }

  /** Seven bits a byte; the highest one says that there are more. */
  number(): number {
    const byte = this.bytes(1);
    return byte < 128 ? byte : byte - 128 + 128 * this.number();
  }

  block(): Block {
    return { offset: this.number(), size: this.number() };
  }
}
