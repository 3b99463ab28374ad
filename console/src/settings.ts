// What a user chose about the look of things; kept in this browser.
import { computed, effect, signal } from "@preact/signals";

function kept<T extends string>(key: string, otherwise: T) {
  const chosen = signal((localStorage.getItem(key) as T | null) ?? otherwise);
  effect(() => localStorage.setItem(key, chosen.value));
  return chosen;
}

export const theme = kept<"auto" | "light" | "dark">("stepwell.theme", "auto");
export const zone = kept<"local" | "UTC">("stepwell.zone", "local");
/** The account and the region that are looked at, as `account/region`; empty for the server's own. */
export const scope = kept<string>("stepwell.scope", "");

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const systemScheme = signal<"light" | "dark">(darkSystem.matches ? "dark" : "light");
darkSystem.addEventListener("change", () => {
  systemScheme.value = darkSystem.matches ? "dark" : "light";
});

/** Light or dark, as it was chosen or, failing that, as the system has it. */
export const scheme = computed(() => (theme.value === "auto" ? systemScheme.value : theme.value));

effect(() => {
  document.documentElement.dataset.scheme = scheme.value;
});

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = zone.value === "UTC" ? "UTC" : undefined;
  const key = JSON.stringify([timeZone, options]);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
    formats.set(key, found);
  }
  return found;
}

/** A moment (ms) with its day, to the second. */
export function moment(at: number): string {
  return format({ dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** A moment's time of day, to the millisecond. */
export function clock(at: number): string {
  return format({ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }).format(at);
}

/** The hour of a moment. */
export function hour(at: number): string {
  return format({ hour: "2-digit", minute: "2-digit" }).format(at);
}
