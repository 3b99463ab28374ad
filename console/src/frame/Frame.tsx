// What is around every page: where one can go, which account is looked at, how it looks.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { logout } from "../api/client";
import type { Overview, Session } from "../api/types";
import { paths, place } from "../router";
import { scope, theme, zone } from "../settings";
import { Icon, type IconName } from "../ui/icons";
import type { Loaded } from "../ui/load";
import { leaving, mayLeave } from "../unsaved";
import { Help } from "./Help";
import { Leaving } from "./Leaving";
import { Palette } from "./Palette";

/** Path, name (before it what is left out where there is little room), icon, address. */
const ROOMS: [string, string, string, IconName, () => string][] = [
  ["", "", "Overview", "home", paths.overview],
  ["executions", "", "Executions", "list", () => paths.executions()],
  ["machines", "State", "machines", "machine", paths.machines],
  ["inbox", "", "Inbox", "inbox", paths.inbox],
  ["playground", "", "Playground", "play", () => paths.playground()],
];
const THEMES = ["auto", "light", "dark"] as const;

interface FrameProps {
  session: Session;
  overview: Loaded<Overview>;
  children: ComponentChildren;
}

export function Frame({ session, overview, children }: FrameProps) {
  const asked = useSignal<"palette" | "help" | null>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const writing = (event.target as Element).closest("input, textarea, select, .cm-editor");
      if ((event.metaKey || event.ctrlKey) && event.key === "k") asked.value = "palette";
      else if (event.key === "?" && !writing) asked.value = "help";
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [asked]);
  const room = place.value.path.split("/")[0] ?? "";
  const close = () => {
    asked.value = null;
  };
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <nav class="side" aria-label="Main">
        <a class="brand" href={paths.overview()}>
          <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 9h6v5h6v5h6v5" />
          </svg>
          Stepwell
        </a>
        <ul>
          {ROOMS.map(([path, spare, label, icon, to]) => (
            <li key={path}>
              <a href={to()} aria-current={room === path ? "page" : undefined}>
                <Icon name={icon} />{" "}
                <span>
                  {spare && <span class="spare">{spare} </span>}
                  {label}
                </span>
                {path === "inbox" && !!overview.data?.inbox && <span class="badge">{overview.data.inbox}</span>}
              </a>
            </li>
          ))}
        </ul>
        <div class="side-end">
          <button
            type="button"
            class="quiet-button"
            onClick={() => {
              asked.value = "palette";
            }}
          >
            <Icon name="search" /> <span class="word">Go to…</span> <kbd>Ctrl K</kbd>
          </button>
          <Scopes session={session} scopes={overview.data?.scopes ?? []} />
          <button
            type="button"
            class="quiet-button"
            onClick={() => {
              zone.value = zone.value === "UTC" ? "local" : "UTC";
            }}
          >
            <Icon name="clock" /> <span class="word">{zone.value === "UTC" ? "UTC" : "Local time"}</span>
          </button>
          <button
            type="button"
            class="quiet-button"
            onClick={() => {
              theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto";
            }}
          >
            <Icon name="sun" />{" "}
            <span class="word">{{ auto: "Light or dark", light: "Light", dark: "Dark" }[theme.value]}</span>
          </button>
          <button
            type="button"
            class="quiet-button"
            onClick={() => {
              if (mayLeave(() => void logout())) void logout();
            }}
          >
            <Icon name="leave" /> <span class="word">Log out</span>
          </button>
          <p class="quiet version">Stepwell {session.version}</p>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {leaving.value && <Leaving />}
      {asked.value === "palette" && <Palette onClose={close} />}
      {asked.value === "help" && <Help onClose={close} />}
    </div>
  );
}

function Scopes({ session, scopes }: { session: Session; scopes: Overview["scopes"] }) {
  const own = `${session.account}/${session.region}`;
  const all = [...new Set([own, ...scopes.map(({ account, region }) => `${account}/${region}`)])];
  if (all.length < 2) return null;
  return (
    <label class="scopes">
      <span class="quiet">Account and region</span>
      <select
        value={scope.value || own}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          const change = () => {
            scope.value = wanted === own ? "" : wanted;
            location.reload();
          };
          event.currentTarget.value = scope.value || own;
          if (mayLeave(change)) change();
        }}
      >
        {all.map((each) => (
          <option key={each} value={each}>
            {each.replace("/", " · ")}
          </option>
        ))}
      </select>
    </label>
  );
}
