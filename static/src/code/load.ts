import type { CodeModule } from "./contract";

const loaded = new Map<string, Promise<CodeModule>>();

/** Load `code.js` once. `url` is the one the server wrote into the page (`boot.urls.code`). */
export function loadCode(url: string): Promise<CodeModule> {
  const known = loaded.get(url);
  if (known) return known;
  const loading = import(/* @vite-ignore */ url) as Promise<CodeModule>;
  loaded.set(url, loading);
  loading.catch(() => loaded.delete(url));
  return loading;
}
