import { useRef, useState } from "react";
import { Node } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import { EditorContent, useEditor } from "@tiptap/react";
import { Placeholder, UndoRedo } from "@tiptap/extensions";
import { IconButton } from "@radix-ui/themes";
import { Braces } from "lucide-react";
import {
  ChipPopover,
  Variable,
  VariableMenu,
  cut,
  fill,
  nameVariables,
  printed,
} from "$/public/chips.jsx";

const Doc = Node.create({ name: "doc", topNode: true, content: "line" });
const Line = Node.create({
  name: "line",
  content: "inline*",
  marks: "",
  parseHTML: () => [{ tag: "p" }],
  renderHTML: () => ["p", 0],
});
const Words = Node.create({ name: "text", group: "inline" });

const read = (line) => ({
  type: "doc",
  content: [
    {
      type: "line",
      content: cut(line.replace(/\s*\n\s*/g, " ")).map((part) =>
        part.source
          ? { type: "variable", attrs: { source: part.source } }
          : { type: "text", text: part.text },
      ),
    },
  ],
});

function write(doc) {
  const parts = [];
  doc.descendants((node) => {
    if (node.isText) parts.push(printed(node.text));
    else if (node.type.name === "variable") parts.push(node.attrs.source);
  });
  return parts.join("");
}

/** Pasted blocks become one line; marks stay behind. */
function flattened(slice, schema) {
  const nodes = [];
  slice.content.descendants((node) => {
    if (node.isText) nodes.push(schema.text(node.text.replace(/\s+/g, " ")));
    else if (node.type.name === "variable") nodes.push(node.type.create(node.attrs));
    else if (node.isBlock && nodes.length) nodes.push(schema.text(" "));
  });
  return new Slice(Fragment.from(nodes), 0, 0);
}

/** One line of text with variables as chips. `value` is only what it starts with. */
export function ChipLine({
  id,
  label,
  value = "",
  placeholder = "",
  editable = true,
  groups = [],
  autoFocus = false,
  onChange,
  onEnter,
}) {
  const told = useRef({});
  told.current = { onChange, onEnter };
  const [open, setOpen] = useState(null);
  const editor = useEditor({
    extensions: [
      Doc,
      Line,
      Words,
      UndoRedo,
      Placeholder.configure({ placeholder }),
      Variable.configure({ onOpen: setOpen }),
    ],
    content: read(value),
    editable,
    autofocus: autoFocus ? "end" : false,
    onBeforeCreate: () => nameVariables(groups),
    onUpdate: ({ editor: now }) => told.current.onChange?.(write(now.state.doc)),
    editorProps: {
      attributes: {
        ...(id ? { id } : {}),
        role: "textbox",
        "aria-label": label,
        "aria-multiline": "false",
        class: "chip-line-text",
        spellcheck: "true",
      },
      transformPasted: (slice, view) => flattened(slice, view.state.schema),
      handleKeyDown: (view, event) => {
        if (event.key !== "Enter" || view.state.selection.node) return false;
        told.current.onEnter?.();
        return true;
      },
    },
  });

  return (
    <div className="chip-line" data-disabled={!editable || undefined}>
      <EditorContent editor={editor} className="chip-line-box" />
      {editable && (
        <VariableMenu
          groups={groups}
          onPick={(source) =>
            editor.chain().focus().insertContent({ type: "variable", attrs: { source } }).run()
          }
        >
          <IconButton
            type="button"
            size="1"
            variant="ghost"
            color="gray"
            aria-label={`Insert variable into ${label}`}
            title="Insert variable"
          >
            <Braces size={15} aria-hidden="true" />
          </IconButton>
        </VariableMenu>
      )}
      <ChipPopover editor={editor} open={open} onClose={() => setOpen(null)} />
    </div>
  );
}

/** A `ChipLine` for the field with the id `field` of the form around it. */
export function ChipField({ field, ...line }) {
  return <ChipLine {...line} onChange={(text) => fill(field, text)} />;
}
