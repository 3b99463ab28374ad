// The same call as a command or as code, to paste elsewhere.
import type { Execution } from "../api/types";

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

function endpoint(): string {
  return location.origin;
}

export function startAsCli(execution: Execution): string {
  return [
    `aws stepfunctions start-execution --endpoint-url ${endpoint()}`,
    `--state-machine-arn ${quoted(execution.alias ?? execution.version ?? execution.stateMachineArn)}`,
    `--input ${quoted(execution.input)}`,
  ].join(" \\\n    ");
}

export function historyAsCli(execution: Execution): string {
  return [
    `aws stepfunctions get-execution-history --endpoint-url ${endpoint()}`,
    `--execution-arn ${quoted(execution.executionArn)}`,
  ].join(" \\\n    ");
}

export function startAsBoto3(execution: Execution): string {
  return `import boto3

stepfunctions = boto3.client("stepfunctions", endpoint_url=${JSON.stringify(endpoint())})
started = stepfunctions.start_execution(
    stateMachineArn=${JSON.stringify(execution.alias ?? execution.version ?? execution.stateMachineArn)},
    input=${pythonText(execution.input)},
)
print(started["executionArn"])
`;
}

/** A text as a literal of Python: JSON's escapes are Python's, but for the surrogates of JavaScript. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
