// The keys.
import { Dialog } from "../ui/parts";

const KEYS: [string, string][] = [
  ["Ctrl K", "Go to a page, a state machine, an execution"],
  ["?", "This"],
  ["j, k", "Execution: the next, the previous event"],
  ["f", "Execution: the next state that failed"],
  ["g", "Execution: the whole of it, no state chosen"],
  ["t, s, e", "Execution: timeline, steps, events"],
  ["/, then Enter", "Execution: find a state, go to it"],
  ["Esc, then Tab", "Editor: leave it for what comes next"],
  ["Arrows", "Graph: to the nearest state in that direction"],
];

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts keys">
        {KEYS.map(([key, what]) => (
          <>
            <dt key={key}>
              <kbd>{key}</kbd>
            </dt>
            <dd key={what}>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
