// The timeline as a picture: of however many rows, those in sight are drawn.
import type { Segment, VisitRow } from "../api/types";
import { duration, shortText } from "../text";
import type { Axis } from "./axis";

export const ROW = 22;
export const HEAD = 24;
const RIGHT = 12;
const LEAST = 2;

/** The visits of one state, in the order of entering. */
export interface Lane {
  name: string;
  state: number;
  visits: VisitRow[];
}

export interface Picture {
  lanes: Lane[];
  scale: Axis;
  /** Where what has not ended ends. */
  end: number;
  /** Of the part in sight, and how far down it begins. */
  width: number;
  height: number;
  top: number;
  selected: number | null;
  cursor: number | null;
}

/** The height of all the rows. */
export function tall(lanes: Lane[]): number {
  return HEAD + lanes.length * ROW + 8;
}

const label = (width: number) => Math.min(170, width * 0.34);
const span = (width: number) => Math.max(1, width - label(width) - RIGHT);

/** What is at a place of the window: the lane, and the share of the width; null beside the bars. */
export function at({ lanes, width, top }: Picture, x: number, y: number): { lane: Lane; share: number } | null {
  const lane = y < HEAD ? undefined : lanes[Math.floor((y + top - HEAD) / ROW)];
  const share = (x - label(width)) / span(width);
  return lane && share > -0.01 ? { lane, share } : null;
}

type Colours = (name: string) => string;

/** The colours of the page, each asked for once: a style is slow to tell. */
function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const known = new Map<string, string>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = style.getPropertyValue(name).trim();
      known.set(name, found);
    }
    return found;
  };
}

export function paint(canvas: HTMLCanvasElement, picture: Picture): void {
  const { width, height, lanes, top } = picture;
  const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  const colour = colours();
  draw.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  draw.clearRect(0, 0, width, height);
  draw.font = `12px ${colour("--font")}`;
  draw.textBaseline = "middle";
  lines(draw, picture, colour);
  draw.save();
  draw.beginPath();
  draw.rect(0, HEAD, width, height - HEAD);
  draw.clip();
  const last = Math.min(lanes.length, Math.ceil((top + height - HEAD) / ROW));
  for (let index = Math.floor(top / ROW); index < last; index += 1) {
    row(draw, picture, lanes[index] as Lane, HEAD + index * ROW - top, colour);
  }
  draw.restore();
  if (picture.cursor !== null) {
    draw.fillStyle = colour("--accent");
    draw.fillRect(label(width) + picture.scale.at(picture.cursor) * span(width), 0, 2, height);
  }
}

function row(draw: CanvasRenderingContext2D, picture: Picture, lane: Lane, y: number, colour: Colours): void {
  const { scale, end, width, selected } = picture;
  const x = (moment: number) => label(width) + scale.at(moment) * span(width);
  const wide = (from: number, to: number | null, least: number) => Math.max(least, x(to ?? end) - x(from));
  draw.fillStyle = colour("--text");
  draw.fillText(shortText(lane.name, Math.floor(label(width) / 7)), 8, y + ROW / 2, label(width) - 14);
  // Of what would be drawn over, nothing is drawn: thousands of visits may be a pixel apart.
  let [until, before] = [Number.NEGATIVE_INFINITY, ""];
  let chosen: [number, number] | null = null;
  for (const visit of lane.visits) {
    const [number, , , , entered, exited, , status, , segments] = visit;
    const left = x(entered);
    const long = wide(entered, exited, LEAST);
    if (number === selected) chosen = [left, long];
    if (left + long < until + 0.5 && status === before) continue;
    [until, before] = [left + long, status];
    draw.globalAlpha = 0.35;
    draw.fillStyle = colour(`--s-${status}`);
    draw.fillRect(left, y + 4, long, ROW - 8);
    draw.globalAlpha = 1;
    draw.fillRect(left, y + ROW - 6, long, 2);
    bars(draw, segments, y + 7, x, wide, colour);
  }
  if (!chosen) return;
  draw.strokeStyle = colour("--accent");
  draw.lineWidth = 2;
  draw.strokeRect(chosen[0] - 1, y + 2, Math.max(4, chosen[1]) + 2, ROW - 4);
}

function bars(
  draw: CanvasRenderingContext2D,
  segments: Segment[],
  y: number,
  x: (moment: number) => number,
  wide: (from: number, to: number | null, least: number) => number,
  colour: Colours,
): void {
  for (const [kind, from, to] of segments) {
    draw.fillStyle = colour(`--seg-${kind}`);
    draw.fillRect(x(from), y, wide(from, to, 1.5), ROW - 14);
  }
}

/** The lines of the time, with what time it is there, and where stretches are folded. */
function lines(draw: CanvasRenderingContext2D, { scale, width, height }: Picture, colour: Colours): void {
  draw.textAlign = "center";
  const wanted = Math.max(2, Math.floor(span(width) / 110));
  let before = "";
  for (let index = 0; index <= wanted; index += 1) {
    const share = index / wanted;
    const x = label(width) + share * span(width);
    draw.fillStyle = colour("--line");
    draw.fillRect(x, HEAD - 6, 1, height);
    const text = `+${duration(scale.back(share) - scale.start)}`;
    // What was folded says its length there; and no time is said twice.
    if (text === before || scale.folds.some((fold) => Math.abs(fold.share - share) * span(width) < 50)) continue;
    draw.fillStyle = colour("--quiet");
    draw.fillText(text, Math.min(x, width - RIGHT - 20), 10);
    before = text;
  }
  for (const { share, fold } of scale.folds) {
    const x = label(width) + share * span(width);
    draw.fillStyle = colour("--fold");
    draw.fillRect(x - 5, HEAD - 4, 10, height);
    draw.fillStyle = colour("--quiet");
    draw.fillText(duration(fold.to - fold.from), x, 10);
  }
  draw.textAlign = "start";
}
