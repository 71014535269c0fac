/** JSON Schemas of users, for commands of their own or beside the built-in ones. Only here ajv is loaded. */

import type { BodyIssue, Validator } from './commands.js';
import { findCommand, issuesOf } from './commands.js';
import { ConfigurationError } from './errors.js';

/** JSON Schemas (2020-12) by command. */
export type UserSchemas = Readonly<Record<string, object>>;

const NO_ISSUES: readonly BodyIssue[] = Object.freeze([]);

/** Compiles schemas once, in the background; whoever needs one before that waits. */
export class SchemaChecks {
  readonly #loading: Promise<void>;
  #validators: ReadonlyMap<string, Validator> | undefined;

  constructor(schemas: UserSchemas) {
    this.#loading = this.#load(schemas);
    // ready() tells; a request that needs a schema fails on its own.
    this.#loading.catch(() => undefined);
  }

  /** Resolves when all schemas are compiled; rejects with `schema_invalid`. */
  ready(): Promise<void> {
    return this.#loading;
  }

  async #load(schemas: UserSchemas): Promise<void> {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    const ajv = new Ajv2020({ allErrors: false, strict: false });
    const validators = new Map<string, Validator>();
    for (const [command, schema] of Object.entries(schemas)) {
      try {
        validators.set(findCommand(command)?.info.name ?? command, ajv.compile(schema) as Validator);
      } catch (cause) {
        throw new ConfigurationError('schema_invalid', `the schema of ${command} does not compile`, cause);
      }
    }
    this.#validators = validators;
  }

  /** What a command's own schema finds wrong with a body. */
  issues(command: string, body: unknown): readonly BodyIssue[] | Promise<readonly BodyIssue[]> {
    if (this.#validators === undefined) return this.#loading.then(() => this.issues(command, body));
    const validate = this.#validators.get(command);
    return validate === undefined || validate(body) === true ? NO_ISSUES : issuesOf(validate);
  }
}
