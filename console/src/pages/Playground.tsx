// The playground: an expression over data, or one state alone with a mock in place of what it calls.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { aws, post, told } from "../api/client";
import type { VisitStatus } from "../api/types";
import { Failure } from "../execution/VisitPanel";
import { place, setQuery } from "../router";
import { jsonProblem, safeText } from "../text";
import { Empty, Json, Problem, StatusBadge, Tabs } from "../ui/parts";
import { useTitle } from "../ui/title";

export function Playground() {
  const tab = place.value.query.get("tab") ?? "expression";
  useTitle(tab === "state" ? "Playground: test a state" : "Playground");
  return (
    <div data-ready="true">
      <header class="page-header">
        <h1>Playground</h1>
      </header>
      <Tabs
        label="What to try"
        current={tab}
        tabs={[
          { id: "expression", label: "Expression" },
          { id: "state", label: "Test a state" },
        ]}
        onSelect={(id) => setQuery({ tab: id })}
      />
      <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "state" ? <TestState /> : <Expression />}
      </div>
    </div>
  );
}

interface Evaluated {
  result?: string | null;
  error?: string;
  cause?: string;
}

const PAUSE = 250;
const DATA = `{
  "customer": { "name": "Ada" },
  "items": [
    { "name": "pen", "price": 2, "count": 3 },
    { "name": "book", "price": 12.5, "count": 1 }
  ]
}`;
const FIRST = {
  JSONata: "{\n  'for': $states.input.customer.name,\n  'total': $sum($states.input.items.(price * count))\n}",
  JSONPath: "$.items[?(@.price > 5)].name",
};

interface FieldProps {
  label: string;
  text: { value: string };
  rows: number;
}

