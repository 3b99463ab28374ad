// The small parts that every page is made of.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { VisitStatus } from "../api/types";
import { clock, moment } from "../settings";
import { duration, prettyJson, safeText } from "../text";
import { Icon, type IconName } from "./icons";

const WORDS: Record<VisitStatus, string> = {
  RUNNING: "Running",
  WAITING: "Waiting",
  RETRYING: "Retrying",
  SUCCEEDED: "Succeeded",
  CAUGHT: "Caught",
  FAILED: "Failed",
  TIMED_OUT: "Timed out",
  ABORTED: "Aborted",
};

export function statusWord(status: VisitStatus): string {
  return WORDS[status] ?? status;
}

/** A status, told by icon and word, not by colour alone. */
export function StatusBadge({ status }: { status: VisitStatus }) {
  return (
    <span class={`status s-${status}`}>
      <Icon name={status} size={14} />
      {statusWord(status)}
    </span>
  );
}

/** A text of the user's. */
export function Name({ children }: { children: string }) {
  return <bdi title={safeText(children)}>{safeText(children)}</bdi>;
}

export function When({ at, short = false }: { at: number; short?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {short ? clock(at) : moment(at)}
    </time>
  );
}

/** A duration; while it goes on (`to` is null) it counts. */
export function Lasted({ from, to }: { from: number; to: number | null }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    if (to !== null) return;
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }, [to, now]);
  return <span class="number">{duration((to ?? now.value) - from)}</span>;
}

export function Problem({ children, retry }: { children: ComponentChildren; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <Icon name="alert" />
      <div>{children}</div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Loading() {
  return (
    <p class="empty" aria-busy="true">
      Loading…
    </p>
  );
}

interface IconButtonProps {
  name: IconName;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  disabled?: boolean;
}

export function IconButton({ name, label, onClick, pressed, disabled }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={name} />
    </button>
  );
}

export function CopyButton({ text, label = "Copy" }: { text: string | (() => string); label?: string }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 1500);
  };
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} onClick={copy}>
      <Icon name={copied.value ? "SUCCEEDED" : "copy"} />
    </button>
  );
}

const LONG_JSON = 200_000;

/** JSON text, indented; the whole of a long one only when asked for. */
export function Json({ text, label }: { text: string; label: string }) {
  const whole = useSignal(false);
  const shown = whole.value || text.length <= LONG_JSON ? prettyJson(text) : text.slice(0, LONG_JSON);
  return (
    <div class="json">
      <div class="json-actions">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {safeText(shown)}
      </pre>
      {shown.length < text.length && !whole.value && text.length > LONG_JSON && (
        <button
          type="button"
          onClick={() => {
            whole.value = true;
          }}
        >
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </div>
  );
}

export interface Tab {
  id: string;
  label: ComponentChildren;
}

/** Tabs by the pattern of WAI-ARIA: arrows move, the panel is the caller's, labelled by `tab-<id>`. */
export function Tabs({
  tabs,
  current,
  onSelect,
  label,
}: {
  tabs: Tab[];
  current: string;
  onSelect: (id: string) => void;
  label: string;
}) {
  const move = (event: KeyboardEvent, index: number) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const to = step && tabs[(index + step + tabs.length) % tabs.length];
    if (!to) return;
    onSelect(to.id);
    ((event.currentTarget as HTMLElement).parentElement?.querySelector(`#tab-${to.id}`) as HTMLElement)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label}>
      {tabs.map((tab, index) => (
        <button
          type="button"
          role="tab"
          id={`tab-${tab.id}`}
          key={tab.id}
          aria-selected={tab.id === current}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onSelect(tab.id)}
          onKeyDown={(event) => move(event, index)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}

export function Dialog({ title, onClose, children, wide }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  // Esc closes it by way of its owner: closed by itself, it would tell of that only later.
  const cancel = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={dialog} class={wide ? "wide" : ""} aria-label={title} onCancel={cancel} onClose={onClose}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="FAILED" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
