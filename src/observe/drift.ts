/** What the vendor sends that this release does not know: counted, without any value that may be somebody's. */

import type { Shape } from '../generated/fields.js';

/** One thing that was seen. */
export interface DriftEntry {
  /** The command; `other` for those that are not documented. */
  readonly command: string;
  /**
   * A field that no document names; a value that an open set lacks; a field that had to be given another type; a
   * required field that was missing; a command that is not documented.
   */
  readonly kind: 'unknown_field' | 'unknown_value' | 'converted' | 'missing' | 'unknown_command';
  /** Where, such as `MsgBody[].MsgType`; `*` for a name that is no plain word. */
  readonly path: string;
  /** The value of an open set, the type that came instead of the wanted one, or the name of a command. */
  readonly value?: string;
  /** In how many of the callbacks that were looked at. */
  count: number;
}

/** What was seen so far. */
export interface DriftReport {
  /** How many callbacks were looked at. */
  readonly looked: number;
  readonly entries: readonly Readonly<DriftEntry>[];
  /** Entries that were left out because there were too many of their command. */
  readonly leftOut: number;
  /** The same as text, for a report to the authors of this package. */
  readonly text: string;
}

/** The most entries of a command, and the most commands: who can sign could make up any number of either. */
export const MAX_ENTRIES = 64;

/** Names of fields, constants and commands; anything else may hold what is somebody's. */
const WORD = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** The most items of a list that are looked at. */
const MAX_ITEMS = 20;

/** How deep a value is looked at. */
const MAX_DEPTH = 12;

type Shapes = Readonly<Record<string, Shape | string | 0>>;

/** What is known of the bodies. Loaded with the first callback that is looked at, as it is some weight. */
interface Known {
  readonly commandShapes: Shapes;
  readonly sharedShapes: Shapes;
}

function plain(name: string): string {
  return WORD.test(name) ? name : '*';
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

/** Whether a value has the type that handlers see. An integer is a number, too. */
function fits(value: unknown, as: string): boolean {
  const type = typeOf(value);
  return type === as || (as === 'number' && type === 'integer');
}

/** Counts what differs. */
export class Drift {
  readonly #every: number;
  readonly #byCommand = new Map<string, Map<string, DriftEntry>>();
  #known: Known | undefined;
  #loading: Promise<unknown> | undefined;
  #passed = 0;
  #looked = 0;
  #leftOut = 0;

  /** @param every Of so many callbacks one is looked at. */
  constructor(every: number) {
    this.#every = every;
  }

  /** Counts a callback that has come; says whether it is one to look at. */
  isDue(): boolean {
    this.#passed += 1;
    if (this.#passed < this.#every) return false;
    this.#passed = 0;
    return true;
  }

  /** Resolves when bodies can be looked at. */
  async load(): Promise<void> {
    this.#loading ??= import('../generated/fields.js').then((known) => {
      this.#known = known;
    });
    await this.#loading;
  }

  /**
   * Looks at a body as it came. Gives what differs; nothing while what is known is still being loaded.
   * @param known Whether the command is a documented one.
   */
  look(command: string, known: boolean, body: unknown): readonly Readonly<DriftEntry>[] {
    if (this.#known === undefined) {
      // Where the module is not there nothing can be looked at, and nothing else needs it.
      this.load().catch(() => undefined);
      return [];
    }
    this.#looked += 1;
    const found = new Map<string, DriftEntry>();
    const note = (kind: DriftEntry['kind'], path: string, value?: string): void => {
      if (found.size === MAX_ENTRIES) return;
      const entry = {
        command: known ? command : 'other',
        kind,
        path,
        ...(value === undefined ? {} : { value }),
        count: 1,
      };
      found.set(`${kind} ${path} ${value}`, entry);
    };
    if (known) this.#compare(body, this.#known.commandShapes[command], '', MAX_DEPTH, note);
    else note('unknown_command', '', plain(command));
    for (const [key, entry] of found) this.#count(key, entry);
    return [...found.values()];
  }

  report(): DriftReport {
    const entries = [...this.#byCommand.values()].flatMap((found) =>
      [...found.values()].map((entry) => ({ ...entry })),
    );
    const lines = entries.map(({ command, kind, path, value, count }) =>
      [count, command, kind, path, value].filter((part) => part !== undefined && part !== '').join(' '),
    );
    const head = `drift in ${this.#looked} callbacks, ${entries.length} kinds${this.#leftOut === 0 ? '' : `, ${this.#leftOut} left out`}`;
    return { looked: this.#looked, entries, leftOut: this.#leftOut, text: [head, ...lines].join('\n') };
  }

  #count(key: string, entry: DriftEntry): void {
    // Commands are a finite list: `other` is one of them.
    let entries = this.#byCommand.get(entry.command);
    if (entries === undefined) {
      entries = new Map();
      this.#byCommand.set(entry.command, entries);
    }
    const seen = entries.get(key);
    if (seen !== undefined) seen.count += 1;
    else if (entries.size < MAX_ENTRIES) entries.set(key, { ...entry });
    else this.#leftOut += 1;
  }

  #compare(
    value: unknown,
    named: Shape | string | 0 | undefined,
    path: string,
    depth: number,
    note: (kind: DriftEntry['kind'], path: string, value?: string) => void,
  ): void {
    const shape = typeof named === 'string' ? this.#known?.sharedShapes[named] : named;
    // Shared shapes are never names of others. Null says that there is no value.
    if (typeof shape !== 'object' || value === null || value === undefined || depth === 0) return;
    const { as, values, items, fields } = shape;
    if (as !== undefined && !fits(value, as)) note('converted', path, `${typeOf(value)} for ${as}`);
    if (values !== undefined && typeof value === 'string' && value !== '' && !values.includes(value)) {
      note('unknown_value', path, plain(value));
    }
    if (Array.isArray(value)) {
      if (items !== undefined) {
        for (const item of value.slice(0, MAX_ITEMS))
          this.#compare(item, items, `${path}[]`, depth - 1, note);
      }
    } else if (typeof value === 'object' && fields !== undefined) {
      this.#compareFields(value as Readonly<Record<string, unknown>>, shape, path, depth, note);
    }
  }

  #compareFields(
    value: Readonly<Record<string, unknown>>,
    { fields = {}, open, required = [], by, cases = {} }: Shape,
    path: string,
    depth: number,
    note: (kind: DriftEntry['kind'], path: string, value?: string) => void,
  ): void {
    const pathTo = (name: string): string => (path === '' ? plain(name) : `${path}.${plain(name)}`);
    let special: Shape['fields'];
    if (by !== undefined) {
      const which = value[by];
      const found = typeof which === 'string' && Object.hasOwn(cases, which) ? cases[which] : undefined;
      if (typeof which === 'string' && found === undefined) note('unknown_value', pathTo(by), plain(which));
      special = typeof found === 'object' ? found.fields : undefined;
    }
    for (const [name, child] of Object.entries(value)) {
      if (!Object.hasOwn(fields, name)) {
        if (open !== true) note('unknown_field', pathTo(name));
      } else this.#compare(child, special?.[name] ?? fields[name], pathTo(name), depth - 1, note);
    }
    for (const name of required) if (!Object.hasOwn(value, name)) note('missing', pathTo(name));
  }
}
