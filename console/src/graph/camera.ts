// Where the graph is looked at from: a shift and a scale, changed by wheel, drag and pinch.
import type { Layout, Node } from "../api/types";

export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

export const MIN_ZOOM = 0.05;
export const MAX_ZOOM = 2.5;
/** Below it names can't be read: the graph shows blocks of colour only. */
export const BLOCKS_BELOW = 0.35;
const READABLE = 0.8;
const MARGIN = 24;

/** The whole graph in sight. */
export function fit(layout: Layout, width: number, height: number): Camera {
  const zoom = clamp(Math.min((width - 2 * MARGIN) / layout.width, (height - 2 * MARGIN) / layout.height, 1));
  return { zoom, x: (width - layout.width * zoom) / 2, y: Math.max(MARGIN, (height - layout.height * zoom) / 2) };
}

/** A state in the middle, large enough to be read. */
export function centre(node: Node, width: number, height: number, zoom: number): Camera {
  const scale = clamp(Math.max(zoom, READABLE));
  const tall = Math.min(node.height, height / scale / 2);
  return { zoom: scale, x: width / 2 - (node.x + node.width / 2) * scale, y: height / 2 - (node.y + tall / 2) * scale };
}

/** What to look at first: all of it where that can be read, else a state that matters, else the beginning. */
export function first(layout: Layout, width: number, height: number, important: Node | undefined): Camera {
  const whole = fit(layout, width, height);
  if (whole.zoom >= 0.6) return whole;
  if (important) return centre(important, width, height, READABLE);
  const begin = layout.nodes.find(({ kind }) => kind === "start");
  const [x, y] = begin ? [middle(begin), begin.y] : [layout.width / 2, 0];
  return { zoom: READABLE, x: width / 2 - x * READABLE, y: MARGIN - y * READABLE };
}

/**
 * The camera for a layout that takes the place of another: a state that is in both stays where it is in the window. It is
 * the one that is wanted, if it is in sight, else the one next to the middle. Null where none remains, or where the whole
 * was in sight and would not be any more.
 */
export function kept(
  camera: Camera,
  before: Layout,
  after: Layout,
  width: number,
  height: number,
  wanted: string | null,
): Camera | null {
  const remaining = new Map(after.nodes.map((node) => [node.id, node]));
  const [x, y] = [(width / 2 - camera.x) / camera.zoom, (height / 2 - camera.y) / camera.zoom];
  let [from, least] = [undefined as Node | undefined, Number.POSITIVE_INFINITY];
  for (const node of before.nodes) {
    if (!remaining.has(node.id)) continue;
    const distance =
      node.id === wanted && isInSight(camera, node, width, height) ? -1 : Math.hypot(middle(node) - x, node.y - y);
    if (distance < least) [from, least] = [node, distance];
  }
  const to = from && remaining.get(from.id);
  if (!from || !to) return null;
  const zoom = camera.zoom;
  const moved = { zoom, x: camera.x + (anchor(from) - anchor(to)) * zoom, y: camera.y + (from.y - to.y) * zoom };
  return isWhole(camera, before, width, height) && !isWhole(moved, after, width, height) ? null : moved;
}

/** What stays in its place: of a container its right end, where it is folded and unfolded. */
const anchor = (node: Node) => (node.children ? node.x + node.width : middle(node));

const middle = (node: Node) => node.x + node.width / 2;

/** Whether the head of a state is in the window. */
export function isInSight(camera: Camera, node: Node, width: number, height: number): boolean {
  const [x, y] = [middle(node) * camera.zoom + camera.x, node.y * camera.zoom + camera.y];
  return x >= 0 && y >= 0 && x <= width && y + 20 <= height;
}

function isWhole({ x, y, zoom }: Camera, layout: Layout, width: number, height: number): boolean {
  return x >= 0 && y >= 0 && x + layout.width * zoom <= width && y + layout.height * zoom <= height;
}

/** Zoomed by a factor, with a point of the window kept where it is. */
export function zoomAt(camera: Camera, factor: number, x: number, y: number): Camera {
  const zoom = clamp(camera.zoom * factor);
  const ratio = zoom / camera.zoom;
  return { zoom, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

function clamp(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}
