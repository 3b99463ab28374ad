// The timeline: a row a state, in which waiting for a worker, work, waiting and back-off are told apart.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Segment, VisitRow } from "../api/types";
import { clock, scheme } from "../settings";
import { duration, shortText, stateName } from "../text";
import { statusWord } from "../ui/parts";
import { axis } from "./axis";
import { at, type Lane, type Picture, paint, tall } from "./picture";

interface TimelineProps {
  states: string[];
  rows: VisitRow[];
  started: number;
  stopped: number | null;
  selected: number | null;
  onSelect: (visit: number) => void;
  /** The moment of the time travel, or null for now. */
  cursor: number | null;
}

/** Of the tip from the pointer. */
const AWAY = 14;
const KINDS: Segment[0][] = ["queue", "work", "wait", "backoff"];
const KIND_WORDS = { queue: "in a queue", work: "working", wait: "waiting", backoff: "pause before a retry" };

export function Timeline({ states, rows, started, stopped, selected, onSelect, cursor }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const window = useSignal({ width: 800, height: 300, top: 0 });
  const now = useSignal(Date.now());
  const folding = useSignal(true);
  const over = useSignal<{ visit: VisitRow; x: number; y: number } | null>(null);
  const end = stopped ?? now.value;
  const lanes = useMemo(() => lanesOf(states, rows), [states, rows]);
  const scale = useMemo(() => axis(started, end, busy(rows, end), folding.value), [rows, started, end, folding.value]);

  useEffect(() => {
    if (stopped !== null) return;
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 500);
    return () => clearInterval(timer);
  }, [stopped, now]);

  const look = () => {
    const element = box.current;
    if (element) window.value = { width: element.clientWidth, height: element.clientHeight, top: element.scrollTop };
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const picture: Picture = { lanes, scale, end, ...window.value, selected, cursor };
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, picture);
  }, [window.value, lanes, scale, selected, cursor, scheme.value]);

  const find = (event: MouseEvent): VisitRow | null => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const found = at(picture, event.clientX - bounds.left, event.clientY - bounds.top);
    if (!found) return null;
    const moment = scale.back(found.share);
    const near = (scale.end - scale.start) / 150;
    const visits = found.lane.visits.filter((each) => each[4] - near <= moment && (each[5] ?? end) + near >= moment);
    return visits.at(-1) ?? null;
  };
  return (
    <div class="timeline">
      <div class="timeline-legend">
        {KINDS.map((kind) => (
          <span key={kind} class={`legend seg-${kind}`}>
            {KIND_WORDS[kind]}
          </span>
        ))}
        <label>
          <input
            type="checkbox"
            checked={folding.value}
            onChange={(event) => {
              folding.value = event.currentTarget.checked;
            }}
          />
          fold quiet stretches
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <div class="timeline-box" ref={box} tabIndex={0} role="region" aria-label="Timeline" onScroll={look}>
        <div style={{ height: `${tall(lanes)}px` }}>
          <canvas
            ref={canvas}
            role="img"
            aria-label={`Timeline of ${lanes.length} states; the table of steps has the same as text`}
            onMouseMove={(event) => {
              const visit = find(event);
              over.value = visit && { visit, x: event.offsetX, y: event.offsetY + window.value.top };
            }}
            onMouseLeave={() => {
              over.value = null;
            }}
            onClick={(event) => {
              const visit = find(event);
              if (visit) onSelect(visit[0]);
            }}
          />
        </div>
        {over.value && <Tip visit={over.value.visit} states={states} end={end} x={over.value.x} y={over.value.y} />}
      </div>
    </div>
  );
}

function Tip({ visit, states, end, x, y }: { visit: VisitRow; states: string[]; end: number; x: number; y: number }) {
  const [, state, , , entered, exited, , status, attempts, segments] = visit;
  const sums = KINDS.map((kind) => {
    const time = segments.reduce((sum, [of, from, to]) => sum + (of === kind ? (to ?? end) - from : 0), 0);
    return time ? `${KIND_WORDS[kind]} ${duration(time)}` : "";
  });
  // Where there is no room to the right or below, it is on the other side.
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [element, around] = [tip.current, tip.current?.parentElement];
    if (!element || !around) return;
    const left = Math.min(x + AWAY, around.clientWidth - element.offsetWidth);
    const below = y + AWAY + element.offsetHeight <= around.scrollTop + around.clientHeight;
    element.style.left = `${Math.max(0, left)}px`;
    element.style.top = `${Math.max(around.scrollTop, below ? y + AWAY : y - AWAY - element.offsetHeight)}px`;
  });
  return (
    <div class="tip" role="tooltip" ref={tip}>
      <strong>{shortText(stateName(states[state] ?? ""), 60)}</strong> · {statusWord(status)}
      <div>
        {clock(entered)}, {duration((exited ?? end) - entered)}
        {attempts > 1 ? `, ${attempts} attempts` : ""}
      </div>
      <div>{sums.filter(Boolean).join(", ")}</div>
    </div>
  );
}

/** A lane a state, in the order in which they were first entered. */
function lanesOf(states: string[], rows: VisitRow[]): Lane[] {
  const lanes = new Map<number, Lane>();
  for (const row of rows) {
    const state = row[1];
    const lane = lanes.get(state);
    if (lane) lane.visits.push(row);
    else lanes.set(state, { name: stateName(states[state] ?? ""), state, visits: [row] });
  }
  return [...lanes.values()];
}

function busy(rows: VisitRow[], end: number): [number, number][] {
  const found: [number, number][] = [];
  for (const [, , , , entered, exited, , , , segments] of rows) {
    for (const [kind, from, to] of segments) if (kind === "work" || kind === "queue") found.push([from, to ?? end]);
    found.push([entered, entered], [exited ?? end, exited ?? end]);
  }
  return found;
}
