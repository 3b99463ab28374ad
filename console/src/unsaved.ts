// What is not saved holds whoever is about to leave it, until they say that it may go.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const unsaved = signal(false);

/** Asked is whether what is not saved may go: what is done once it may, or null. */
export const leaving = signal<(() => void) | null>(null);

/** Whether one may leave now. If not, that is asked, and what was to be done is done once one may. */
export function mayLeave(then: () => void): boolean {
  if (unsaved.peek()) leaving.value = then;
  return !unsaved.peek();
}

/** Answer what is asked. */
export function decide(mayGo: boolean): void {
  const then = leaving.peek();
  leaving.value = null;
  if (!mayGo) return;
  forget();
  then?.();
}

/** Hold nobody for what was not saved so far. */
export function forget(): void {
  unsaved.value = false;
}

/** Closing the tab and loading the page anew are asked about by the browser. */
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

unsaved.subscribe((is) => {
  if (is) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
});

/** Hold who leaves the page while something on it is not saved. */
export function useUnsaved(is: boolean): void {
  useEffect(() => {
    unsaved.value = is;
    return () => {
      unsaved.value = false;
    };
  }, [is]);
}
