import { Mark, Node } from "@tiptap/core";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import { Placeholder } from "@tiptap/extensions";
import { Link, StarterKit } from "@react-email/editor/extensions";
import { Variable } from "$/public/chips.jsx";

/* What an email can be made of: React Email's blocks, with images, colours and variables. */

export const Image = Node.create({
  name: "image",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({
    src: { default: "" },
    alt: { default: "" },
    width: { default: null },
    href: { default: null },
  }),
  parseHTML: () => [{ tag: "img[src]" }],
  renderHTML: ({ HTMLAttributes: { href: _href, ...given } }) => ["img", given],
});

const Color = Mark.create({
  name: "color",
  addAttributes: () => ({
    color: {
      parseHTML: (element) => element.getAttribute("data-color"),
      renderHTML: ({ color }) => ({ "data-color": color, style: `color: ${color}` }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-color]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});

/** The extensions of the editor; `onChip` and `onLink` open what edits a chip or a link. */
export const extensions = ({ onChip, onLink }) => [
  StarterKit.configure({
    PreviewText: false,
    CodeBlockPrism: false,
    Body: false,
    Link: false,
    // The tools are outside of the text: going there must not lose the place.
    FocusScopes: { clearSelectionOnBlur: false },
    TiptapStarterKit: { dropcursor: { color: "var(--accent-8)", width: 3 } },
  }),
  Link.extend({
    inclusive: false,
    renderHTML: ({ HTMLAttributes: { href } }) => ["a", { href, class: "node-link" }, 0],
    addKeyboardShortcuts: () => ({ "Mod-k": () => (onLink(), true) }),
  }).configure({
    openOnClick: false,
    linkOnPaste: true,
    // Typed by hand, `partner.company` would be taken for a web address.
    autolink: false,
  }),
  Placeholder.configure({
    placeholder: ({ node }) =>
      node.type.name === "heading" ? "Heading" : "Write here, or type / for blocks and variables",
    includeChildren: true,
  }),
  Image,
  Color,
  Variable.configure({ onOpen: onChip }),
];

/** Pasted from elsewhere, only what the text says and means comes along, not how it looked. */
export function plainer(html) {
  if (html.includes("data-pm-slice")) return html;
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const element of page.body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      if (!["href", "src", "alt", "colspan", "data-variable"].includes(name)) {
        element.removeAttribute(name);
      }
    }
    if (/^(data|blob|file):/i.test(element.getAttribute("src") ?? "")) element.remove();
  }
  return page.body.innerHTML;
}

const HOLDERS = ["container", "section", "columnsColumn", "doc"];
const NAMES = {
  paragraph: "Text",
  heading: "Heading",
  bulletList: "List",
  orderedList: "List",
  blockquote: "Quote",
  button: "Button",
  image: "Image",
  horizontalRule: "Line",
  section: "Box",
  twoColumns: "Columns",
  threeColumns: "Columns",
  fourColumns: "Columns",
  table: "Table",
};

/** The blocks around the selection, the outermost first: {name, pos, node, index, parent}. */
export function blocksAround({ selection, doc }) {
  const found = [];
  const { $from } = selection;
  for (let depth = 1; depth <= $from.depth; depth++) {
    if (HOLDERS.includes($from.node(depth - 1).type.name)) {
      add(found, $from.node(depth), $from.before(depth), $from.node(depth - 1), $from.index(depth - 1));
    }
  }
  if (selection instanceof NodeSelection && selection.node.isBlock) {
    const parent = $from.parent;
    if (HOLDERS.includes(parent.type.name)) {
      add(found, selection.node, selection.from, parent, $from.index());
    }
  }
  return doc ? found : [];
}

function add(found, node, pos, parent, index) {
  const name = NAMES[node.type.name];
  if (name && !found.some((one) => one.pos === pos)) found.push({ name, node, pos, parent, index });
}

const words = (type, text) => ({ type, content: text ? [{ type: "text", text }] : undefined });
const column = () => ({ type: "columnsColumn", content: [words("paragraph")] });

/** What the tools insert. */
export const BLOCKS = {
  button: () => words("button", "Button"),
  box: () => ({ type: "section", content: [words("paragraph")] }),
  line: () => ({ type: "horizontalRule" }),
  columns: (count) => ({
    type: { 2: "twoColumns", 3: "threeColumns", 4: "fourColumns" }[count],
    content: Array.from({ length: count }, column),
  }),
  image: (attrs) => ({ type: "image", attrs }),
};

/** Put a block after the one the caret is in, or in its place when that is empty. */
export function insertBlock(editor, json) {
  const { state, view } = editor;
  const node = state.schema.nodeFromJSON(json);
  const here = blocksAround(state).at(-1);
  const end = state.doc.content.size - 1;
  const empty = here?.node.type.name === "paragraph" && !here.node.content.size;
  const at = here ? here.pos + (empty ? 0 : here.node.nodeSize) : end;
  const tr = state.tr.replaceWith(at, empty ? at + here.node.nodeSize : at, node);
  const first = node.isTextblock ? at + 1 : at + (node.isLeaf ? node.nodeSize : 0);
  const near = TextSelection.near(tr.doc.resolve(Math.min(first, tr.doc.content.size)));
  // A button's words are there to be typed over.
  tr.setSelection(node.content.size && node.isTextblock ? TextSelection.create(tr.doc, at + 1, at + 1 + node.content.size) : near);
  view.dispatch(tr.scrollIntoView());
  editor.commands.focus();
}

/** Move a block up (-1) or down (1) among its siblings. */
export function move(editor, { node, pos, parent, index }, step) {
  const other = index + step < 0 ? null : parent.maybeChild(index + step);
  if (!other) return;
  const { tr, selection } = editor.state;
  const inside = selection.from - pos;
  const to = step < 0 ? pos - other.nodeSize : pos + other.nodeSize;
  tr.delete(pos, pos + node.nodeSize).insert(to, node);
  const at = Math.min(to + inside, tr.doc.content.size);
  tr.setSelection(
    selection instanceof NodeSelection && selection.from === pos
      ? NodeSelection.create(tr.doc, to)
      : TextSelection.near(tr.doc.resolve(at)),
  );
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

/** Put a copy of a block below it. */
export function duplicate(editor, { node, pos }) {
  editor.view.dispatch(editor.state.tr.insert(pos + node.nodeSize, node).scrollIntoView());
  editor.view.focus();
}

/** Take a block away; where it was the only one, an empty line stays. */
export function remove(editor, { node, pos, parent }) {
  const { tr, schema } = editor.state;
  if (parent.childCount === 1) tr.replaceWith(pos, pos + node.nodeSize, schema.nodes.paragraph.create());
  else tr.delete(pos, pos + node.nodeSize);
  tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(pos, tr.doc.content.size))));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

/** Select a whole block. */
export function select(editor, { node, pos }) {
  if (!NodeSelection.isSelectable(node)) return editor.commands.focus(pos + 1);
  editor.view.dispatch(editor.state.tr.setSelection(NodeSelection.create(editor.state.doc, pos)));
  return editor.view.focus();
}
