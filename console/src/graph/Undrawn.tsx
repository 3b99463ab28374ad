// In the place of a graph that the server could not lay out: one that is too tangled takes too long.
import { safeText } from "../text";
import { Problem } from "../ui/parts";

export function Undrawn({ why, retry }: { why: string; retry?: () => void }) {
  return <Problem retry={retry}>The graph could not be drawn. {safeText(why)}</Problem>;
}
