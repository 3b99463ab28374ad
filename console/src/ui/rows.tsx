// Many rows, of which only those in sight are in the page.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

interface RowsProps {
  count: number;
  rowHeight: number;
  label: string;
  render: (index: number) => ComponentChildren;
  /** The row that has to be in sight. */
  current?: number | null;
  onKeyDown?: (event: KeyboardEvent) => void;
}

const MARGIN = 8;

export function Rows({ count, rowHeight, label, render, current = null, onKeyDown }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(400);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [height]);
  useEffect(() => {
    const element = box.current;
    if (!element || current === null || current < 0) return;
    const at = current * rowHeight;
    if (at < element.scrollTop) element.scrollTop = at;
    else if (at + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = at + rowHeight - element.clientHeight;
    }
  }, [current, rowHeight]);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - MARGIN);
  const last = Math.min(count, Math.ceil((top.value + height.value) / rowHeight) + MARGIN);
  const shown = [];
  for (let index = first; index < last; index += 1) shown.push(render(index));
  return (
    <div
      class="rows"
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={count}
      tabIndex={0}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
      onKeyDown={onKeyDown}
    >
      <div class="rows-space" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        <div role="rowgroup" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {shown}
        </div>
      </div>
    </div>
  );
}
