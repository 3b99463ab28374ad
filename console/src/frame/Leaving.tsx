// Asks whether what is not saved may go.
import { Dialog } from "../ui/parts";
import { decide } from "../unsaved";

export function Leaving() {
  return (
    <Dialog title="Leave without saving?" onClose={() => decide(false)}>
      <p>The definition was changed, and the changes are not saved. They are lost if you leave.</p>
      <footer>
        <button type="button" onClick={() => decide(false)}>
          Go on editing
        </button>
        <button type="button" class="danger" onClick={() => decide(true)}>
          Leave without saving
        </button>
      </footer>
    </Dialog>
  );
}
