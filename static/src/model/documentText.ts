/** Telling whether a text is a workflow document, before it is sent to be read. */

/** The most that the server takes, in bytes. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

const NATIVE = /"format"\s*:\s*"treadle\/1"|^format:\s*["']?treadle\/1["']?\s*$/m;
const DEMO = /"start_node"\s*:|^start_node:/m;

/** Whether a pasted text looks like a document in JSON or YAML, in our format or the demo's. */
export function looksLikeDocument(text: string): boolean {
  return NATIVE.test(text) || (DEMO.test(text) && /"?nodes"?\s*:/.test(text));
}
