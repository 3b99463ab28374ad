// Calls of the server: AWS's operations, and the console's own. The cookie of the session goes with each.
import { signal } from "@preact/signals";
import { scope } from "../settings";

const ROOT = "/console/api/";

/** Whether the session is known to be valid: null before the first answer. */
export const loggedIn = signal<boolean | null>(null);

/** An answer that is an error: `code` as on the wire, a message for people. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** The address of a call, with the account and region that are looked at. */
export function apiUrl(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) parameters.append(name, String(each));
  }
  const [account, region] = scope.value.split("/");
  if (account && region) {
    parameters.set("account", account);
    parameters.set("region", region);
  }
  const text = parameters.toString();
  return ROOT + path + (text ? `?${text}` : "");
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return answer<T>(await send(apiUrl(path, query), { signal }));
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return answer<T>(await send(apiUrl(path), { method: "POST", headers, body: JSON.stringify(body), signal }));
}

/** One of AWS's operations. */
export function aws<T>(operation: string, request: object, signal?: AbortSignal): Promise<T> {
  return post<T>(`aws/${operation}`, request, signal);
}

export async function logout(): Promise<void> {
  await send(apiUrl("session"), { method: "DELETE", headers: { "Content-Type": "application/json" } });
  loggedIn.value = false;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("Unreachable", "The server can't be reached. Is it running?", 0);
  }
}

async function answer<T>(response: Response): Promise<T> {
  const body = (await response.json().catch(() => ({}))) as { __type?: string; message?: string };
  if (response.ok) return body as T;
  const code = (body.__type ?? `Status ${response.status}`).split("#").pop() ?? "";
  if (response.status === 401) loggedIn.value = false;
  throw new ApiError(code, body.message ?? `The server answered with status ${response.status}.`, response.status);
}

/** What went wrong, for people. */
export function told(error: unknown): string {
  if (error instanceof ApiError) return error.status ? `${error.message} (${error.code})` : error.message;
  return error instanceof Error ? error.message : String(error);
}
