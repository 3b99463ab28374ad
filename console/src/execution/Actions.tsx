// What can be done with an execution: stop, redrive, start again, fork, compare, copy, export.
import { useSignal } from "@preact/signals";
import { apiUrl, aws, told } from "../api/client";
import type { ExecutionPage } from "../api/types";
import { StartDialog } from "../machines/StartDialog";
import { go, paths, place } from "../router";
import { Menu } from "../ui/menus";
import { Dialog, Problem } from "../ui/parts";
import { historyAsCli, startAsBoto3, startAsCli } from "./copies";
import type { ExecutionState } from "./state";

type Asked = "stop" | "redrive" | "again" | "compare" | null;

export function Actions({ page, state }: { page: ExecutionPage; state: ExecutionState }) {
  const asked = useSignal<Asked>(null);
  const { execution } = page;
  const close = () => {
    asked.value = null;
  };
  const ask = (what: Asked) => () => {
    asked.value = what;
  };
  const copy = (text: string) => () =>
    void navigator.clipboard.writeText(text).catch(() => prompt("Copy it from here:", text));
  const download = (format: string) => () => location.assign(apiUrl("export", { arn: execution.executionArn, format }));
  const running = execution.status === "RUNNING";
  return (
    <div class="actions">
      {running && execution.type === "STANDARD" && (
        <button type="button" class="danger" onClick={ask("stop")}>
          Stop
        </button>
      )}
      {!running && execution.status !== "SUCCEEDED" && (
        <button
          type="button"
          disabled={!execution.redrivable}
          title={execution.redrivable ? "Go on from where it failed" : (execution.redriveReason ?? "")}
          onClick={ask("redrive")}
        >
          Redrive
        </button>
      )}
      <button type="button" onClick={ask("again")}>
        Start again…
      </button>
      <Menu
        label="More"
        items={[
          {
            label: "Fork from a state…",
            run: () => go(paths.fork(execution.executionArn, { state: place.value.query.get("state") })),
          },
          { label: "Compare with…", run: ask("compare") },
          { label: "Copy link", run: copy(location.href) },
          { label: "Copy ARN", run: copy(execution.executionArn) },
          { label: "Copy start as AWS CLI", run: copy(startAsCli(execution)) },
          { label: "Copy start as boto3", run: copy(startAsBoto3(execution)) },
          { label: "Copy history as AWS CLI", run: copy(historyAsCli(execution)) },
          { label: "Export as JSON", run: download("json") },
          { label: "Export as a page to read offline", run: download("html") },
          { label: "Export the graph as SVG", run: download("svg") },
        ]}
      />
      {asked.value === "stop" && <Stop page={page} onClose={close} />}
      {asked.value === "redrive" && <Redrive page={page} state={state} onClose={close} />}
      {asked.value === "again" && (
        <StartDialog
          stateMachineArn={execution.alias ?? execution.version ?? execution.stateMachineArn}
          input={execution.input}
          type={execution.type}
          onClose={close}
        />
      )}
      {asked.value === "compare" && <Compare arn={execution.executionArn} onClose={close} />}
    </div>
  );
}

function Stop({ page, onClose }: { page: ExecutionPage; onClose: () => void }) {
  const problem = useSignal<string | null>(null);
  const error = useSignal("");
  const cause = useSignal("");
  const stop = async (event: Event) => {
    event.preventDefault();
    try {
      const request = {
        executionArn: page.execution.executionArn,
        error: error.value || undefined,
        cause: cause.value || undefined,
      };
      await aws("StopExecution", request);
      onClose();
    } catch (refused) {
      problem.value = told(refused);
    }
  };
  return (
    <Dialog title="Stop the execution" onClose={onClose}>
      <form onSubmit={stop}>
        <p>It ends as aborted. Tasks that go on are told to stop, and their tokens are void. It can be redriven.</p>
        <label class="field">
          Error (optional)
          <input value={error.value} maxLength={256} onInput={(event) => (error.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          Cause (optional)
          <input value={cause.value} onInput={(event) => (cause.value = event.currentTarget.value)} />
        </label>
        {problem.value && <Problem>{problem.value}</Problem>}
        <footer>
          <button type="button" onClick={onClose}>
            Keep it running
          </button>
          <button type="submit" class="danger">
            Stop it
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface RedriveProps {
  page: ExecutionPage;
  state: ExecutionState;
  onClose: () => void;
}

function Redrive({ page, state, onClose }: RedriveProps) {
  const problem = useSignal<string | null>(null);
  const redrive = async () => {
    try {
      await aws("RedriveExecution", { executionArn: page.execution.executionArn });
      await state.refresh();
      onClose();
    } catch (refused) {
      problem.value = told(refused);
    }
  };
  return (
    <Dialog title="Redrive the execution" onClose={onClose}>
      <p>
        It goes on from the states that did not succeed, with the same definition and the same input; what was done is
        not done again. To change something, fork it instead.
      </p>
      {problem.value && <Problem>{problem.value}</Problem>}
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={redrive}>
          Redrive
        </button>
      </footer>
    </Dialog>
  );
}

function Compare({ arn, onClose }: { arn: string; onClose: () => void }) {
  const other = useSignal("");
  return (
    <Dialog title="Compare with another execution" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go(paths.compare(arn, other.value.trim()));
        }}
      >
        <label class="field">
          ARN of the other execution
          <input required value={other.value} onInput={(event) => (other.value = event.currentTarget.value)} />
        </label>
        <p class="quiet">In the list of executions, two can be chosen and compared as well.</p>
        <footer>
          <button type="submit" class="primary">
            Compare
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
