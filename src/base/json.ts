/** Reads JSON text that strangers send: how deep it nests, and numbers that no double can hold. */

const QUOTE = 0x22;
const MINUS = 0x2d;
const OPENING = ['{', '['] as const;
/** A double holds 15 digits for certain. */
const LONG = 16;
/** A number of JSON, in text that is known to be JSON and holds no strings. */
const NUMBER = /-?[0-9][0-9.eE+-]*/g;
const INTEGER = /^-?[0-9]+$/;
/** What may stand before a number; text may end with it too, and go on with digits. */
const BEFORE_NUMBER = /[:,[\s]/;

/** Where the string that begins with the quote at `start` ends, its other quote included. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text[before] === '\\') before--;
    // Backslashes in pairs stand for themselves.
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return text.length;
}

/** Whether a text has more opening brackets than that, within strings or not. */
function opensOver(text: string, count: number): boolean {
  let left = count;
  for (const bracket of OPENING) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (--left < 0) return true;
    }
  }
  return false;
}

/** Whether a text, JSON or not, nests over so many levels. Brackets within strings do not count. */
export function isNestedOver(text: string, levels: number): boolean {
  // Nearly every text has fewer brackets, and counting them takes a tenth of looking at each character.
  if (!opensOver(text, levels)) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index) - 1;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > levels) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Whether what ends at an index can stand before a number. */
function opensNumber(text: string, end: number): boolean {
  return BEFORE_NUMBER.test(text.charAt(text.charCodeAt(end) === MINUS ? end - 1 : end));
}

/**
 * Whether a text may hold a number of 16 digits or more outside of strings. Walks back from every 16th character, so
 * that most of the text is never looked at.
 */
function mayHoldLongNumber(text: string): boolean {
  let before: number;
  for (let at = LONG - 1; at < text.length; at = before + LONG) {
    before = at;
    while (before > at - LONG && isDigit(text.charCodeAt(before))) before--;
    if (before > at - LONG) continue;
    // What stands at `before` is no digit: it ended the walk before this one, or the text begins behind it.
    if (opensNumber(text, before)) return true;
    before = at;
    while (isDigit(text.charCodeAt(before + 1))) before++;
  }
  return false;
}

function withoutLoss(digits: string): string {
  return INTEGER.test(digits) && !Number.isSafeInteger(Number(digits)) ? `"${digits}"` : digits;
}

/** Puts integers that no double can hold between quotes. */
function quoteLongIntegers(json: string): string {
  let quoted = '';
  for (let end = 0; end < json.length; ) {
    const found = json.indexOf('"', end);
    const start = found < 0 ? json.length : found;
    quoted += json.slice(end, start).replace(NUMBER, withoutLoss);
    end = endOfString(json, start);
    quoted += json.slice(start, end);
  }
  return quoted;
}

/**
 * Parses JSON as `JSON.parse` does, but an integer that no double can hold becomes its digits, as text.
 * @throws SyntaxError whose message quotes the text.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!mayHoldLongNumber(text)) return value;
  const quoted = quoteLongIntegers(text);
  return quoted === text ? value : JSON.parse(quoted);
}
