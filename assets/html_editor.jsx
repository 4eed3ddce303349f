import { useEffect, useRef } from "react";
import { Button } from "@radix-ui/themes";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { Braces } from "lucide-react";
import { VariableMenu, fill } from "$/public/chips.jsx";
import { useStudio } from "$/public/studio.js";

// Colours come from the app's own scales, so that they follow its dark mode.
const colors = HighlightStyle.define([
  { tag: tags.tagName, color: "var(--indigo-11)" },
  { tag: tags.angleBracket, color: "var(--gray-10)" },
  { tag: tags.attributeName, color: "var(--plum-11)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--green-11)" },
  { tag: [tags.comment, tags.documentMeta, tags.processingInstruction], color: "var(--gray-10)" },
  { tag: [tags.propertyName, tags.className], color: "var(--plum-11)" },
  { tag: [tags.number, tags.unit, tags.color, tags.atom], color: "var(--orange-11)" },
  { tag: [tags.keyword, tags.modifier, tags.definitionKeyword], color: "var(--red-11)" },
]);

const theme = EditorView.theme({
  "&": { fontSize: "13px", maxHeight: "70vh", minHeight: "320px" },
  "&.cm-focused": { outline: "2px solid var(--focus-8)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--code-font-family)", lineHeight: "1.55", minHeight: "320px" },
  ".cm-content": { caretColor: "var(--gray-12)", color: "var(--gray-12)" },
  ".cm-cursor": { borderLeftColor: "var(--gray-12)" },
  ".cm-gutters": { background: "var(--gray-2)", color: "var(--gray-11)", borderRight: "1px solid var(--gray-a4)" },
  ".cm-activeLine": { background: "var(--gray-a2)" },
  ".cm-activeLineGutter": { background: "var(--gray-a3)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { background: "var(--indigo-a5)" },
  ".cm-tag-of-ours": { background: "var(--indigo-a4)", borderRadius: "3px", color: "var(--indigo-12)" },
  ".cm-panels, .cm-tooltip": { background: "var(--color-panel-solid)", color: "var(--gray-12)", border: "1px solid var(--gray-a5)" },
  ".cm-panel input, .cm-panel button": { font: "inherit", fontSize: "12px", color: "inherit" },
});

const ours = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g,
  decoration: Decoration.mark({ class: "cm-tag-of-ours" }),
});
const marking = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = ours.createDeco(view);
    }
    update(update) {
      this.decorations = ours.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const shown = (problem, doc) => {
  const line = doc.line(Math.min(Math.max(1, problem.line ?? 1), doc.lines));
  return {
    from: line.from,
    to: line.to,
    severity: problem.severity === "error" ? "error" : "warning",
    message: problem.message,
  };
};

/**
 * An email's HTML with its syntax coloured and what is wrong marked at its line. What it holds is
 * the field with the id `field`; `value` is only what it starts with.
 */
export function HtmlEditor({ field, name = "body", label = "Body", value = "", editable = true, groups = [] }) {
  const place = useRef(null);
  const view = useRef(null);
  const problems = useStudio((studio) => studio.look.problems);

  useEffect(() => {
    view.current = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          search({ top: true }),
          html({ matchClosingTags: false, autoCloseTags: false }),
          syntaxHighlighting(colors),
          marking,
          theme,
          EditorView.lineWrapping,
          EditorState.readOnly.of(!editable),
          // A scroller counts as reachable only by content with a tabindex of its own.
          EditorView.contentAttributes.of({ id: "body", "aria-label": label, tabindex: "0" }),
          // Escape and then Tab leaves the editor; inside it, Tab moves the line in.
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) fill(field, update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => view.current.destroy();
  }, []);

  useEffect(() => {
    const { state } = view.current;
    const found = problems.filter((one) => one.part === "body" && one.line);
    view.current.dispatch(setDiagnostics(state, found.map((one) => shown(one, state.doc))));
  }, [problems]);

  useEffect(() => {
    const jump = (event) => {
      if (event.detail.field !== name) return;
      event.preventDefault();
      const { doc } = view.current.state;
      const line = doc.line(Math.min(Math.max(1, event.detail.line), doc.lines));
      view.current.dispatch({ selection: { anchor: line.from, head: line.to }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.current.focus();
    };
    document.addEventListener("studio-jump", jump);
    return () => document.removeEventListener("studio-jump", jump);
  }, [name]);

  const insert = (source) => {
    view.current.dispatch(view.current.state.replaceSelection(source));
    view.current.focus();
  };
  return (
    <div className="html-editor">
      {editable && (
        <div className="html-tools">
          <VariableMenu groups={groups} onPick={insert}>
            <Button type="button" size="1" variant="soft">
              <Braces size={14} aria-hidden="true" />
              Insert variable
            </Button>
          </VariableMenu>
        </div>
      )}
      <div ref={place} />
    </div>
  );
}
