/** Warns of senders that are not trusted: anybody can send, so a flood of them must write a few lines and no more. */

import type { CallbackError, CallbackErrorCode } from '../base/errors.js';

/** How long after a warning others of its code are only counted, in milliseconds. */
export const QUIET_MS = 60_000;

/** Where to look, by how the error's own text begins, where that does not say it. */
const whereToLook: readonly (readonly [begin: string, question: string])[] = [
  ['method_not_allowed', 'does a probe or a browser open this address?'],
  ['query_invalid', 'does the vendor send to this address, or something else?'],
  ['address_refused', 'is the list old, or a proxy in front that "trust proxy" does not name?'],
  ['app_unknown', 'is sdkAppId the app whose console has this address?'],
  ['signature_missing', 'is callback authentication switched on in the console?'],
  [
    'signature_invalid: Sign fits',
    'is it the token in the console, of this app, without blanks at its ends?',
  ],
  ['request_expired', 'is the clock of this server right?'],
  ['token_unavailable', 'what does the look-up say?'],
];

interface Seen {
  warnedAt: number;
  /** Since then. */
  heldBack: number;
}

/** One warning for each code and minute. Never quotes what was sent. */
export class Refusals {
  readonly #warn: (details: object, message: string) => void;
  readonly #clock: () => number;
  // One entry for each of our codes: bounded.
  readonly #seen = new Map<CallbackErrorCode, Seen>();

  /** @param clock Milliseconds since any moment. Defaults to those of this process. */
  constructor(warn: (details: object, message: string) => void, clock = () => performance.now()) {
    this.#warn = warn;
    this.#clock = clock;
  }

  note(error: CallbackError): void {
    const now = this.#clock();
    const seen = this.#seen.get(error.code);
    if (seen !== undefined && now - seen.warnedAt < QUIET_MS) {
      seen.heldBack += 1;
      return;
    }
    const count = 1 + (seen?.heldBack ?? 0);
    this.#seen.set(error.code, { warnedAt: now, heldBack: 0 });
    const whose = count === 1 ? 'a callback was' : `${count} callbacks since the last warning were`;
    const [, look] = whereToLook.find(([begin]) => error.message.startsWith(begin)) ?? [];
    this.#warn(
      { code: error.code, count, ...(error.cause === undefined ? {} : { err: error.cause }) },
      `${whose} refused: ${error.message}${look === undefined ? '' : `: ${look}`}`,
    );
  }
}
