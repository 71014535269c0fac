/** Looks tokens up for the verify stage: requests of one app share a look-up, and its result for a moment. */

import { createLRU } from 'lru.min';
import type { Deadline } from '../base/deadline.js';
import { CallbackError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { isThenable } from '../base/thenable.js';
import type { TokenLookup } from '../options/options.js';
import type { ResolvedOptions } from '../options/resolve.js';

/** How long the tokens of an app are remembered, in milliseconds; that it is not ours, too. */
export const REMEMBER_MS = 10_000;

/** Most apps that are remembered: who sends others' ids must not fill the memory. */
const MAX_APPS = 1_000;

/** Most apps that a request without SdkAppid is tried against: only the console's try of the URL may come without. */
const MAX_TRIED = 10;

type Tokens = readonly string[];

interface Known {
  readonly tokens: Tokens;
  /** Milliseconds of the option `now`. */
  readonly until: number;
}

/** Asks the user's look-up no more than it must. */
export class TokenLookups {
  readonly #lookUp: TokenLookup;
  readonly #apps: ResolvedOptions['apps'];
  readonly #now: () => number;
  readonly #known = createLRU<string, Known>({ max: MAX_APPS });
  /** Look-ups that have not settled. */
  readonly #asked = new Map<string, Promise<Tokens>>();

  constructor({ token, apps, now }: { readonly token: TokenLookup } & Pick<ResolvedOptions, 'apps' | 'now'>) {
    this.#lookUp = token;
    this.#apps = apps;
    this.#now = now;
  }

  /**
   * Tokens that may have signed a request of an app; those of all apps where it names none.
   * @throws CallbackError `app_unknown`, `query_invalid` or `token_unavailable`.
   */
  async tokensOf(app: string, deadline: Deadline): Promise<Tokens> {
    if (app !== '' && !/^[0-9]+$/.test(app)) throw new CallbackError('app_unknown');
    const apps = app === '' ? [...(this.#apps ?? [])] : [app];
    if (apps.length === 0 || apps.length > MAX_TRIED) throw new CallbackError('query_invalid');
    const found = apps.map((id) => this.#knownOf(id) ?? this.#askOnce(id));
    const tooLate = (): CallbackError => {
      // The next request asks again: a look-up that never settles would shut its app out for ever.
      for (const [place, id] of apps.entries()) {
        if (this.#asked.get(id) === found[place]) this.#asked.delete(id);
      }
      return new CallbackError('token_unavailable', { message: 'the token look-up was late' });
    };
    const tokens = found.some(isThenable)
      ? // What comes later is no result of a handler, and strangers could have any number of them reported.
        await deadline.wait(Promise.all(found), tooLate, () => undefined)
      : found;
    const all = (tokens as readonly Tokens[]).flat();
    if (all.length === 0) throw new CallbackError('app_unknown');
    return all;
  }

  #knownOf(app: string): Tokens | undefined {
    const known = this.#known.get(app);
    return known !== undefined && this.#now() < known.until ? known.tokens : undefined;
  }

  #askOnce(app: string): Promise<Tokens> {
    let asked = this.#asked.get(app);
    if (asked === undefined) {
      asked = this.#ask(app).finally(() => this.#asked.delete(app));
      this.#asked.set(app, asked);
    }
    return asked;
  }

  async #ask(app: string): Promise<Tokens> {
    let found: Awaited<ReturnType<TokenLookup>>;
    try {
      const result = this.#lookUp(app);
      found = isThenable(result) ? await result : result;
    } catch (thrown) {
      // It may quote what a stranger has sent.
      throw new CallbackError('token_unavailable', { cause: new Error(printable(String(thrown))) });
    }
    const tokens = found === undefined ? [] : [found].flat();
    if (!tokens.every((one) => typeof one === 'string' && one !== '')) {
      throw new CallbackError('token_unavailable', {
        message: 'the token look-up returned what is no token',
      });
    }
    this.#known.set(app, { tokens, until: this.#now() + REMEMBER_MS });
    return tokens;
  }
}
