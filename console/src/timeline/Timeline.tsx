// The timeline: a row a state, in which waiting for a worker, work, waiting and back-off are told apart.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Segment, VisitRow } from "../api/types";
import { clock, scheme } from "../settings";
import { duration, shortText, stateName } from "../text";
import { statusWord } from "../ui/parts";
import { type Axis, axis } from "./axis";

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

const ROW = 22;
const LABEL = 170;
const HEAD = 24;
/** Of the tip from the pointer. */
const AWAY = 14;
const KINDS: Segment[0][] = ["queue", "work", "wait", "backoff"];
const KIND_WORDS = { queue: "in a queue", work: "working", wait: "waiting", backoff: "pause before a retry" };

interface Bar {
  row: number;
  visit: VisitRow;
}

export function Timeline({ states, rows, started, stopped, selected, onSelect, cursor }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(800);
  const now = useSignal(Date.now());
  const folding = useSignal(true);
  const over = useSignal<{ bar: Bar; x: number; y: number } | null>(null);
  const end = stopped ?? now.value;
  const order = useMemo(() => stateOrder(rows), [rows]);
  const scale = useMemo(() => axis(started, end, busy(rows, end), folding.value), [rows, started, end, folding.value]);

  useEffect(() => {
    if (stopped !== null) return;
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 500);
    return () => clearInterval(timer);
  }, [stopped, now]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);

  const height = HEAD + order.length * ROW + 8;
  const base = useRef<HTMLCanvasElement | null>(null);
  // The bars are drawn once; the cursor moves over a copy of them.
  useLayoutEffect(() => {
    base.current = drawBars(width.value, height, states, order, rows, scale, end);
  }, [width.value, height, rows, scale, scheme.value]);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || !base.current) return;
    compose(element, base.current, width.value, height, { scale, cursor, selected, rows, order, end });
  });

  const find = (event: MouseEvent): Bar | null => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const row = Math.floor((event.clientY - bounds.top - HEAD) / ROW);
    const share = (event.clientX - bounds.left - LABEL) / (width.value - LABEL - 12);
    const state = order[row];
    if (state === undefined || share < -0.01) return null;
    const at = scale.back(share);
    const near = (scale.end - scale.start) / 150;
    const found = rows.filter((each) => each[1] === state && each[4] - near <= at && (each[5] ?? end) + near >= at);
    const visit = found.reduce<VisitRow | null>((best, each) => (best && best[0] > each[0] ? best : each), null);
    return visit && { row, visit };
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
      <div class="timeline-box" ref={box} tabIndex={0} role="region" aria-label="Timeline">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Timeline of ${order.length} states; the table of steps has the same as text`}
          onMouseMove={(event) => {
            const bar = find(event);
            over.value = bar && { bar, x: event.offsetX, y: event.offsetY };
          }}
          onMouseLeave={() => {
            over.value = null;
          }}
          onClick={(event) => {
            const bar = find(event);
            if (bar) onSelect(bar.visit[0]);
          }}
        />
        {over.value && <Tip visit={over.value.bar.visit} states={states} end={end} x={over.value.x} y={over.value.y} />}
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

/** States in the order in which they were first entered. */
function stateOrder(rows: VisitRow[]): number[] {
  return [...new Set(rows.map((row) => row[1]))];
}

function busy(rows: VisitRow[], end: number): [number, number][] {
  const found: [number, number][] = [];
  for (const [, , , , entered, exited, , , , segments] of rows) {
    for (const [kind, from, to] of segments) if (kind === "work" || kind === "queue") found.push([from, to ?? end]);
    found.push([entered, entered], [exited ?? end, exited ?? end]);
  }
  return found;
}

function colours(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

function surface(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const made = document.createElement("canvas");
  made.width = Math.round(width * devicePixelRatio);
  made.height = Math.round(height * devicePixelRatio);
  const context = made.getContext("2d") as CanvasRenderingContext2D;
  context.scale(devicePixelRatio, devicePixelRatio);
  return [made, context];
}

function drawBars(
  width: number,
  height: number,
  states: string[],
  order: number[],
  rows: VisitRow[],
  scale: Axis,
  end: number,
): HTMLCanvasElement {
  const [made, draw] = surface(width, height);
  const colour = colours();
  const span = width - LABEL - 12;
  const rowOf = new Map(order.map((state, row) => [state, row]));
  draw.font = `12px ${colour("--font")}`;
  draw.textBaseline = "middle";
  draw.fillStyle = colour("--text");
  order.forEach((state, row) => {
    draw.fillText(shortText(stateName(states[state] ?? ""), 24), 8, HEAD + row * ROW + ROW / 2, LABEL - 14);
  });
  ticks(draw, scale, span, height, colour);
  for (const [, state, , , entered, exited, , status, , segments] of rows) {
    const top = HEAD + (rowOf.get(state) ?? 0) * ROW + 4;
    const x = LABEL + scale.at(entered) * span;
    const w = Math.max(2, LABEL + scale.at(exited ?? end) * span - x);
    draw.globalAlpha = 0.35;
    draw.fillStyle = colour(`--s-${status}`);
    draw.fillRect(x, top, w, ROW - 8);
    draw.globalAlpha = 1;
    for (const [kind, from, to] of segments) {
      const left = LABEL + scale.at(from) * span;
      draw.fillStyle = colour(`--seg-${kind}`);
      draw.fillRect(left, top + 3, Math.max(1.5, LABEL + scale.at(to ?? end) * span - left), ROW - 14);
    }
    draw.fillStyle = colour(`--s-${status}`);
    draw.fillRect(x, top + ROW - 10, w, 2);
  }
  return made;
}

function ticks(
  draw: CanvasRenderingContext2D,
  scale: Axis,
  span: number,
  height: number,
  colour: (name: string) => string,
) {
  draw.textAlign = "center";
  const wanted = Math.max(2, Math.floor(span / 110));
  for (let index = 0; index <= wanted; index += 1) {
    const x = LABEL + (index / wanted) * span;
    draw.fillStyle = colour("--line");
    draw.fillRect(x, HEAD - 6, 1, height);
    draw.fillStyle = colour("--quiet");
    // What was folded says its length there.
    if (scale.folds.some(({ share }) => Math.abs(share - index / wanted) * span < 50)) continue;
    draw.fillText(`+${duration(scale.back(index / wanted) - scale.start)}`, Math.min(x, LABEL + span - 20), 10);
  }
  for (const { share, fold } of scale.folds) {
    const x = LABEL + share * span;
    draw.fillStyle = colour("--fold");
    draw.fillRect(x - 5, HEAD - 4, 10, height);
    draw.fillStyle = colour("--quiet");
    draw.fillText(duration(fold.to - fold.from), x, 10);
  }
  draw.textAlign = "start";
}

interface Over {
  scale: Axis;
  cursor: number | null;
  selected: number | null;
  rows: VisitRow[];
  order: number[];
  end: number;
}

function compose(canvas: HTMLCanvasElement, base: HTMLCanvasElement, width: number, height: number, over: Over): void {
  if (canvas.width !== base.width || canvas.height !== base.height) {
    canvas.width = base.width;
    canvas.height = base.height;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.setTransform(1, 0, 0, 1, 0, 0);
  draw.clearRect(0, 0, canvas.width, canvas.height);
  draw.drawImage(base, 0, 0);
  draw.scale(devicePixelRatio, devicePixelRatio);
  const colour = colours();
  const span = width - LABEL - 12;
  const chosen = over.rows.find((row) => row[0] === over.selected);
  if (chosen) {
    const x = LABEL + over.scale.at(chosen[4]) * span;
    const w = Math.max(4, LABEL + over.scale.at(chosen[5] ?? over.end) * span - x);
    draw.strokeStyle = colour("--accent");
    draw.lineWidth = 2;
    draw.strokeRect(x - 1, HEAD + over.order.indexOf(chosen[1]) * ROW + 2, w + 2, ROW - 4);
  }
  if (over.cursor !== null) {
    draw.fillStyle = colour("--accent");
    draw.fillRect(LABEL + over.scale.at(over.cursor) * span, 0, 2, height);
  }
}
