/** JSON objects among values of any kind. */

/** Whether a value is an object that is no array, so that its fields can be asked for by name. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
