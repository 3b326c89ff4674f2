/** Starting workers. Their addresses pass the one policy that pages with trusted types allow. */

interface Policy {
  createScriptURL(address: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): Policy;
}

/** Browsers without trusted types take the plain address. */
const PLAIN: Policy = { createScriptURL: (address) => address };

let policy: Policy | null = null;

function ownPolicy(): Policy {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  policy ??= factory?.createPolicy("treadle", { createScriptURL: ownAddress }) ?? PLAIN;
  return policy;
}

function ownAddress(address: string): string {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) throw new TypeError(`${address} is not of this server.`);
  return url.href;
}

/** Throws where the browser has no workers, or may not start one. */
export function startWorker(address: string): Worker {
  return new Worker(ownPolicy().createScriptURL(address) as string, { type: "module" });
}
