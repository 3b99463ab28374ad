// What users named or wrote is shown by way of these functions alone.

// Controls, and what turns the direction of text around, show as U+FFFD: a name must look like what it is.
const UNSAFE = new RegExp(
  "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f" + "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]",
  "g",
);

/** A text of the user's, safe to show: nothing in it is invisible or turns others around. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, "\ufffd");
}

/** The same in one line, at most so long. */
export function shortText(text: string, length: number): string {
  const line = safeText(text.slice(0, length + 1)).replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** JSON text, indented; as it is where it isn't JSON. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A definition for people: JSON that a program wrote in one line is indented; what has lines stays as it was written. */
export function readable(definition: string): string {
  return definition.trim().includes("\n") ? definition : prettyJson(definition);
}

/** Why a text is no JSON, or null. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** A duration in milliseconds, in the two units that matter: `2 h 5 min`, `350 ms`. */
export function duration(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 10_000) return `${(whole / 1000).toFixed(2)} s`;
  const found = UNITS.findIndex(([size]) => whole >= size);
  const [size, unit] = UNITS[found] as [number, string];
  const next = UNITS[found + 1];
  const rest = next ? Math.floor((whole % size) / next[0]) : 0;
  return `${Math.floor(whole / size)} ${unit}${next && rest ? ` ${rest} ${next[1]}` : ""}`;
}

/** A count with its noun: `1 event`, `25,000 events`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

/** The last part of an ARN. */
export function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

/** The name of an execution, from its ARN: an Express one has an id behind it. */
export function executionName(arn: string): string {
  return arn.split(":")[7] ?? arn;
}

/** The name of a state, from its path. */
export function stateName(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
}
