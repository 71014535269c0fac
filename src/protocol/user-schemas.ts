/** JSON Schemas of users, for commands of their own or beside the built-in ones. Only here ajv is loaded. */

import { ConfigurationError } from '../base/errors.js';
import { type BodyIssue, findCommand, issuesOf, NO_ISSUES, type Validator } from './commands.js';

/** JSON Schemas (2020-12) by command. */
export type UserSchemas = Readonly<Record<string, object>>;

/** @throws ConfigurationError `schema_invalid` where it is not installed. */
async function loadAjv() {
  try {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    return Ajv2020;
  } catch (cause) {
    throw new ConfigurationError('schema_invalid', 'the option schemas needs ajv: npm install ajv', cause);
  }
}

/** Compiles schemas once, in the background; whoever needs one before that waits. */
export class SchemaChecks {
  readonly #loading: Promise<void>;
  readonly #validators = new Map<string, Validator | ConfigurationError>();
  #loaded = false;

  constructor(schemas: UserSchemas) {
    // Owned by whoever calls ready(), as the receiver does when it is built.
    this.#loading = this.#load(schemas);
  }

  /** Resolves when all schemas are compiled; rejects with `schema_invalid` when one does not compile, or without ajv. */
  async ready(): Promise<void> {
    await this.#loading;
    for (const validator of this.#validators.values()) {
      if (validator instanceof ConfigurationError) throw validator;
    }
  }

  async #load(schemas: UserSchemas): Promise<void> {
    const Ajv2020 = await loadAjv();
    const ajv = new Ajv2020({ allErrors: false, strict: false });
    for (const [command, schema] of Object.entries(schemas)) {
      const name = findCommand(command)?.info.name ?? command;
      try {
        this.#validators.set(name, ajv.compile(schema) as Validator);
      } catch (cause) {
        // Only this command suffers from it.
        this.#validators.set(
          name,
          new ConfigurationError('schema_invalid', `the schema of ${command} does not compile`, cause),
        );
      }
    }
    this.#loaded = true;
  }

  /**
   * What a command's own schema finds wrong with a body.
   * @throws ConfigurationError `schema_invalid`, also as a rejection, when that schema does not compile, or without ajv.
   */
  issues(command: string, body: unknown): readonly BodyIssue[] | Promise<readonly BodyIssue[]> {
    if (!this.#loaded) return this.#loading.then(() => this.issues(command, body));
    const validate = this.#validators.get(command);
    if (validate instanceof ConfigurationError) throw validate;
    return validate === undefined || validate(body) === true ? NO_ISSUES : issuesOf(validate, body);
  }
}
