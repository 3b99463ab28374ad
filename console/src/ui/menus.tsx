// What opens below a button: menus of actions, filters, the outline.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

/** Close it, and let the focus be where it was opened. */
function shut(menu: HTMLDetailsElement): void {
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

interface DropdownProps {
  label: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  /** Looks like a button, unless it is said to be plain. */
  plain?: boolean;
}

/** What opens below a button, and closes by Esc or by a click or the focus going elsewhere. */
export function Dropdown({ label, children, class: name = "menu", plain = false }: DropdownProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const isOpen = useSignal(false);
  useEffect(() => {
    const leave = (event: Event) => {
      const menu = details.current;
      if (menu?.open && !menu.contains(event.target as globalThis.Node)) menu.open = false;
    };
    addEventListener("click", leave);
    addEventListener("focusin", leave);
    return () => {
      removeEventListener("click", leave);
      removeEventListener("focusin", leave);
    };
  }, []);
  const press = (event: KeyboardEvent) => {
    const menu = details.current;
    if (event.key !== "Escape" || !menu?.open) return;
    shut(menu);
  };
  return (
    <details
      class={name}
      ref={details}
      onKeyDown={press}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary class={plain ? "" : "button"}>
        {label} <Icon name="down" size={12} />
      </summary>
      {isOpen.value && children}
    </details>
  );
}

/** A menu of actions behind a button. */
export function Menu({
  label,
  items,
}: {
  label: string;
  items: { label: string; run: () => void; disabled?: boolean }[];
}) {
  return (
    <Dropdown label={label}>
      <div class="menu-items">
        {items.map((item) => (
          <button
            type="button"
            key={item.label}
            disabled={item.disabled}
            onClick={(event) => {
              const menu = event.currentTarget.closest("details");
              if (menu) shut(menu);
              item.run();
            }}
          >
            {item.label}
          </button>
        ))}
      </div>
    </Dropdown>
  );
}
