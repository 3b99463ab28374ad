// Looking around in a graph: drag or wheel to move; wheel with Ctrl, or two fingers, to zoom.
import { useEffect, useRef } from "preact/hooks";
import { type Camera, zoomAt } from "./camera";

/** A pointer that has moved less has clicked. */
const STILL = 4;

type Point = { x: number; y: number };

const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const apart = (a: Point, b: Point) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));

export function useGestures(box: { current: HTMLDivElement | null }, camera: { value: Camera | null }) {
  const isMoved = useRef(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const down = new Map<number, Point>();
    let begin: Point = { x: 0, y: 0 };
    const place = ({ clientX, clientY }: MouseEvent): Point => {
      const bounds = element.getBoundingClientRect();
      return { x: clientX - bounds.left, y: clientY - bounds.top };
    };
    const wheel = (event: WheelEvent) => {
      const now = camera.value;
      if (!now) return;
      event.preventDefault();
      const { x, y } = place(event);
      camera.value =
        event.ctrlKey || event.metaKey
          ? zoomAt(now, Math.exp(-event.deltaY / 200), x, y)
          : { ...now, x: now.x - event.deltaX, y: now.y - event.deltaY };
    };
    const press = (event: PointerEvent) => {
      if (event.button !== 0) return;
      if (event.isPrimary) {
        down.clear();
        begin = place(event);
        isMoved.current = false;
      }
      down.set(event.pointerId, place(event));
    };
    const move = (event: PointerEvent) => {
      const [now, from, to] = [camera.value, down.get(event.pointerId), place(event)];
      if (!now || !from) return;
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      if (!other && !isMoved.current && Math.abs(to.x - begin.x) + Math.abs(to.y - begin.y) < STILL) return;
      isMoved.current = true;
      down.set(event.pointerId, to);
      // Two fingers: what is between them stays between them.
      const [before, after] = other ? [between(from, other), between(to, other)] : [from, to];
      const near = other ? zoomAt(now, apart(to, other) / apart(from, other), before.x, before.y) : now;
      camera.value = { ...near, x: near.x + after.x - before.x, y: near.y + after.y - before.y };
    };
    const up = (event: PointerEvent) => {
      down.delete(event.pointerId);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("pointerdown", press);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("pointerdown", press);
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
    };
  }, [box, camera]);
  return { moved: () => isMoved.current };
}
