// The page: logged in or not, its frame, and what the address asks for.
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { get, loggedIn } from "./api/client";
import { connected } from "./api/live";
import { useOverview } from "./api/overview";
import type { Overview as OverviewData, Session } from "./api/types";
import { ExecutionPage } from "./execution/ExecutionPage";
import { Frame } from "./frame/Frame";
import { Login, logInByLink } from "./frame/Login";
import { DiffPage } from "./machines/DiffPage";
import { EditForm, EditPage } from "./machines/EditPage";
import { MachinePage } from "./machines/MachinePage";
import { MachinesPage } from "./machines/MachinesPage";
import { Compare } from "./pages/Compare";
import { Executions } from "./pages/Executions";
import { Fork } from "./pages/Fork";
import { Inbox } from "./pages/Inbox";
import { Overview } from "./pages/Overview";
import { Playground } from "./pages/Playground";
import { followLinks, paths, place } from "./router";
import type { Loaded } from "./ui/load";
import { useTitle } from "./ui/title";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/graph.css";
import "./styles/pages.css";

function App() {
  const session = useSignal<Session | null>(null);
  const refused = useSignal<string | null>(null);
  const begin = async () => {
    try {
      refused.value = await logInByLink();
      session.value = await get<Session>("session");
      loggedIn.value = true;
    } catch {
      loggedIn.value = false;
    }
  };
  useEffect(() => void begin(), []);
  if (loggedIn.value === null) return <p class="empty">Loading…</p>;
  if (!loggedIn.value || !session.value) return <Login problem={refused.value} onLogin={begin} />;
  return <LoggedIn session={session.value} />;
}

function LoggedIn({ session }: { session: Session }) {
  const overview = useOverview();
  return (
    <Frame session={session} overview={overview}>
      {!connected.value && (
        <p class="warning" role="status">
          The live connection is lost; trying again. What is shown may be old.
        </p>
      )}
      <Page overview={overview} />
    </Frame>
  );
}

function Page({ overview }: { overview: Loaded<OverviewData> }) {
  const { path, query } = place.value;
  const [room, arn, view] = path.split("/").map(decoded);
  switch (room) {
    case "":
      return <Overview overview={overview} />;
    case "machines":
      if (!arn) return <MachinesPage />;
      if (view === "edit") return <EditPage arn={arn} />;
      return view === "diff" ? <DiffPage arn={arn} /> : <MachinePage arn={arn} />;
    case "create":
      return <EditForm machine={null} />;
    case "executions":
      if (!arn) return <Executions />;
      return view === "fork" ? <Fork arn={arn} /> : <ExecutionPage arn={arn} />;
    case "compare":
      return <Compare a={query.get("a") ?? ""} b={query.get("b") ?? ""} />;
    case "inbox":
      return <Inbox waiting={overview.data?.inbox ?? 0} />;
    case "playground":
      return <Playground />;
    default:
      return <NoSuchPage />;
  }
}

function NoSuchPage() {
  useTitle("No such page");
  return (
    <p class="empty">
      There is no such page. Go to the <a href={paths.overview()}>overview</a>.
    </p>
  );
}

/** A part of a path; as it stands where it is not encoded as it should be. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const root = document.getElementById("app");
if (root) {
  followLinks(root);
  render(<App />, root);
}
