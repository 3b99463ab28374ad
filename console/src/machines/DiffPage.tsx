// Two definitions of a state machine: what differs in the text, and on the graph.
import { useMemo } from "preact/hooks";
import { aws, post } from "../api/client";
import type { Layout, StateMachine, VersionItem } from "../api/types";
import { Diff } from "../editor/lazy";
import { Graph } from "../graph/Graph";
import type { Change } from "../graph/pieces";
import { paths, place, setQuery } from "../router";
import { lastOf, prettyJson } from "../text";
import { useLoad } from "../ui/load";
import { Loading, Problem } from "../ui/parts";
import { useTitle } from "../ui/title";
import { convert } from "./EditPage";

interface Side {
  definition: string;
  layout: Layout;
}

async function load(arn: string, signal: AbortSignal): Promise<Side> {
  const machine = await aws<StateMachine>("DescribeStateMachine", { stateMachineArn: arn }, signal);
  const definition = prettyJson(await convert(machine.definition, "json"));
  return { definition, layout: await post<Layout>("layout", { definition }, signal) };
}

export function DiffPage({ arn }: { arn: string }) {
  useTitle(`What changed in ${lastOf(arn)}`);
  const query = place.value.query;
  const before = query.get("before") ?? arn;
  const after = query.get("after") ?? arn;
  const versions = useLoad(
    (signal) =>
      aws<{ stateMachineVersions: VersionItem[] }>(
        "ListStateMachineVersions",
        { stateMachineArn: arn, maxResults: 100 },
        signal,
      ),
    [arn],
  );
  const a = useLoad((signal) => load(before, signal), [before]);
  const b = useLoad((signal) => load(after, signal), [after]);
  const error = a.error ?? b.error;
  const changes = useMemo(() => (a.data && b.data ? differences(a.data, b.data) : null), [a.data, b.data]);
  const choice = (name: "before" | "after", value: string) => (
    <label>
      {name === "before" ? "Before" : "After"}{" "}
      <select value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
        <option value={arn}>as it is now</option>
        {versions.data?.stateMachineVersions.map(({ stateMachineVersionArn: each }) => (
          <option key={each} value={each}>
            version {lastOf(each)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div data-ready={changes ? "true" : "false"}>
      <header class="page-header">
        <div>
          <p class="crumbs">
            <a href={paths.machine(arn, { tab: "versions" })}>{lastOf(arn)}</a> /
          </p>
          <h1>What changed</h1>
        </div>
        <div class="filters">
          {choice("before", before)}
          {choice("after", after)}
        </div>
      </header>
      {error && <Problem>{error}</Problem>}
      {!changes && !error && <Loading />}
      {changes && a.data && b.data && (
        <>
          <div class="edit-main">
            <section class="panel graph-panel" aria-label="Graph before">
              <Graph layout={a.data.layout} changes={changes.before} label="Graph before" />
            </section>
            <section class="panel graph-panel" aria-label="Graph after">
              <Graph layout={b.data.layout} changes={changes.after} label="Graph after" />
            </section>
          </div>
          <p class="quiet">
            {changes.after.size + changes.before.size === 0
              ? "No state differs."
              : `${[...changes.after.values()].filter((change) => change === "added").length} states added, ${changes.before.size - [...changes.before.values()].filter((change) => change === "changed").length} removed, ${[...changes.after.values()].filter((change) => change === "changed").length} changed`}
          </p>
          <section class="panel diff-panel" aria-label="Text">
            <Diff before={a.data.definition} after={b.data.definition} />
          </section>
        </>
      )}
    </div>
  );
}

function differences(a: Side, b: Side): { before: Map<string, Change>; after: Map<string, Change> } {
  const [old, now] = [states(a), states(b)];
  const before = new Map<string, Change>();
  const after = new Map<string, Change>();
  for (const [id, text] of old) {
    if (!now.has(id)) before.set(id, "removed");
    else if (now.get(id) !== text) before.set(id, "changed");
  }
  for (const [id, text] of now) {
    if (!old.has(id)) after.set(id, "added");
    else if (old.get(id) !== text) after.set(id, "changed");
  }
  return { before, after };
}

/** Path of a state -> its text, without the states within. */
function states(side: Side): Map<string, string> {
  const root = JSON.parse(side.definition) as Record<string, unknown>;
  const found = new Map<string, string>();
  for (const node of side.layout.nodes) {
    if (node.kind !== "state") continue;
    let value: unknown = root;
    for (const part of node.id.split("/").slice(1)) {
      value = (value as Record<string, unknown>)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    found.set(
      node.id,
      JSON.stringify(value, (key, inner) => (key === "States" ? undefined : inner)),
    );
  }
  return found;
}
