import { useEffect, useRef, useState } from "react";
import { Node } from "@tiptap/core";
import { NodeSelection, Plugin, PluginKey } from "@tiptap/pm/state";
import { Button, DropdownMenu, Flex, Popover, Text, TextField } from "@radix-ui/themes";

/*
 * Variables as chips: each is one node of an editor, which holds its tag of the template language
 * as `source`. Only here is it known how such a tag reads; what it does is the server's business.
 */

const TAG = /\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}/g;
const VALUE = /^\{\{[-+]?\s*([A-Za-z_][\w.]*)\s*((?:\|\s*\w+\s*(?:\((?:[^()"']|"[^"]*"|'[^']*')*\))?\s*)*)-?\}\}$/;
const FILTER = /\|\s*(\w+)\s*(\((?:[^()"']|"[^"]*"|'[^']*')*\))?/g;
const BRACE = /^\{\{ "\{" \}\}$/;
const IF = /^\{%[-+]?\s*if\b/;
const ENDIF = /^\{%[-+]?\s*endif\b/;
// What a greeting says to somebody whose name is not known.
const USUAL = { "partner.first_name": "there" };

/** `{name, filters, fallback}` of a tag that prints a variable; null for any other. */
export function readTag(source) {
  const found = VALUE.exec(source);
  if (!found) return null;
  const filters = [...found[2].matchAll(FILTER)].map((one) => [one[1], one[2] ?? ""]);
  const last = filters.find(([name]) => name === "default");
  const fallback = last ? last[1].slice(1, -1).trim().replace(/^(["'])(.*)\1$/s, "$2") : null;
  return { name: found[1], filters: filters.filter(([name]) => name !== "default"), fallback };
}

/** The tag of a variable; without a fallback (null), an empty value keeps an email from leaving. */
export function writeTag({ name, filters = [], fallback = null }) {
  const said = fallback?.replace(/[{}\\\n]/g, "").replace(/"/g, "”");
  const parts = [name, ...filters.map(([filter, given]) => filter + given)];
  if (said != null) parts.push(`default("${said}")`);
  return `{{ ${parts.join(" | ")} }}`;
}

/** The tag a variable is inserted with. */
export const usualTag = (source) => {
  const read = readTag(source);
  if (!read || read.fallback != null) return source;
  return writeTag({ ...read, fallback: USUAL[read.name] ?? null });
};

/** A line cut into {text} and {source}: values, and whole conditions with what is in them. */
export function cut(line) {
  const parts = [];
  let at = 0;
  const tag = new RegExp(TAG);
  for (let found = tag.exec(line); found; found = tag.exec(line)) {
    const end = endOf(line, found, tag);
    if (!end) continue;
    if (found.index > at) parts.push({ text: line.slice(at, found.index) });
    const source = line.slice(found.index, end);
    parts.push(BRACE.test(source) ? { text: "{" } : { source });
    at = tag.lastIndex = end;
  }
  if (at < line.length) parts.push({ text: line.slice(at) });
  return parts;
}

function endOf(line, found, tag) {
  const end = found.index + found[0].length;
  if (!found[0].startsWith("{%")) {
    return VALUE.test(found[0]) || BRACE.test(found[0]) ? end : 0;
  }
  if (!IF.test(found[0])) return 0;
  const rest = new RegExp(TAG);
  rest.lastIndex = end;
  for (let depth = 1, inner = rest.exec(line); inner; inner = rest.exec(line)) {
    depth += IF.test(inner[0]) ? 1 : ENDIF.test(inner[0]) ? -1 : 0;
    if (depth === 0) return rest.lastIndex;
  }
  return 0;
}

/** Typed text as the template language has it: a brace that would begin a tag is printed. */
export const printed = (text) => text.replace(/\{(?=[{%#]|$)/g, '{{ "{" }}');

let labels = new Map();
/** Say what variables are called: `groups` of {label, items: [{text, label}]}. */
export function nameVariables(groups) {
  labels = new Map(
    groups.flatMap(({ items }) =>
      items.map(({ text, label }) => [readTag(text)?.name, label]),
    ),
  );
}

/** What a chip shows: `[name, fallback or null, is it known]`. */
export function chipWords(source) {
  const read = readTag(source);
  if (!read) {
    const about = /^\{%[-+]?\s*if\s+([\w.]+)/.exec(source)?.[1];
    return [about ? `if ${spoken(about)} …` : "code", null, true];
  }
  const how = read.filters.map(([name]) => name).join(", ");
  const name = spoken(read.name) + (how ? ` (${how})` : "");
  return [name, read.fallback, labels.size === 0 || labels.has(read.name)];
}

function spoken(name) {
  const label = labels.get(name);
  if (!label) return name.replace(/^partner\./, "").replaceAll("_", " ");
  if (label.length > 24) return name.replace(".", " ").replaceAll("_", " ");
  return label.charAt(0).toLowerCase() + label.slice(1);
}

const tagText = (source) => (source.length > 200 ? `${source.slice(0, 200)}…` : source);

/** The node. `onOpen({pos, source, box})` is called when a chip is clicked, or Enter pressed on it. */
export const Variable = Node.create({
  name: "variable",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,
  draggable: true,
  marks: "_",
  addOptions: () => ({ onOpen: () => {} }),
  addAttributes: () => ({
    source: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-variable"),
      renderHTML: ({ source }) => ({ "data-variable": source }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-variable]", priority: 100 }],
  renderHTML({ node, HTMLAttributes }) {
    const [name, fallback, known] = chipWords(node.attrs.source);
    const words = ["span", {}, name];
    const or = fallback ? [["span", {}, ", or ", ["em", {}, fallback]]] : [];
    return [
      "span",
      {
        ...HTMLAttributes,
        class: known ? "chip" : "chip unknown",
        title: known ? tagText(node.attrs.source) : `There is no variable ${node.attrs.source}`,
      },
      words,
      ...or,
    ];
  },
  renderText: ({ node }) => node.attrs.source,
  addKeyboardShortcuts() {
    const remove = (side) => () => {
      const { selection, tr } = this.editor.state;
      if (!selection.empty) return false;
      const near = side < 0 ? selection.$from.nodeBefore : selection.$from.nodeAfter;
      if (near?.type.name !== this.name) return false;
      const [from, to] = side < 0 ? [selection.from - 1, selection.from] : [selection.from, selection.from + 1];
      this.editor.view.dispatch(tr.delete(from, to).scrollIntoView());
      return true;
    };
    const open = () => {
      const { selection } = this.editor.state;
      if (!(selection instanceof NodeSelection) || selection.node.type.name !== this.name) return false;
      this.options.onOpen(at(this.editor.view, selection.from));
      return true;
    };
    return { Backspace: remove(-1), Delete: remove(1), Enter: open };
  },
  addProseMirrorPlugins() {
    const type = this.type;
    const { onOpen } = this.options;
    const clicked = (view, _pos, node, nodePos) => {
      if (node.type !== type || !view.editable) return false;
      view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, nodePos)));
      onOpen(at(view, nodePos));
      return true;
    };
    return [
      new Plugin({
        key: new PluginKey("variable"),
        props: {
          handleClickOn: clicked,
          // Clicked again soon after, which is nothing else.
          handleDoubleClickOn: clicked,
          handleDOMEvents: { keydown: readCaret },
        },
        // However a whole tag came to stand in the text (typed, pasted, filled in): it is a chip.
        appendTransaction: (transactions, _before, state) => {
          if (!transactions.some((one) => one.docChanged)) return null;
          const { tr } = state;
          state.doc.descendants((node, pos) => {
            if (node.isText && node.text.includes("}")) replaceTags(tr, node, pos, type);
          });
          return tr.docChanged ? tr : null;
        },
      }),
    ];
  },
});

/**
 * The browser tells of a moved caret in a task of its own, and a key that comes sooner (Home, then →,
 * on a busy machine) would be answered where the caret was before.
 */
function readCaret(view) {
  if (!view.composing) view.domObserver.flush();
  return false;
}

const at = (view, pos) => ({
  pos,
  source: view.state.doc.nodeAt(pos).attrs.source,
  box: view.nodeDOM(pos),
});

function replaceTags(tr, node, pos, type) {
  let offset = pos;
  for (const part of cut(node.text)) {
    const length = part.source?.length ?? part.text.length;
    if (part.source) {
      const from = tr.mapping.map(offset, -1);
      const to = tr.mapping.map(offset + length);
      tr.replaceWith(from, to, type.create({ source: part.source }, null, node.marks));
    }
    // A printed brace is cut into a shorter text than it was; it stays as it is.
    offset += part.text === "{" && node.text.startsWith('{{ "{" }}', offset - pos) ? 9 : length;
  }
}

/** Asks what to say where a chip's variable is empty. `open` is what `onOpen` was called with. */
export function ChipPopover({ editor, open, onClose }) {
  const anchor = useRef(null);
  const [fallback, setFallback] = useState("");
  anchor.current = open?.box ?? null;
  const read = open ? readTag(open.source) : null;

  useEffect(() => setFallback(read?.fallback ?? ""), [open]);

  const put = (source) => {
    const { state, view } = editor;
    if (state.doc.nodeAt(open.pos)?.type.name === "variable") {
      view.dispatch(
        source
          ? state.tr.setNodeAttribute(open.pos, "source", source)
          : state.tr.delete(open.pos, open.pos + 1),
      );
    }
    onClose();
  };
  const apply = () =>
    put(read ? writeTag({ ...read, fallback: fallback.trim() ? fallback : null }) : open.source);

  return (
    <Popover.Root open={!!open} onOpenChange={(now) => !now && onClose()}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Content
        size="1"
        width="280px"
        aria-label="Variable"
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          editor?.view.focus();
        }}
        // A chip clicked while this closes gives the focus back late.
        onFocusOutside={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter" && event.target.matches("input")) {
            event.preventDefault();
            apply();
          }
        }}
      >
        <Flex direction="column" gap="2">
          <Text size="2" weight="medium">
            {open ? chipWords(open.source)[0] : ""}
          </Text>
          {read ? (
            <>
              <Text as="label" size="1" htmlFor="chip-fallback">
                When a partner has none, write
              </Text>
              <TextField.Root
                id="chip-fallback"
                size="2"
                autoComplete="off"
                value={fallback}
                placeholder="nothing: they do not get the email"
                onChange={(event) => setFallback(event.target.value)}
              />
            </>
          ) : (
            <Text size="1" color="gray" className="chip-source">
              {open?.source}
            </Text>
          )}
          <Flex gap="2" justify="between">
            <Button type="button" size="1" variant="soft" color="red" onClick={() => put("")}>
              Remove
            </Button>
            <Button type="button" size="1" onClick={apply}>
              Done
            </Button>
          </Flex>
        </Flex>
      </Popover.Content>
    </Popover.Root>
  );
}

/** A menu of variables. What is picked is handed over once the menu has given the focus back. */
export function VariableMenu({ groups = [], onPick, children }) {
  const picked = useRef("");
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Content
        size="1"
        className="insert-menu"
        onKeyDown={(event) => event.stopPropagation()}
        onCloseAutoFocus={(event) => {
          if (!picked.current) return;
          event.preventDefault();
          onPick(picked.current);
          picked.current = "";
        }}
      >
        {groups.map((group) => (
          <DropdownMenu.Group key={group.label}>
            <DropdownMenu.Label>{group.label}</DropdownMenu.Label>
            {group.items.map((item) => (
              <DropdownMenu.Item
                key={item.text}
                onSelect={() => (picked.current = usualTag(item.text))}
              >
                {item.label}
                <Text size="1" color="gray" className="insert-code">
                  {readTag(item.text)?.name ?? item.text}
                </Text>
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Group>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

/** Put a value into a form's field as if a person had typed it, so that the form hears of it. */
export function fill(id, value) {
  const field = document.getElementById(id);
  if (!field || field.value === value) return;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
