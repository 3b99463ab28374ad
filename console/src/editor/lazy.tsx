// The editor and the diff, which are fetched when a page first shows one.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Loading } from "../ui/parts";
import type { DiffProps } from "./Diff";
import type { EditorProps } from "./Editor";

function lazily<P extends object>(fetcher: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  return function Lazy(props: P) {
    const found = useSignal<ComponentType<P> | null>(null);
    useEffect(() => {
      void fetcher().then((module) => {
        found.value = module.default;
      });
    }, [found]);
    const Found = found.value;
    return Found ? <Found {...props} /> : <Loading />;
  };
}

export const Editor = lazily<EditorProps>(() => import("./Editor"));
export const Diff = lazily<DiffProps>(() => import("./Diff"));
