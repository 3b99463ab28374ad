// The inbox: tasks that wait for a person, who answers with a form.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post, told } from "../api/client";
import { watch } from "../api/live";
import type { InboxTask } from "../api/types";
import { paths } from "../router";
import { scope } from "../settings";
import { jsonProblem, safeText } from "../text";
import { useLoad } from "../ui/load";
import { Empty, Json, Lasted, Loading, Name, Problem, When } from "../ui/parts";
import { useTitle } from "../ui/title";

/** For somebody with a task token, or for a worker: also what a worker has and has not answered. */
type Kind = "token" | "activity";

interface Page {
  tasks: InboxTask[];
  next: string | null;
}

const LIMIT = 100;
/** What is due within the hour is an alarm. */
const SOON = 3_600_000;

/** The tasks of both kinds, so that each says how many there are. */
async function load(signal: AbortSignal): Promise<Page> {
  const kinds = ["token", "activity"].map((kind) => get<Page>("inbox", { kind, limit: LIMIT }, signal));
  const pages = await Promise.all(kinds);
  return { tasks: pages.flatMap((page) => page.tasks), next: pages.find((page) => page.next)?.next ?? null };
}

/** `waiting`: how many wait for somebody, in all. */
export function Inbox({ waiting }: { waiting: number }) {
  useTitle(waiting ? `Inbox (${waiting})` : "Inbox");
  const { data, error, reload } = useLoad(load, [scope.value]);
  const kind = useSignal<Kind>("token");
  useEffect(() => watch({ executions: () => ({}), lists: true, onOpen: reload, onList: reload }), [reload]);
  if (error && !data) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  const of = (wanted: Kind) => data.tasks.filter((task) => (task.kind === "token") === (wanted === "token"));
  const tasks = of(kind.value);
  return (
    <div data-ready="true">
      <header class="page-header">
        <h1>Inbox</h1>
        <fieldset class="views">
          <legend class="hidden">Kind</legend>
          {(["token", "activity"] satisfies Kind[]).map((each) => (
            <button
              type="button"
              key={each}
              aria-pressed={kind.value === each}
              onClick={() => {
                kind.value = each;
              }}
            >
              {each === "token" ? `For somebody (${of(each).length})` : `For a worker (${of(each).length})`}
            </button>
          ))}
        </fieldset>
      </header>
      {tasks.length === 0 && <Empty>Nothing waits here.</Empty>}
      <ul class="inbox">
        {tasks.map((task) => (
          <Task key={`${task.executionArn} ${task.lane} ${task.ticket}`} task={task} onAnswered={reload} />
        ))}
      </ul>
      {data.next && <p class="quiet">There are more; answer some of these first.</p>}
    </div>
  );
}

function Task({ task, onAnswered }: { task: InboxTask; onAnswered: () => void }) {
  return (
    <li class="panel padded task">
      <header>
        <h2>
          <Name>{task.name}</Name>
        </h2>
        <span class="quiet">
          in{" "}
          <a href={paths.execution(task.executionArn, { state: task.state, visit: String(task.visit) })}>
            <Name>{task.execution.name}</Name>
          </a>{" "}
          of <Name>{task.execution.stateMachine}</Name>
        </span>
        {task.kind === "worker" && <span>a worker has it</span>}
        <span>
          waits since <When at={task.since} /> (<Lasted from={task.since} to={null} />)
        </span>
        {task.until && (
          <span class={task.until - Date.now() < SOON ? "bad" : "quiet"}>
            until <When at={task.until} />
          </span>
        )}
      </header>
      <div class="task-body">
        <div>
          <h3>What is asked</h3>
          <Json text={task.parameters} label={`parameters of ${safeText(task.name)}`} />
        </div>
        <Answer task={task} onAnswered={onAnswered} />
      </div>
    </li>
  );
}

const REVIEWER = "stepwell.reviewer";

/** Approve and reject are answers of one click, with a name and a comment; any other answer can be written as JSON. */
function Answer({ task, onAnswered }: { task: InboxTask; onAnswered: () => void }) {
  const form = useSignal<"buttons" | "output" | "failure">("buttons");
  const comment = useSignal("");
  const reviewer = useSignal(localStorage.getItem(REVIEWER) ?? "");
  const output = useSignal('{\n  "approved": true\n}');
  const error = useSignal("Rejected");
  const cause = useSignal("");
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const answer = async (body: object) => {
    busy.value = true;
    try {
      await post("inbox/answer", { executionArn: task.executionArn, lane: task.lane, ticket: task.ticket, ...body });
      onAnswered();
    } catch (refused) {
      problem.value = told(refused);
    }
    busy.value = false;
  };
  const decide = (approved: boolean) => {
    localStorage.setItem(REVIEWER, reviewer.value);
    const decision = approved ? "APPROVE" : "REJECT";
    const said = { approved, decision, reviewer: reviewer.value || null, comment: comment.value || null };
    void answer({ output: JSON.stringify(said) });
  };
  const wrong = jsonProblem(output.value);
  return (
    <div class="answer">
      <h3>Your answer</h3>
      <label class="field">
        <span class="hidden">Form of the answer</span>
        <select
          value={form.value}
          onChange={(event) => {
            form.value = event.currentTarget.value as typeof form.value;
          }}
        >
          <option value="buttons">Approve or reject</option>
          <option value="output">Answer with JSON</option>
          <option value="failure">Fail the task</option>
        </select>
      </label>
      {form.value === "buttons" && (
        <>
          <label class="field">
            Your name
            <input
              value={reviewer.value}
              onInput={(event) => {
                reviewer.value = event.currentTarget.value;
              }}
            />
          </label>
          <label class="field">
            Comment (optional)
            <input
              value={comment.value}
              onInput={(event) => {
                comment.value = event.currentTarget.value;
              }}
            />
          </label>
          <p class="quiet">
            The state gets <code>approved</code> (true or false), <code>decision</code> (APPROVE or REJECT),{" "}
            <code>reviewer</code> and <code>comment</code>.
          </p>
          <div class="buttons">
            <button type="button" class="primary" disabled={busy.value} onClick={() => decide(true)}>
              Approve
            </button>
            <button type="button" class="danger" disabled={busy.value} onClick={() => decide(false)}>
              Reject
            </button>
          </div>
        </>
      )}
      {form.value === "output" && (
        <>
          <label class="field">
            Output (JSON)
            <textarea
              class="code"
              rows={6}
              spellcheck={false}
              value={output.value}
              aria-invalid={wrong !== null}
              onInput={(event) => {
                output.value = event.currentTarget.value;
              }}
            />
          </label>
          {wrong && <p class="bad">{safeText(wrong)}</p>}
          <button
            type="button"
            class="primary"
            disabled={busy.value || wrong !== null}
            onClick={() => void answer({ output: output.value })}
          >
            Send
          </button>
        </>
      )}
      {form.value === "failure" && (
        <>
          <label class="field">
            Error
            <input
              value={error.value}
              maxLength={256}
              onInput={(event) => {
                error.value = event.currentTarget.value;
              }}
            />
          </label>
          <label class="field">
            Cause
            <input
              value={cause.value}
              onInput={(event) => {
                cause.value = event.currentTarget.value;
              }}
            />
          </label>
          <button
            type="button"
            class="danger"
            disabled={busy.value}
            onClick={() => void answer({ error: error.value, cause: cause.value })}
          >
            Fail the task
          </button>
        </>
      )}
      {problem.value && <Problem>{safeText(problem.value)}</Problem>}
    </div>
  );
}
