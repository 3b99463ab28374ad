// The overview, fetched once for the frame (its badge and its accounts) and for the page that shows it.
import { useEffect } from "preact/hooks";
import { scope } from "../settings";
import { type Loaded, useLoad } from "../ui/load";
import { get } from "./client";
import { watch } from "./live";
import type { Overview } from "./types";

const PAUSE = 1000;

/** The overview, kept true by the stream: fetched anew at most once a second. */
export function useOverview(): Loaded<Overview> {
  const loaded = useLoad((signal) => get<Overview>("overview", {}, signal), [scope.value]);
  const { reload } = loaded;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unwatch = watch({
      executions: () => ({}),
      lists: true,
      onOpen: reload,
      onList: () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          reload();
        }, PAUSE);
      },
    });
    return () => {
      clearTimeout(timer);
      unwatch();
    };
  }, [reload]);
  return loaded;
}
