// The editor of definitions: JSON or YAML, checked by the server as one writes. A chunk of its own, fetched when needed.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintGutter, lintKeymap, type Diagnostic as Mark, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import type { Diagnostic } from "../api/types";
import { complete } from "./completion";
import { theme } from "./theme";

export interface EditorProps {
  /** What it begins with; what is written is told by `onChange`. */
  text: string;
  /** A text that comes from elsewhere (a change in the graph): a new object replaces what the editor has. */
  replaced?: { text: string } | null;
  onChange?: (text: string) => void;
  diagnostics?: Diagnostic[];
  format?: "json" | "yaml";
  /** The line to show, from 1; a new object shows it again. */
  line?: { number: number } | null;
  label: string;
  readOnly?: boolean;
}

const basics = (label: string): Extension => [
  lineNumbers(),
  foldGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  lintGutter(),
  autocompletion({ override: [complete] }),
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap]),
  keymap.of([...lintKeymap, ...defaultKeymap, indentWithTab]),
  EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
  EditorView.lineWrapping,
  theme,
];

function marks(state: EditorState, diagnostics: Diagnostic[]): Mark[] {
  return diagnostics.map((each) => {
    const line = state.doc.line(Math.min(Math.max(1, each.line), state.doc.lines));
    const from = Math.min(line.from + Math.max(0, each.column - 1), line.to);
    return {
      from,
      to: Math.max(from, line.to),
      severity: each.severity === "ERROR" ? "error" : "warning",
      message: each.message,
      source: each.code,
    };
  });
}

export default function Editor({
  text,
  replaced,
  onChange,
  diagnostics,
  format = "json",
  line,
  label,
  readOnly,
}: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const changed = useRef(onChange);
  changed.current = onChange;
  useEffect(() => {
    if (!box.current) return;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          basics(label),
          language.current.of(format === "yaml" ? yaml() : json()),
          EditorState.readOnly.of(readOnly ?? false),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(format === "yaml" ? yaml() : json()) });
  }, [format]);
  // Only what differs is replaced, so that undo and cursor stay.
  useEffect(() => {
    const editor = view.current;
    if (!editor || !replaced) return;
    const [now, wanted] = [editor.state.doc.toString(), replaced.text];
    let from = 0;
    while (from < now.length && now[from] === wanted[from]) from += 1;
    let [end, until] = [now.length, wanted.length];
    while (end > from && until > from && now[end - 1] === wanted[until - 1]) [end, until] = [end - 1, until - 1];
    if (end > from || until > from) editor.dispatch({ changes: { from, to: end, insert: wanted.slice(from, until) } });
  }, [replaced]);
  useEffect(() => {
    const editor = view.current;
    if (editor && diagnostics) editor.dispatch(setDiagnostics(editor.state, marks(editor.state, diagnostics)));
  }, [diagnostics]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !line) return;
    const found = editor.state.doc.line(Math.min(Math.max(1, line.number), editor.state.doc.lines));
    editor.dispatch({
      selection: { anchor: found.from },
      effects: EditorView.scrollIntoView(found.from, { y: "center" }),
    });
  }, [line]);
  return <div class="editor" ref={box} />;
}
