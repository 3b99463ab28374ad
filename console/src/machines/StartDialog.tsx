// Starting an execution: the input is checked as it is written, and remembered in this browser.
import { useSignal } from "@preact/signals";
import { aws, told } from "../api/client";
import { go, paths } from "../router";
import { jsonProblem, prettyJson, safeText, shortText } from "../text";
import { Dialog, Json, Problem } from "../ui/parts";

interface StartDialogProps {
  stateMachineArn: string;
  type: "STANDARD" | "EXPRESS";
  input?: string;
  onClose: () => void;
}

const REMEMBERED = 10;

function remembered(arn: string): string[] {
  try {
    return JSON.parse(localStorage.getItem(`stepwell.inputs.${arn}`) ?? "[]") as string[];
  } catch {
    return [];
  }
}

function remember(arn: string, input: string): void {
  const all = [input, ...remembered(arn).filter((each) => each !== input)].slice(0, REMEMBERED);
  try {
    localStorage.setItem(`stepwell.inputs.${arn}`, JSON.stringify(all));
  } catch {
    // Too large to be remembered: it is started all the same.
  }
}

interface SyncAnswer {
  executionArn: string;
  status: string;
  output?: string;
  error?: string;
  cause?: string;
}

export function StartDialog({ stateMachineArn, type, input, onClose }: StartDialogProps) {
  const unqualified = stateMachineArn.split(":").slice(0, 7).join(":");
  const earlier = remembered(unqualified);
  const text = useSignal(prettyJson(input ?? earlier[0] ?? "{}"));
  const name = useSignal("");
  const sync = useSignal(false);
  const problem = useSignal<string | null>(null);
  const answer = useSignal<SyncAnswer | null>(null);
  const wrong = jsonProblem(text.value);
  const start = async (event: Event) => {
    event.preventDefault();
    const request = { stateMachineArn, input: text.value, name: name.value || undefined };
    try {
      if (sync.value) {
        answer.value = await aws<SyncAnswer>("StartSyncExecution", request);
        remember(unqualified, text.value);
        return;
      }
      const started = await aws<{ executionArn: string }>("StartExecution", request);
      remember(unqualified, text.value);
      onClose();
      go(paths.execution(started.executionArn));
    } catch (refused) {
      problem.value = told(refused);
    }
  };
  return (
    <Dialog title="Start an execution" onClose={onClose} wide>
      <form onSubmit={start}>
        <label class="field">
          Name (optional: must be unique, makes the start safe to repeat)
          <input
            value={name.value}
            maxLength={80}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        </label>
        {earlier.length > 0 && (
          <label class="field">
            Inputs of before
            <select
              value=""
              onChange={(event) => {
                text.value = prettyJson(event.currentTarget.value);
              }}
            >
              <option value="">choose…</option>
              {earlier.map((each) => (
                <option key={each} value={each}>
                  {shortText(each, 100)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="field">
          Input (JSON)
          <textarea
            class="code"
            rows={12}
            spellcheck={false}
            value={text.value}
            aria-invalid={wrong !== null}
            aria-describedby="input-problem"
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <p id="input-problem" class={wrong ? "bad" : "quiet"} aria-live="polite">
          {wrong ? safeText(wrong) : "This is valid JSON."}
        </p>
        {type === "EXPRESS" && (
          <label>
            <input
              type="checkbox"
              checked={sync.value}
              onChange={(event) => {
                sync.value = event.currentTarget.checked;
              }}
            />{" "}
            wait for its end (StartSyncExecution)
          </label>
        )}
        {problem.value && <Problem>{safeText(problem.value)}</Problem>}
        {answer.value && (
          <section aria-label="Answer">
            <p>
              <strong>{answer.value.status}</strong> {safeText(answer.value.error ?? "")}{" "}
              {safeText(answer.value.cause ?? "")}
            </p>
            {answer.value.output && <Json text={answer.value.output} label="output" />}
          </section>
        )}
        <footer>
          <button type="button" onClick={onClose}>
            {answer.value ? "Close" : "Cancel"}
          </button>
          <button type="submit" class="primary" disabled={wrong !== null}>
            Start
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
