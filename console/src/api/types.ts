// What the console's API answers; docs/console-api.md says what each member means.

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
export type VisitStatus = Status | "WAITING" | "RETRYING" | "CAUGHT";

export interface Session {
  version: string;
  account: string;
  region: string;
}

export interface Node {
  id: string;
  kind: "state" | "start" | "end" | "scope" | "unknown";
  name: string;
  type: string;
  label: string;
  parent: string;
  x: number;
  y: number;
  width: number;
  height: number;
  line: number | null;
  column: number | null;
  start: boolean;
  end: boolean;
  children: number;
}

export interface Edge {
  id: string;
  from: string;
  to: string;
  kind: "next" | "default" | "choice" | "catch" | "start" | "end";
  label: string;
  path: string;
  points: [number, number][];
  labelAt: [number, number] | null;
  back: boolean;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Node[];
  edges: Edge[];
  problems: { message: string; line: number; column: number }[];
}

export interface Diagnostic {
  severity: "ERROR" | "WARNING";
  code: string;
  message: string;
  location: string;
  line: number;
  column: number;
}

export interface Item {
  executionArn: string;
  stateMachineArn: string;
  stateMachine: string;
  name: string;
  type: "STANDARD" | "EXPRESS";
  status: Status;
  started: number;
  stopped: number | null;
  error: string | null;
  cause: string | null;
  redrives: number;
  parked: boolean;
  version: string | null;
  alias: string | null;
}

export interface Execution extends Item {
  input: string;
  output: string | null;
  revisionDate: number;
  lastEvent: number;
  redrivable: boolean;
  redriveReason: string | null;
  roleArn: string;
  traceHeader: string | null;
  parkedReason: string | null;
}

export type Iteration = [string, number][];

export interface Wait {
  visit: number;
  state: string;
  status: VisitStatus;
  kind: "timer" | "retry" | "token" | "activity" | "worker" | "job" | "task" | "children" | "turn";
  until: number | null;
  since: number;
  attempt: number | null;
  attempts: number | null;
  resource: string | null;
  iteration: Iteration;
  text: string;
}

export interface StateSummary {
  visits: number;
  status: VisitStatus;
  last: number;
  counts: Partial<Record<VisitStatus, number>>;
}

export interface ExecutionPage {
  execution: Execution;
  definition: string;
  states: Record<string, StateSummary>;
  waits: Wait[];
  moreWaits: boolean;
}

export type Segment = [kind: "queue" | "work" | "wait" | "backoff", from: number, to: number | null];

export interface Visits {
  columns: string[];
  states: string[];
  rows: VisitRow[];
  next: number | null;
  lastEvent: number;
}

export type VisitRow = [
  visit: number,
  state: number,
  within: number,
  index: number,
  entered: number,
  exited: number | null,
  exit: number,
  status: VisitStatus,
  attempts: number,
  segments: Segment[],
];

export interface Attempt {
  number: number;
  scheduled: number;
  started: number | null;
  ended: number | null;
  status: VisitStatus;
  parameters: string | null;
  result: string | null;
  error: string | null;
  cause: string | null;
  submitted: string | null;
  worker: string | null;
  event: number;
}

/** Whose catcher took an error, and where it led. */
export interface CaughtBy {
  state: string;
  visit: number;
  catcher: number | null;
  errors: string[];
  next: string | null;
  nextVisit: number | null;
}

export interface Visit {
  visit: number;
  state: string;
  name: string;
  type: string;
  status: VisitStatus;
  entered: number;
  exited: number | null;
  iteration: Iteration;
  within: number;
  index: number;
  input: string | null;
  output: string | null;
  variables: string | null;
  assigned: Record<string, string> | null;
  next: string | null;
  error: string | null;
  cause: string | null;
  caughtBy: CaughtBy | null;
  stages: { name: string; value: string; exact: boolean }[];
  attempts: Attempt[];
  wait: Wait | null;
  definition: string;
  line: number | null;
  iterations: {
    length: number | null;
    started: number;
    succeeded: number;
    failed: number;
    aborted: number;
    running: number;
  } | null;
}

export interface IterationRow {
  index: number;
  status: VisitStatus;
  started: number;
  ended: number | null;
  visits: number;
  last: number;
  state: string;
  error: string | null;
}

export interface HistoryEvent {
  id: number;
  previous: number;
  type: string;
  at: number;
  visit: number;
  state: string | null;
  status: VisitStatus | null;
  details: Record<string, unknown>;
}

export interface Events {
  events: HistoryEvent[];
  next: number | null;
  lastEvent: number;
}

export interface ExecutionFrame {
  executionArn: string;
  status: Status;
  stopped: number | null;
  lastEvent: number;
  events: HistoryEvent[];
  more: boolean;
  waits: Wait[];
  states: Record<string, StateSummary>;
  /** Those that these events changed. */
  visits: Pick<Visits, "states" | "rows">;
}

export interface ListFrame {
  executions: Item[];
  more: boolean;
}

export interface InboxTask {
  executionArn: string;
  execution: Item;
  visit: number;
  state: string;
  name: string;
  /** `worker`: a task of an activity that a worker has. */
  kind: "token" | "activity" | "worker";
  lane: number;
  ticket: number;
  since: number;
  until: number | null;
  input: string;
  parameters: string;
  resource: string;
  heartbeat: number | null;
  iteration: Iteration;
}

export interface Overview {
  now: number;
  running: number;
  machines: number;
  inbox: number;
  parked: Item[];
  recent: Item[];
  failures: Item[];
  since: number;
  bucket: number;
  buckets: ({ at: number; started: number } & Record<Status, number>)[];
  complete: boolean;
  scopes: { account: string; region: string; machines: number }[];
}

export interface StateMachineItem {
  stateMachineArn: string;
  name: string;
  type: "STANDARD" | "EXPRESS";
  creationDate: number;
}

export interface StateMachine extends StateMachineItem {
  status: string;
  definition: string;
  roleArn: string;
  revisionId?: string;
  description?: string;
  label?: string;
  loggingConfiguration?: object;
  tracingConfiguration?: object;
  encryptionConfiguration?: object;
  variableReferences?: Record<string, string[]>;
}

export interface VersionItem {
  stateMachineVersionArn: string;
  creationDate: number;
}

export interface AliasItem {
  stateMachineAliasArn: string;
  creationDate: number;
}

export interface Fork {
  executionArn?: string;
  startDate?: number;
  definition: string;
  input: string;
  warnings: string[];
}

export interface Comparison {
  rows: {
    state: string;
    iteration: Iteration;
    a: number | null;
    b: number | null;
    input: boolean;
    output: boolean;
    status: boolean;
  }[];
  first: number | null;
  more: boolean;
}
