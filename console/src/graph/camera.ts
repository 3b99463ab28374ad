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
  return { zoom: READABLE, x: (width - layout.width * READABLE) / 2, y: MARGIN };
}

/** Zoomed by a factor, with a point of the window kept where it is. */
export function zoomAt(camera: Camera, factor: number, x: number, y: number): Camera {
  const zoom = clamp(camera.zoom * factor);
  const ratio = zoom / camera.zoom;
  return { zoom, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

export function clamp(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}
