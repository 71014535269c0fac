/** What the generated table says of a command. */

import type { Phase } from './values.js';

/** Ways to answer. */
export type AnswerKind =
  | 'ok'
  | 'refuse'
  | 'drop'
  | 'replace'
  | 'refuseMembers'
  | 'refuseSubscribers'
  | 'friendResults'
  | 'assignAgents';

/** What the vendor's documents say of a command. */
export interface CommandInfo<Name extends string = string> {
  readonly name: Name;
  readonly phase: Phase;
  /** English title. */
  readonly title: string;
  /** Chinese title. */
  readonly titleZh: string;
  /** The vendor's pages. */
  readonly docs: readonly string[];
  /** Other names of the same callback. */
  readonly aliases?: readonly string[];
  /** Names that the query may carry while the body carries `name`. */
  readonly queryNames?: readonly string[];
  /** Fields that together tell one occurrence from another; a name that ends with `?` may be missing. */
  readonly dedupe?: readonly string[];
  /** Present when the vendor reads the answer. */
  readonly answer?: {
    readonly kinds: readonly AnswerKind[];
    /** First and last code that reaches the client together with its text. */
    readonly codes?: readonly [number, number];
  };
}
