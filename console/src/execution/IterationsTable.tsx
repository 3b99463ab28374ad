// The iterations of a Map, or the branches of a Parallel, one by one.
import { useSignal } from "@preact/signals";
import { get } from "../api/client";
import type { IterationRow, Visit, VisitStatus } from "../api/types";
import { safeText, stateName } from "../text";
import { useLoad } from "../ui/load";
import { Lasted, Loading, Name, Problem, StatusBadge, statusWord } from "../ui/parts";
import type { ExecutionState } from "./state";

interface Page {
  iterations: IterationRow[];
  next: number | null;
  length: number | null;
}

interface IterationsTableProps {
  state: ExecutionState;
  visit: Visit;
  onVisit: (visit: number) => void;
}

const FILTERS: (VisitStatus | "")[] = ["", "RUNNING", "WAITING", "RETRYING", "SUCCEEDED", "FAILED", "ABORTED"];
const PAGE = 100;

export function IterationsTable({ state, visit, onVisit }: IterationsTableProps) {
  const status = useSignal<VisitStatus | "">("");
  const after = useSignal(-1);
  // The visit is another object whenever something has happened in it.
  const { data, error } = useLoad(
    (signal) =>
      get<Page>(
        "execution/iterations",
        { arn: state.arn, visit: visit.visit, after: after.value, limit: PAGE, status: status.value || null },
        signal,
      ),
    [state.arn, visit, after.value, status.value],
  );
  const counts = visit.iterations;
  return (
    <div class="iterations">
      {counts && (
        <p class="quiet">
          {counts.succeeded} succeeded, {counts.failed} failed, {counts.running} running, {counts.aborted} aborted
          {counts.length !== null ? ` of ${counts.length}` : ""}
        </p>
      )}
      <label>
        Status{" "}
        <select
          value={status.value}
          onChange={(event) => {
            status.value = event.currentTarget.value as VisitStatus;
            after.value = -1;
          }}
        >
          {FILTERS.map((each) => (
            <option key={each} value={each}>
              {each ? statusWord(each) : "all"}
            </option>
          ))}
        </select>
      </label>
      {error && <Problem>{error}</Problem>}
      {!data && !error && <Loading />}
      {data && (
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Status</th>
              <th scope="col">Last state</th>
              <th scope="col">Lasted</th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>
            {data.iterations.map((row) => (
              <tr key={row.index}>
                <td class="number">{row.index}</td>
                <td>
                  <StatusBadge status={row.status} />
                </td>
                <td>
                  {row.last ? (
                    <button type="button" class="link" onClick={() => onVisit(row.last)}>
                      <Name>{stateName(row.state)}</Name>
                    </button>
                  ) : null}
                </td>
                <td>
                  <Lasted from={row.started} to={row.ended} />
                </td>
                <td>{safeText(row.error ?? "")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div class="pager">
        <button
          type="button"
          disabled={after.value < 0}
          onClick={() => {
            after.value = -1;
          }}
        >
          First
        </button>
        <button
          type="button"
          disabled={data?.next == null}
          onClick={() => {
            after.value = data?.next ?? -1;
          }}
        >
          Next {PAGE}
        </button>
      </div>
    </div>
  );
}
