// Time as the timeline shows it: long stretches in which nothing works are folded.

export interface Fold {
  from: number;
  to: number;
}

export interface Axis {
  /** The share of the width (0 to 1) at a moment. */
  at: (moment: number) => number;
  /** The moment at a share of the width. */
  back: (share: number) => number;
  folds: { share: number; fold: Fold }[];
  start: number;
  end: number;
}

/** A quiet stretch longer than this share of all that is not quiet is folded to this share of the width. */
const QUIET = 0.25;
const FOLDED = 0.03;
/** And no stretch is folded that is gone in a moment. */
const SHORTEST = 1000;

/** An axis from `start` to `end`; `busy` are the stretches in which something works. */
export function axis(start: number, end: number, busy: readonly (readonly [number, number])[], folding = true): Axis {
  const length = Math.max(1, end - start);
  const gaps = folding ? quiet(start, end, busy) : [];
  const loud = Math.max(1, length - gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0));
  const folded = gaps.filter((gap) => gap.to - gap.from > Math.max(SHORTEST, loud * QUIET));
  const kept = Math.max(1, length - folded.reduce((sum, gap) => sum + gap.to - gap.from, 0));
  const scale = (1 - FOLDED * Math.min(folded.length, 20)) / kept;
  const width = Math.min(FOLDED, (FOLDED * 20) / Math.max(1, folded.length));
  // Pieces in order: [moment, share], linear in between.
  const points: [number, number][] = [[start, 0]];
  let [moment, share] = [start, 0];
  for (const gap of folded) {
    share += (gap.from - moment) * scale;
    points.push([gap.from, share]);
    share += width;
    points.push([gap.to, share]);
    moment = gap.to;
  }
  points.push([start + length, 1]);
  return {
    at: (at) => interpolate(points, at, 0, 1),
    back: (at) => interpolate(points, at, 1, 0),
    folds: folded.map((fold) => ({ share: interpolate(points, (fold.from + fold.to) / 2, 0, 1), fold })),
    start,
    end: start + length,
  };
}

function quiet(start: number, end: number, busy: readonly (readonly [number, number])[]): Fold[] {
  const gaps: Fold[] = [];
  let reached = start;
  for (const [from, to] of [...busy].sort((a, b) => a[0] - b[0])) {
    if (from > reached) gaps.push({ from: reached, to: from });
    reached = Math.max(reached, to);
  }
  if (end > reached) gaps.push({ from: reached, to: end });
  return gaps;
}

function interpolate(points: [number, number][], value: number, from: 0 | 1, to: 0 | 1): number {
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle] as [number, number])[from] <= value) low = middle;
    else high = middle;
  }
  const a = points[low] as [number, number];
  const b = points[high] as [number, number];
  const span = b[from] - a[from];
  const share = span ? (value - a[from]) / span : 0;
  return a[to] + Math.min(1, Math.max(0, share)) * (b[to] - a[to]);
}
