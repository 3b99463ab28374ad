// The icons, drawn: a glyph of a font may not be there.
const PATHS = {
  SUCCEEDED: "M3 8.5 6.5 12 13 4.5",
  FAILED: "M4 4l8 8M12 4l-8 8",
  TIMED_OUT: "M8 4v4l3 2M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8",
  ABORTED: "M4.5 4.5h7v7h-7z",
  RUNNING: "M5 3.5v9l7-4.5z",
  WAITING: "M5.5 3.5v9M10.5 3.5v9",
  RETRYING: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  CAUGHT: "M3 3v5a4 4 0 0 0 4 4h6M10 9l3 3-3 3",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3.5 3.5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  down: "M3.5 6 8 10.5 12.5 6",
  right: "M6 3.5 10.5 8 6 12.5",
  left: "M10 3.5 5.5 8l4.5 4.5",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  link: "M6.5 9.5l3-3M7 5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.8 2.8 0 0 1-4-4L5 7",
  home: "M2.5 7.5 8 3l5.5 4.5V13h-4V9.5h-3V13h-4z",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
  machine: "M6 2.5h4v3H6zM2.5 10.5h4v3h-4zM9.5 10.5h4v3h-4zM8 5.5V8M4.5 10.5V8h7v2.5",
  inbox: "M2.5 9 4.5 3h7l2 6v4h-11zM2.5 9h3.2l.8 1.5h3l.8-1.5h3.2",
  play: "M4 2.5 5.5 8 4 13.5M8 13.5h5",
  leave: "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  clock: "M8 4v4l3 2M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8",
  alert: "M8 2.2 14.5 13.5h-13zM8 6.5v3M8 11.7h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function iconPath(name: IconName): string {
  return PATHS[name];
}
