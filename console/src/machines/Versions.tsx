// Versions and aliases: publish, lead an alias to one or two of them, compare two.
import { useSignal } from "@preact/signals";
import { aws, told } from "../api/client";
import type { AliasItem, StateMachine, VersionItem } from "../api/types";
import { paths } from "../router";
import { lastOf, safeText } from "../text";
import { useLoad } from "../ui/load";
import { Dialog, Empty, Loading, Name, Problem, When } from "../ui/parts";
import { StartDialog } from "./StartDialog";

interface Route {
  stateMachineVersionArn: string;
  weight: number;
}

interface Alias {
  stateMachineAliasArn: string;
  name: string;
  description?: string;
  routingConfiguration: Route[];
}

async function load(arn: string, signal: AbortSignal): Promise<{ versions: VersionItem[]; aliases: Alias[] }> {
  const request = { stateMachineArn: arn, maxResults: 100 };
  const [versions, aliases] = await Promise.all([
    aws<{ stateMachineVersions: VersionItem[] }>("ListStateMachineVersions", request, signal),
    aws<{ stateMachineAliases: AliasItem[] }>("ListStateMachineAliases", request, signal),
  ]);
  const described = aliases.stateMachineAliases.map((alias) =>
    aws<Alias>("DescribeStateMachineAlias", { stateMachineAliasArn: alias.stateMachineAliasArn }, signal),
  );
  return { versions: versions.stateMachineVersions, aliases: await Promise.all(described) };
}

export function Versions({ machine }: { machine: StateMachine }) {
  const arn = machine.stateMachineArn;
  const { data, error, reload } = useLoad((signal) => load(arn, signal), [arn]);
  const problem = useSignal<string | null>(null);
  const alias = useSignal<Alias | "new" | null>(null);
  const start = useSignal<string | null>(null);
  const run = async (operation: string, request: object) => {
    try {
      await aws(operation, request);
      problem.value = null;
      reload();
    } catch (refused) {
      problem.value = told(refused);
    }
  };
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  return (
    <>
      {problem.value && <Problem>{safeText(problem.value)}</Problem>}
      <section class="panel padded">
        <header class="section-header">
          <h2>Versions</h2>
          <button type="button" onClick={() => void run("PublishStateMachineVersion", { stateMachineArn: arn })}>
            Publish a version
          </button>
        </header>
        {data.versions.length === 0 && <Empty>None was published yet. A version never changes.</Empty>}
        <ul class="lines">
          {data.versions.map((version) => (
            <li key={version.stateMachineVersionArn}>
              <strong>Version {lastOf(version.stateMachineVersionArn)}</strong>
              <span class="quiet">
                published <When at={version.creationDate * 1000} />
              </span>
              <a href={paths.diff(arn, { before: version.stateMachineVersionArn })}>Compare with now</a>
              <button
                type="button"
                class="link"
                onClick={() => {
                  start.value = version.stateMachineVersionArn;
                }}
              >
                Start
              </button>
              <button
                type="button"
                class="link bad"
                onClick={() =>
                  void run("DeleteStateMachineVersion", { stateMachineVersionArn: version.stateMachineVersionArn })
                }
              >
                Delete
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section class="panel padded">
        <header class="section-header">
          <h2>Aliases</h2>
          <button
            type="button"
            disabled={!data.versions.length}
            onClick={() => {
              alias.value = "new";
            }}
          >
            Create an alias…
          </button>
        </header>
        {data.aliases.length === 0 && (
          <Empty>There are none. An alias leads to one version, or to two by weight.</Empty>
        )}
        <ul class="lines">
          {data.aliases.map((each) => (
            <li key={each.stateMachineAliasArn}>
              <strong>
                <Name>{each.name}</Name>
              </strong>
              <span>
                {each.routingConfiguration
                  .map((route) => `version ${lastOf(route.stateMachineVersionArn)}: ${route.weight} %`)
                  .join(", ")}
              </span>
              <button
                type="button"
                class="link"
                onClick={() => {
                  alias.value = each;
                }}
              >
                Change
              </button>
              <button
                type="button"
                class="link"
                onClick={() => {
                  start.value = each.stateMachineAliasArn;
                }}
              >
                Start
              </button>
              <button
                type="button"
                class="link bad"
                onClick={() => void run("DeleteStateMachineAlias", { stateMachineAliasArn: each.stateMachineAliasArn })}
              >
                Delete
              </button>
            </li>
          ))}
        </ul>
      </section>
      {alias.value && (
        <AliasDialog
          alias={alias.value === "new" ? null : alias.value}
          versions={data.versions}
          onClose={() => {
            alias.value = null;
          }}
          onSave={async (operation, request) => {
            await run(operation, request);
            alias.value = null;
          }}
        />
      )}
      {start.value && (
        <StartDialog
          stateMachineArn={start.value}
          type={machine.type}
          onClose={() => {
            start.value = null;
          }}
        />
      )}
    </>
  );
}

interface AliasDialogProps {
  alias: Alias | null;
  versions: VersionItem[];
  onClose: () => void;
  onSave: (operation: string, request: object) => Promise<void>;
}

function AliasDialog({ alias, versions, onClose, onSave }: AliasDialogProps) {
  const routes = alias?.routingConfiguration ?? [];
  const name = useSignal(alias?.name ?? "");
  const first = useSignal(routes[0]?.stateMachineVersionArn ?? versions[0]?.stateMachineVersionArn ?? "");
  const second = useSignal(routes[1]?.stateMachineVersionArn ?? "");
  const weight = useSignal(routes[0]?.weight ?? 100);
  const save = (event: Event) => {
    event.preventDefault();
    const two = second.value && second.value !== first.value;
    const routingConfiguration: Route[] = two
      ? [
          { stateMachineVersionArn: first.value, weight: weight.value },
          { stateMachineVersionArn: second.value, weight: 100 - weight.value },
        ]
      : [{ stateMachineVersionArn: first.value, weight: 100 }];
    void (alias
      ? onSave("UpdateStateMachineAlias", { stateMachineAliasArn: alias.stateMachineAliasArn, routingConfiguration })
      : onSave("CreateStateMachineAlias", { name: name.value, routingConfiguration }));
  };
  const choice = (label: string, chosen: typeof first, none: boolean) => (
    <label class="field">
      {label}
      <select
        value={chosen.value}
        onChange={(event) => {
          chosen.value = event.currentTarget.value;
        }}
      >
        {none && <option value="">none</option>}
        {versions.map((version) => (
          <option key={version.stateMachineVersionArn} value={version.stateMachineVersionArn}>
            version {lastOf(version.stateMachineVersionArn)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Dialog title={alias ? `Change the alias ${safeText(alias.name)}` : "Create an alias"} onClose={onClose}>
      <form onSubmit={save}>
        {!alias && (
          <label class="field">
            Name
            <input
              required
              maxLength={80}
              value={name.value}
              onInput={(event) => {
                name.value = event.currentTarget.value;
              }}
            />
          </label>
        )}
        {choice("Leads to", first, false)}
        {choice("and to", second, true)}
        {second.value && second.value !== first.value && (
          <label class="field">
            Of a hundred executions, {weight.value} follow the first
            <input
              type="range"
              min={0}
              max={100}
              value={weight.value}
              onInput={(event) => {
                weight.value = Number(event.currentTarget.value);
              }}
            />
          </label>
        )}
        <footer>
          <button type="submit" class="primary">
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
