// What goes on, and what went wrong lately.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Overview as Data } from "../api/types";
import { paths } from "../router";
import { hour } from "../settings";
import { count } from "../text";
import type { Loaded } from "../ui/load";
import { Empty, Loading, Problem } from "../ui/parts";
import { useTitle } from "../ui/title";
import { ExecutionList } from "./ExecutionList";

export function Overview({ overview }: { overview: Loaded<Data> }) {
  const { data, error, reload } = overview;
  useTitle("Overview");
  if (error && !data) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  return (
    <div data-ready="true">
      <header class="page-header">
        <h1>Overview</h1>
        <a class="button primary" href={paths.create()}>
          Create a state machine
        </a>
      </header>
      <ul class="tiles">
        <Tile number={data.running} what="running" to={paths.executions({ status: "RUNNING" })} />
        <Tile number={data.inbox} what="waiting for somebody" to={paths.inbox()} />
        <Tile
          number={data.buckets.reduce((sum, bucket) => sum + bucket.FAILED + bucket.TIMED_OUT, 0)}
          what="failed in 24 hours"
          to={paths.executions({ status: "FAILED,TIMED_OUT" })}
        />
        <Tile number={data.machines} what="state machines" to={paths.machines()} />
      </ul>
      <section class="panel padded">
        <h2>The last 24 hours</h2>
        <Bars data={data} />
      </section>
      {data.parked.length > 0 && (
        <section class="panel padded">
          <h2>Parked</h2>
          <p>A bug of Stepwell stopped these. Nothing is lost: they are tried again at the next start.</p>
          <ExecutionList items={data.parked} />
        </section>
      )}
      {data.failures.length > 0 && (
        <section class="panel padded">
          <h2>Recent failures</h2>
          <ExecutionList items={data.failures} />
        </section>
      )}
      <section class="panel padded">
        <h2>Recent executions</h2>
        {data.recent.length ? (
          <ExecutionList items={data.recent} />
        ) : (
          <Empty>
            Nothing was executed yet. {data.machines ? "Start an execution of a " : "Create a "}
            <a href={data.machines ? paths.machines() : paths.create()}>state machine</a>.
          </Empty>
        )}
      </section>
    </div>
  );
}

function Tile({ number, what, to }: { number: number; what: string; to: string }) {
  return (
    <li>
      <a class="tile panel" href={to}>
        <strong>{number.toLocaleString("en")}</strong>
        <span>{what}</span>
      </a>
    </li>
  );
}

const SHOWN = ["SUCCEEDED", "RUNNING", "ABORTED", "TIMED_OUT", "FAILED"] as const;
const HEIGHT = 110;
/** Of a label of an hour. */
const WIDE = 60;

/** A bar an hour, its parts by status. */
function Bars({ data }: { data: Data }) {
  const figure = useRef<HTMLElement>(null);
  const width = useSignal(960);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (figure.current?.clientWidth) width.value = figure.current.clientWidth;
    });
    if (figure.current) observer.observe(figure.current);
    return () => observer.disconnect();
  }, [width]);
  const most = Math.max(1, ...data.buckets.map((bucket) => bucket.started));
  const step = width.value / Math.max(1, data.buckets.length);
  const every = [1, 2, 3, 4, 6, 8, 12, 24].find((hours) => hours * step >= WIDE) ?? 24;
  const total = data.buckets.reduce((sum, bucket) => sum + bucket.started, 0);
  return (
    <figure class="bars" ref={figure}>
      <svg
        viewBox={`0 0 ${width.value} ${HEIGHT + 18}`}
        role="img"
        aria-label={`${count(total, "execution")} started in the last 24 hours`}
      >
        {data.buckets.map((bucket, index) => {
          let top = HEIGHT;
          return (
            <g key={bucket.at}>
              <title>{`${hour(bucket.at)}: ${count(bucket.started, "execution")}, ${bucket.FAILED + bucket.TIMED_OUT} failed`}</title>
              {SHOWN.map((status) => {
                const height = (bucket[status] / most) * (HEIGHT - 4);
                top -= height;
                return height ? (
                  <rect
                    key={status}
                    class={`bar s-${status}`}
                    x={index * step + 2}
                    y={top}
                    width={step - 4}
                    height={height}
                  />
                ) : null;
              })}
              {index % every === 0 && (
                <text x={index * step + 2} y={HEIGHT + 14}>
                  {hour(bucket.at)}
                </text>
              )}
            </g>
          );
        })}
        <path class="axis" d={`M0 ${HEIGHT}H${width.value}`} />
      </svg>
      <figcaption class="quiet">
        {count(total, "execution")}
        {data.complete ? "" : " (the newest that are counted)"}
      </figcaption>
    </figure>
  );
}
