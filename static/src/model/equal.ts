/** Deep equality of JSON values; key order does not matter, shared parts are skipped at once. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keysOfA = Object.keys(a).filter((key) => at(a, key) !== undefined);
  const keysOfB = Object.keys(b).filter((key) => at(b, key) !== undefined);
  return keysOfA.length === keysOfB.length && keysOfA.every((key) => equal(at(a, key), at(b, key)));
}

function at(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
