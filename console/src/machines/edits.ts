// Changes of a definition that are made in the graph. A definition is never changed in place: each gives a new one.

type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Definition = { [name: string]: Value };

export const STATE_TYPES = ["Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"] as const;
export type StateType = (typeof STATE_TYPES)[number];

const unescaped = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

function parts(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescaped);
}

function at(root: Value, path: string[]): Definition {
  let value: Value = root;
  for (const part of path) value = (value as Definition)[part] as Value;
  return value as Definition;
}

interface Edge {
  /** The scope (it has StartAt and States) that the edge lies in. */
  scope: string[];
  /** The object that says where the edge leads. */
  owner: string[];
  member: "StartAt" | "Next" | "Default" | "End";
}

/** What an edge's id names; see POST layout. */
function edgeOf(id: string): Edge {
  const [pointer, mark] = id.split("#") as [string, string | undefined];
  const path = parts(pointer);
  if (mark === "start") return { scope: path, owner: path, member: "StartAt" };
  const states = path.lastIndexOf("States");
  const scope = path.slice(0, states);
  if (mark === "end") return { scope, owner: path, member: "End" };
  const last = path.at(-1);
  if (last === "Next" || last === "Default") return { scope, owner: path.slice(0, -1), member: last };
  return { scope, owner: path, member: "Next" };
}

/** The name of the state that an edge leads to, or null for an end. */
export function targetOf(definition: Definition, id: string): string | null {
  const { owner, member } = edgeOf(id);
  const found = at(definition, owner)[member];
  return typeof found === "string" ? found : null;
}

/** The names of the states that an edge may lead to. */
export function targetsOf(definition: Definition, id: string): string[] {
  return Object.keys(at(definition, edgeOf(id).scope).States as Definition);
}

/** Whether an edge may lead to the end: those of a state's own, which is not a Choice. */
export function mayEnd(id: string): boolean {
  const { owner, member } = edgeOf(id);
  return member === "End" || (member === "Next" && owner.at(-2) === "States");
}

/** Let an edge lead to another state, or (null) to the end. */
export function retarget(definition: Definition, id: string, name: string | null): Definition {
  const next = structuredClone(definition);
  const { owner, member } = edgeOf(id);
  lead(at(next, owner), member, name);
  return next;
}

function lead(owner: Definition, member: Edge["member"], name: string | null): void {
  if (name === null) {
    delete owner.Next;
    owner.End = true;
  } else if (member === "End") {
    delete owner.End;
    owner.Next = name;
  } else {
    owner[member] = name;
  }
}

/** Put a new state on an edge: the edge leads to it, and it leads to where the edge led. */
export function insertOn(definition: Definition, id: string, type: StateType, wanted: string): Definition {
  const next = structuredClone(definition);
  const { scope, owner, member } = edgeOf(id);
  const states = at(next, scope).States as Definition;
  const name = unusedName(states, wanted);
  const target = targetOf(definition, id);
  states[name] = made(type, target, next.QueryLanguage === "JSONata");
  lead(at(next, owner), member, name);
  return next;
}

/** Take a state out: what led to it leads to its Next, or ends. */
export function remove(definition: Definition, pointer: string): Definition {
  const next = structuredClone(definition);
  const path = parts(pointer);
  const name = path.at(-1) as string;
  const scope = at(next, path.slice(0, path.lastIndexOf("States")));
  const states = scope.States as Definition;
  const gone = states[name] as Definition;
  const target = typeof gone.Next === "string" ? gone.Next : typeof gone.Default === "string" ? gone.Default : null;
  delete states[name];
  if (scope.StartAt === name) scope.StartAt = target ?? Object.keys(states)[0] ?? "";
  for (const state of Object.values(states) as Definition[]) {
    for (const owner of [state, ...((state.Choices ?? []) as Definition[]), ...((state.Catch ?? []) as Definition[])]) {
      if (owner.Next === name) detach(owner, target, owner === state);
      if (owner.Default === name) detachDefault(owner, target);
    }
  }
  return next;
}

/** A rule or a catcher can't end: where there is nothing to lead to, the linter says that its target is gone. */
function detach(owner: Definition, target: string | null, mayEndHere: boolean): void {
  if (target !== null) owner.Next = target;
  else if (mayEndHere) lead(owner, "Next", null);
}

function detachDefault(owner: Definition, target: string | null): void {
  if (target === null) delete owner.Default;
  else owner.Default = target;
}

function unusedName(states: Definition, wanted: string): string {
  if (!(wanted in states)) return wanted;
  let number = 2;
  while (`${wanted} ${number}` in states) number += 1;
  return `${wanted} ${number}`;
}

function made(type: StateType, target: string | null, jsonata: boolean): Definition {
  const on: Definition = target === null ? { End: true } : { Next: target };
  const inner: Definition = { StartAt: "Step", States: { Step: { Type: "Pass", End: true } } };
  switch (type) {
    case "Task": {
      const given: Definition = { FunctionName: "my-function" };
      const call: Definition = jsonata
        ? { Arguments: { ...given, Payload: "{% $states.input %}" } }
        : { Parameters: { ...given, "Payload.$": "$" } };
      return { Type: type, Resource: "arn:aws:states:::lambda:invoke", ...call, ...on };
    }
    case "Choice": {
      const rule: Definition = jsonata
        ? { Condition: "{% true %}", Next: target ?? "" }
        : { Variable: "$.value", IsPresent: true, Next: target ?? "" };
      return { Type: type, Choices: [rule], ...(target === null ? {} : { Default: target }) };
    }
    case "Wait":
      return { Type: type, Seconds: 5, ...on };
    case "Parallel":
      return { Type: type, Branches: [inner, structuredClone(inner)], ...on };
    case "Map":
      return {
        Type: type,
        ...(jsonata ? { Items: "{% $states.input.items %}" } : { ItemsPath: "$.items" }),
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...inner },
        ...on,
      };
    case "Succeed":
      return { Type: type };
    case "Fail":
      return { Type: type, Error: "Failed", Cause: "Say why" };
    default:
      return { Type: type, ...on };
  }
}

export const FIRST: Definition = {
  Comment: "What this state machine is for",
  QueryLanguage: "JSONata",
  StartAt: "Hello",
  States: { Hello: { Type: "Pass", Output: { greeting: "{% 'Hello, ' & $states.input.name %}" }, End: true } },
};