function Code({ label, text, rows }: FieldProps) {
  return (
    <label class="field">
      {label}
      <textarea
        class="code"
        rows={rows}
        spellcheck={false}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

function Expression() {
  const language = useSignal<"JSONata" | "JSONPath">("JSONata");
  const expression = useSignal(FIRST.JSONata);
  const input = useSignal(DATA);
  const variables = useSignal("{}");
  const answer = useSignal<Evaluated | null>(null);
  const problem = useSignal<string | null>(null);
  const wrong = jsonProblem(input.value) ?? jsonProblem(variables.value);
  useEffect(() => {
    if (wrong) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const request = {
        language: language.value,
        expression: expression.value,
        input: input.value,
        variables: variables.value,
      };
      post<Evaluated>("playground", request, abort.signal).then(
        (found) => {
          answer.value = found;
          problem.value = null;
        },
        (failure) => {
          if (!abort.signal.aborted) problem.value = told(failure);
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [language.value, expression.value, input.value, variables.value]);
  const current = wrong || problem.value ? null : answer.value;
  return (
    <div class="two">
      <div>
        <label class="field">
          Language
          <select
            value={language.value}
            onChange={(event) => {
              language.value = event.currentTarget.value as "JSONata" | "JSONPath";
              expression.value = FIRST[language.value];
            }}
          >
            <option>JSONata</option>
            <option>JSONPath</option>
          </select>
        </label>
        <Code label="Expression" text={expression} rows={6} />
        <Code label={language.value === "JSONata" ? "$states.input" : "Input"} text={input} rows={12} />
        <Code label="Variables" text={variables} rows={3} />
      </div>
      <section class="panel padded" aria-label="Result" aria-live="polite">
        <h2>Result</h2>
        {wrong && <p class="bad">{safeText(wrong)}</p>}
        {problem.value && <Problem>{safeText(problem.value)}</Problem>}
        {current?.error !== undefined && <Failure error={current.error} cause={current.cause ?? null} />}
        {current && current.error === undefined && <Value text={current.result} />}
      </section>
    </div>
  );
}

function Value({ text }: { text: string | null | undefined }) {
  return text == null ? <p class="empty">Nothing (undefined)</p> : <Json text={text} label="result" />;
}

interface Tested {
  status: string;
  output?: string;
  error?: string;
  cause?: string;
  nextState?: string;
  inspectionData?: Record<string, unknown>;
}

const STATE = `{
  "Type": "Task",
  "Resource": "arn:aws:states:::lambda:invoke",
  "QueryLanguage": "JSONata",
  "Arguments": { "FunctionName": "charge", "Payload": "{% $states.input %}" },
  "Output": "{% $states.result.Payload %}",
  "Next": "Ship"
}`;
/** AWS gives the stages as JSON within JSON: shown as what they are. */
function unfolded(key: string, value: unknown): unknown {
  return key && typeof value === "string" && jsonProblem(value) === null ? JSON.parse(value) : value;
}

const STATUSES: Record<string, VisitStatus> = {
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
  RETRIABLE: "RETRYING",
  CAUGHT_ERROR: "CAUGHT",
};

function TestState() {
  const definition = useSignal(STATE);
  const input = useSignal('{ "order": 42 }');
  const variables = useSignal("{}");
  const mock = useSignal<"result" | "error" | "none">("result");
  const result = useSignal('{ "Payload": { "charged": true }, "StatusCode": 200 }');
  const error = useSignal("Lambda.TooManyRequestsException");
  const answer = useSignal<Tested | null>(null);
  const problem = useSignal<string | null>(null);
  const run = async () => {
    const mocks = {
      result: { mock: { result: result.value, fieldValidationMode: "NONE" } },
      error: { mock: { errorOutput: { error: error.value, cause: "mocked" } } },
      none: { roleArn: "arn:aws:iam::123456789012:role/any" },
    };
    try {
      answer.value = await aws<Tested>("TestState", {
        definition: definition.value,
        input: input.value,
        variables: variables.value === "{}" ? undefined : variables.value,
        inspectionLevel: "DEBUG",
        ...mocks[mock.value],
      });
      problem.value = null;
    } catch (refused) {
      answer.value = null;
      problem.value = told(refused);
    }
  };
  return (
    <div class="two">
      <div>
        <Code label="Definition of the state" text={definition} rows={12} />
        <Code label="Input" text={input} rows={5} />
        <Code label="Variables" text={variables} rows={2} />
        <label class="field">
          What it calls
          <select
            value={mock.value}
            onChange={(event) => {
              mock.value = event.currentTarget.value as "result" | "error" | "none";
            }}
          >
            <option value="result">answers with a mocked result</option>
            <option value="error">fails with a mocked error</option>
            <option value="none">is really called</option>
          </select>
        </label>
        {mock.value === "result" && <Code label="Result" text={result} rows={4} />}
        {mock.value === "error" && (
          <label class="field">
            Error
            <input
              value={error.value}
              onInput={(event) => {
                error.value = event.currentTarget.value;
              }}
            />
          </label>
        )}
        <button type="button" class="primary" onClick={() => void run()}>
          Test the state
        </button>
      </div>
      <section class="panel padded" aria-label="Result" aria-live="polite">
        <h2>What it does</h2>
        {problem.value && <Problem>{safeText(problem.value)}</Problem>}
        {!answer.value && !problem.value && <Empty>Test the state to see where it leads, and with which output.</Empty>}
        {answer.value && (
          <>
            <p>
              <StatusBadge status={STATUSES[answer.value.status] ?? "RUNNING"} />
              {answer.value.nextState && <> goes on with {safeText(answer.value.nextState)}</>}
            </p>
            {answer.value.error !== undefined && (
              <Failure error={answer.value.error} cause={answer.value.cause ?? null} />
            )}
            {answer.value.output !== undefined && <Json text={answer.value.output} label="output" />}
            {answer.value.inspectionData && (
              <>
                <h3>Stages of the data</h3>
                <Json text={JSON.stringify(answer.value.inspectionData, unfolded)} label="stages" />
              </>
            )}
          </>
        )}
      </section>
    </div>
  );
}
