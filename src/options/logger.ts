/** Where the receiver writes what its owner should know. */

/** A logger as pino has it; `console` fits too. */
export interface Logger {
  /** Refused strangers: of interest only when somebody looks for the reason. */
  debug(details: object, message: string): void;
  /** Something to look at, such as a body that does not fit its schema. */
  warn(details: object, message: string): void;
  /** Something is lost, late or broken. */
  error(details: object, message: string): void;
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
