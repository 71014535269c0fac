/** Where the time of a process went: reads a CPU profile and sums up self-time by whose code it is. */

/** A function, or what V8 did outside any. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
}

/** What a `.cpuprofile` holds of use here. */
export interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  /** Ids of the nodes that ran when samples were taken. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/;
const OURS = /\/dist\/(?:esm|cjs)\//;

/** Whose code a function is. */
export function groupOf({ functionName, url }: Frame): string {
  if (url === '') {
    // `(garbage collector)`, `(program)`: V8's own names.
    if (functionName.startsWith('(')) return functionName;
    // ajv makes functions from text, which belongs to no file.
    if (/^validate\d+$/.test(functionName)) return 'ajv, compiled schemas';
    return `native ${functionName}`;
  }
  if (url.startsWith('node:')) return url;
  const name = PACKAGE.exec(url)?.[1];
  if (name !== undefined) return name;
  // By function, because modules are bundled.
  return OURS.test(url) ? `qcloud-im-callback ${functionName}` : 'the server of the benchmark';
}

/** Microseconds by group, longest first, without the time in which there was nothing to do. */
export function selfTimes({
  nodes,
  samples,
  timeDeltas,
}: Profile): (readonly [group: string, micros: number])[] {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]));
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const group = groups.get(id) ?? '(unknown)';
    // A function that is seen now runs until the next look.
    times.set(group, (times.get(group) ?? 0) + (timeDeltas[index + 1] ?? 0));
  });
  times.delete('(idle)');
  return [...times].sort(([, a], [, b]) => b - a);
}
