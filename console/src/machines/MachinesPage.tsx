// The list of state machines.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { aws, told } from "../api/client";
import type { StateMachineItem } from "../api/types";
import { paths } from "../router";
import { scope } from "../settings";
import { Empty, Loading, Name, Problem, When } from "../ui/parts";
import { useTitle } from "../ui/title";

const PAGE = 100;

interface Page {
  stateMachines: StateMachineItem[];
  nextToken?: string;
}

export function MachinesPage() {
  useTitle("State machines");
  const items = useSignal<StateMachineItem[] | null>(null);
  const next = useSignal<string | undefined>(undefined);
  const error = useSignal<string | null>(null);
  const search = useSignal("");
  const more = async (nextToken?: string) => {
    try {
      const page = await aws<Page>("ListStateMachines", { maxResults: PAGE, nextToken });
      items.value = nextToken ? [...(items.value ?? []), ...page.stateMachines] : page.stateMachines;
      next.value = page.nextToken;
      error.value = null;
    } catch (failed) {
      error.value = told(failed);
    }
  };
  useEffect(() => void more(), [scope.value]);
  if (error.value) return <Problem retry={() => void more()}>{error.value}</Problem>;
  if (!items.value) return <Loading />;
  const wanted = search.value.toLowerCase();
  const shown = items.value.filter((item) => item.name.toLowerCase().includes(wanted));
  return (
    <div data-ready="true">
      <header class="page-header">
        <h1>State machines</h1>
        <a class="button primary" href={paths.create()}>
          Create a state machine
        </a>
      </header>
      <div class="filters">
        <input
          type="search"
          placeholder="Part of the name"
          aria-label="Filter by name"
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
      </div>
      {shown.length === 0 ? (
        <Empty>There are none. Create one here, or with any AWS tool.</Empty>
      ) : (
        <div class="table-box">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Type</th>
                <th scope="col">Created</th>
                <th scope="col">
                  <span class="hidden">Links</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((item) => (
                <tr key={item.stateMachineArn}>
                  <td>
                    <a href={paths.machine(item.stateMachineArn)}>
                      <Name>{item.name}</Name>
                    </a>
                  </td>
                  <td>{item.type === "EXPRESS" ? "Express" : "Standard"}</td>
                  <td>
                    <When at={item.creationDate * 1000} />
                  </td>
                  <td>
                    <a href={paths.edit(item.stateMachineArn)}>Edit</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next.value && (
        <p class="pager">
          <button type="button" onClick={() => void more(next.value)}>
            More
          </button>
        </p>
      )}
    </div>
  );
}
