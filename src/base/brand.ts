/**
 * Recognises our own objects. Two copies of this package (CommonJS and ESM, or two versions) may meet in one
 * process, where `instanceof` would not know the other copy's objects; symbols of `Symbol.for` are shared.
 */

/** Whether a value is an object that carries a brand, its own or inherited. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && value !== null && brand in value;
}
