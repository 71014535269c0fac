/** Where the receiver writes what its owner should know. */

/** A logger as pino has it; `console` fits too. winston takes the two arguments the other way round. */
export interface Logger {
  /** A line for each callback; refused strangers, of interest only when somebody looks for the reason. */
  debug(details: object, message: string): void;
  /** Something to look at, such as a body that does not fit its schema. */
  warn(details: object, message: string): void;
  /** Something is lost, late or broken. */
  error(details: object, message: string): void;
  /** Whether lines of a level are written, so that others need not be made. Defaults to all. */
  isLevelEnabled?(level: 'debug'): boolean;
}

/** Warnings and errors to the console; what is for debugging is dropped. */
export const consoleLogger: Logger = {
  debug() {},
  warn(details, message) {
    console.warn(message, details);
  },
  error(details, message) {
    console.error(message, details);
  },
};

/** Drops everything. */
export const silentLogger: Logger = { debug() {}, warn() {}, error() {} };

/** SGR codes of a terminal. */
const DIM = 2;
const RED = 31;
const GREEN = 32;
const YELLOW = 33;

/**
 * Short lines for people: the time, what was done or what is wrong, and for failures where they were thrown.
 * @param colourful Whether what shows the lines knows the colours of a terminal.
 * @param now The clock. Defaults to that of the machine.
 */
export function prettyLogger(colourful: boolean, now: () => Date = () => new Date()): Logger {
  const paint = (code: number, text: string): string =>
    colourful ? `\u001b[${code}m${text}\u001b[0m` : text;
  const time = (): string => paint(DIM, now().toTimeString().slice(0, 8));
  return {
    debug(details, message) {
      const isAnswer = 'outcome' in details;
      console.info(`${time()} ${paint(isAnswer ? GREEN : DIM, message)}`);
    },
    warn(_details, message) {
      console.warn(`${time()} ${paint(YELLOW, message)}`);
    },
    error(details, message) {
      console.error(`${time()} ${paint(RED, message)}${thrownIn(details)}`);
    },
  };
}

/** The stack of what was thrown by a handler, or of the failure itself. */
function thrownIn(details: object): string {
  const { err } = details as { readonly err?: unknown };
  if (!(err instanceof Error)) return '';
  const { stack } = err.cause instanceof Error ? err.cause : err;
  return `\n${stack}`;
}
