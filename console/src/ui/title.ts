// What the tab of the browser says: what is looked at, so that many tabs can be told apart.
import { useEffect } from "preact/hooks";
import { shortText } from "../text";

const LONGEST = 120;

/** Let the tab say what the page shows. */
export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${shortText(text, LONGEST)} · Stepwell`;
  }, [text]);
}
