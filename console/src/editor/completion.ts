// What may be written where: the fields of each type of state, values with few choices, names of states.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

const COMMON = ["Type", "Comment", "QueryLanguage", "Assign"];
const PATHS = ["InputPath", "OutputPath"];
const ENDING = ["Next", "End"];
const FAILING = ["Retry", "Catch"];
const RESULT = ["ResultPath", "ResultSelector", "Parameters", "Arguments", "Output"];

const FIELDS: Record<string, string[]> = {
  "": ["Comment", "StartAt", "States", "QueryLanguage", "TimeoutSeconds", "Version"],
  Task: [
    ...[...COMMON, ...PATHS, ...ENDING, ...FAILING, ...RESULT],
    ...["Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"],
  ],
  Pass: [...COMMON, ...PATHS, ...ENDING, "Result", "ResultPath", "Parameters", "Output"],
  Choice: [...COMMON, ...PATHS, "Choices", "Default", "Output"],
  Wait: [...COMMON, ...PATHS, ...ENDING, "Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Output"],
  Succeed: [...COMMON, ...PATHS, "Output"],
  Fail: [...COMMON, "Error", "ErrorPath", "Cause", "CausePath"],
  Parallel: [...COMMON, ...PATHS, ...ENDING, ...FAILING, ...RESULT, "Branches"],
  Map: [
    ...[...COMMON, ...PATHS, ...ENDING, ...FAILING, ...RESULT],
    ...["ItemProcessor", "Items", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath"],
    ...["ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailurePercentage", "ToleratedFailureCount", "Label"],
  ],
};
const INNER = [
  ...["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"],
  ...[
    "Condition",
    "Variable",
    "And",
    "Or",
    "Not",
    "StringEquals",
    "NumericEquals",
    "NumericGreaterThan",
    "BooleanEquals",
  ],
  ...[
    "NumericLessThan",
    "StringMatches",
    "IsPresent",
    "IsNull",
    "IsString",
    "IsNumeric",
    "ProcessorConfig",
    "StartAt",
    "States",
  ],
];
const VALUES: Record<string, string[]> = {
  Type: ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"],
  QueryLanguage: ["JSONata", "JSONPath"],
  JitterStrategy: ["FULL", "NONE"],
  Mode: ["INLINE", "DISTRIBUTED"],
  ErrorEquals: [
    ...["States.ALL", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", "States.Runtime"],
    ...["States.Permissions", "States.DataLimitExceeded", "States.QueryEvaluationError", "States.IntrinsicFailure"],
  ],
  Resource: [
    ...["lambda:invoke", "lambda:invoke.waitForTaskToken", "sqs:sendMessage", "sqs:sendMessage.waitForTaskToken"],
    ...["sns:publish", "dynamodb:getItem", "dynamodb:putItem", "dynamodb:updateItem", "dynamodb:deleteItem"],
    ...["states:startExecution", "states:startExecution.sync:2", "events:putEvents", "http:invoke", "ecs:runTask.sync"],
    ...["batch:submitJob.sync", "glue:startJobRun.sync", "sagemaker:createTrainingJob.sync"],
  ].map((service) => `arn:aws:states:::${service}`),
};
const TO_STATES = new Set(["Next", "Default", "StartAt"]);
const WINDOW = 4000;

/** The names of states in a text, also where it can't be read as a whole. */
function stateNames(text: string): string[] {
  const names = new Set<string>();
  for (const found of text.matchAll(/"((?:[^"\\]|\\.)+)"\s*:\s*\{\s*"(?:Type|Comment)"/g))
    names.add(found[1] as string);
  for (const found of text.matchAll(/^\s+([^\s:#][^:\n]*):\s*\n\s+(?:Type|Comment):/gm))
    names.add((found[1] as string).trim());
  return [...names];
}

const options = (labels: string[], type: string): Completion[] => labels.map((label) => ({ label, type }));

export function complete(context: CompletionContext): CompletionResult | null {
  const { state, pos } = context;
  const before = state.sliceDoc(Math.max(0, pos - WINDOW), pos);
  const value = /"?(\w+)"?\s*:\s*\[?(?:\s*"[^"\n]*"\s*,)*\s*"?([^"\n,[\]{}]*)$/.exec(
    before.slice(before.lastIndexOf("\n") + 1),
  );
  if (value?.[1]) {
    const from = pos - (value[2] ?? "").length;
    if (TO_STATES.has(value[1])) return { from, options: options(stateNames(state.doc.toString()), "variable") };
    const known = VALUES[value[1]];
    if (known) return { from, options: options(known, "enum"), validFor: /^[\w.:-]*$/ };
    if (value[2]) return null;
  }
  const word = context.matchBefore(/\w*/);
  if (!word || (word.from === word.to && !context.explicit && !/"$/.test(before))) return null;
  const type = /"?Type"?\s*:\s*"?(\w+)/.exec(before.slice(before.lastIndexOf('": {') + 1))?.[1] ?? "";
  const labels = [...new Set([...(FIELDS[type] ?? FIELDS[""] ?? []), ...INNER])];
  return { from: word.from, options: options(labels, "property"), validFor: /^\w*$/ };
}
