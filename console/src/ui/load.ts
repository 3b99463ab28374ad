// Data that is fetched, with its error and the fact that it is on its way.
import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { told } from "../api/client";

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  reload: () => void;
}

/** Fetch when one of `inputs` changes; what was there stays until the new is. */
export function useLoad<T>(fetcher: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const data = useSignal<T | null>(null);
  const error = useSignal<string | null>(null);
  const loading = useSignal(true);
  const turn = useSignal(0);
  // What is asked for anew while an answer is on its way waits for it: news that comes fast would let none arrive.
  const again = useRef(false);
  const done = () => {
    loading.value = false;
    if (again.current) turn.value += 1;
  };
  useEffect(() => {
    const abort = new AbortController();
    loading.value = true;
    again.current = false;
    fetcher(abort.signal).then(
      (found) => {
        if (abort.signal.aborted) return;
        data.value = found;
        error.value = null;
        done();
      },
      (problem) => {
        if (abort.signal.aborted) return;
        error.value = told(problem);
        done();
      },
    );
    return () => abort.abort();
  }, [...inputs, turn.value]);
  const reload = useCallback(() => {
    if (loading.peek()) again.current = true;
    else turn.value += 1;
  }, [turn, loading]);
  return { data: data.value, error: error.value, reload };
}
