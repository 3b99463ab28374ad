// Which part of a large graph is drawn: what is in sight, and half as much on each side of it.
import { useRef } from "preact/hooks";
import type { Layout } from "../api/types";
import type { Camera } from "./camera";

export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Up to so many states all are drawn, and nothing needs to be drawn anew while one looks around. */
const ALL_UP_TO = 600;
/** An area that has become so many times as large as what is in sight is drawn no longer. */
const MUCH = 4;
const AROUND = 0.5;

export function overlaps(area: Area | null, left: number, top: number, right: number, bottom: number): boolean {
  return !area || (left <= area.right && right >= area.left && top <= area.bottom && bottom >= area.top);
}

/** The part to draw, or null for all; the same object as long as what is in sight is within it. */
export function useArea(layout: Layout, { x, y, zoom }: Camera, width: number, height: number): Area | null {
  const drawn = useRef<Area | null>(null);
  if (layout.nodes.length <= ALL_UP_TO) return null;
  const [left, top, wide, high] = [-x / zoom, -y / zoom, width / zoom, height / zoom];
  const known = drawn.current;
  const isWithin =
    known && known.left <= left && known.top <= top && known.right >= left + wide && known.bottom >= top + high;
  if (!isWithin || known.bottom - known.top > MUCH * high) {
    const [aside, above] = [wide * AROUND, high * AROUND];
    drawn.current = {
      left: left - aside,
      top: top - above,
      right: left + wide + aside,
      bottom: top + high + above,
    };
  }
  return drawn.current;
}
