import { t } from "../words/t";
/** What the API says when it refuses: `code` for programs, `message` for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ApiProblem[];

  constructor(status: number, code: string, message: string, details: readonly ApiProblem[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** One thing that is wrong with a request, and where. */
export interface ApiProblem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null;
}

/** Read JSON from this server. Throws ApiError. */
export function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  return call<T>(url, { method: "GET", ...(signal ? { signal } : {}) });
}

/** Send JSON to this server with the page's CSRF token. Throws ApiError. */
export function postJson<T>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  return send<T>("POST", url, body, headers);
}

/** As `postJson`, to say what something shall be. Throws ApiError. */
export function putJson<T>(url: string, body: unknown): Promise<T> {
  return send<T>("PUT", url, body, {});
}

function send<T>(
  method: string,
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<T> {
  return call<T>(url, {
    method,
    body: JSON.stringify(body),
    headers: { ...sending(), ...headers },
  });
}

async function call<T>(url: string, init: RequestInit): Promise<T> {
  const headers = { ...speaking(), ...init.headers };
  const response = await reach(url, { ...init, headers, credentials: "same-origin" });
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "E_UNREACHABLE", t("The server does not answer. Try again in a moment."));
  }
}

/** What an answer that refuses says. */
export async function refusal(response: Response): Promise<ApiError> {
  const { status } = response;
  const plain = new ApiError(status, `HTTP_${status}`, plainWords(status));
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: Partial<ApiError> } | null)?.error;
  if (typeof error?.message !== "string") return plain;
  return new ApiError(status, error.code ?? plain.code, error.message, error.details ?? []);
}

export function plainWords(status: number): string {
  if (status === 401) return t("You are signed out. Sign in again.");
  if (status === 403) return t("You may not do this.");
  if (status === 404) return t("This does not exist, or not any more.");
  if (status === 429) return t("Too many requests. Wait a moment.");
  return t("The server answered {status}.", { status });
}

/** For answers whose sentences are in the language of the page. */
export const speaking = () => ({
  Accept: "application/json",
  "Treadle-Language": document.documentElement.lang,
});

/** The same, for JSON that is sent from a page of ours. */
export const sending = (): Record<string, string> => ({
  ...speaking(),
  "Content-Type": "application/json",
  "X-CSRFToken": document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "",
});
