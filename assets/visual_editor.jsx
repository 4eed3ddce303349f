import { useMemo, useRef, useState } from "react";
import { NodeSelection } from "@tiptap/pm/state";
import { EditorContent, EditorContext, useEditor } from "@tiptap/react";
import { SlashCommand, defaultSlashCommands, filterAndRankItems } from "@react-email/editor/ui";
import { Braces, Image as ImageIcon } from "lucide-react";
import { ChipPopover, fill, nameVariables, readTag, usualTag } from "$/public/chips.jsx";
import { BLOCKS, blocksAround, extensions, insertBlock, plainer } from "$/public/visual_blocks.jsx";
import { ImageDialog, LinkDialog, upload } from "$/public/visual_dialogs.jsx";
import { Toolbar } from "$/public/visual_toolbar.jsx";

const EMPTY = { doc: { type: "doc", content: [{ type: "paragraph" }] }, theme: {} };
const parse = (value) => {
  try {
    return { ...EMPTY, ...JSON.parse(value) };
  } catch {
    return EMPTY;
  }
};

/** How the theme's values reach the canvas; see visual.css. */
const canvas = (theme) => ({
  "--look-accent": theme.accent,
  "--look-button-text": theme.button_text,
  "--look-text": theme.text,
  "--look-card": theme.card,
  "--look-background": theme.background,
  "--look-radius": theme.radius == null ? undefined : `${theme.radius}px`,
  "--look-font": {
    serif: "Georgia, serif",
    verdana: "Verdana, sans-serif",
    trebuchet: "'Trebuchet MS', sans-serif",
    mono: "'Courier New', monospace",
  }[theme.font],
});

/**
 * An email written without code. What it holds goes to the field with the id `field`, as JSON:
 * {doc, theme}. `value` is only what it starts with; the server makes the HTML of it.
 */
export function VisualEditor({ field, label = "Body", value, editable = true, groups = [] }) {
  const start = useMemo(() => parse(value), []);
  const [theme, setTheme] = useState(start.theme);
  const looks = useRef(start.theme);
  const [chip, setChip] = useState(null);
  const [link, setLink] = useState(null);
  const [image, setImage] = useState(null);
  const [problem, setProblem] = useState("");
  const here = useRef({});

  const put = (files) => {
    const chosen = [...(files ?? [])].filter((file) => file.type.startsWith("image/"));
    for (const file of chosen) here.current.upload(file);
    return chosen.length > 0;
  };
  const editor = useEditor({
    extensions: useMemo(
      () => extensions({ onChip: setChip, onLink: () => here.current.askLink() }),
      [],
    ),
    content: start.doc,
    editable,
    onBeforeCreate: () => nameVariables(groups),
    onCreate: ({ editor: now }) => (here.current.last = JSON.stringify(now.getJSON())),
    onUpdate: ({ editor: now }) => tell(now),
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-label": label,
        "aria-multiline": "true",
        class: "visual-text",
        id: "body",
      },
      transformPastedHTML: plainer,
      handlePaste: (_view, event) =>
        !event.clipboardData?.getData("text/html") && put(event.clipboardData?.files),
      handleDrop: (_view, event, _slice, moved) => {
        if (moved || !put(event.dataTransfer?.files)) return false;
        event.preventDefault();
        return true;
      },
      handleDoubleClickOn: (_view, _pos, node, at) => {
        if (node.type.name !== "image" || !editable) return false;
        setImage({ pos: at, given: node.attrs });
        return true;
      },
      // Alt+F10 leads to the tools, as in other editors.
      handleKeyDown: (view, event) => {
        if (event.key !== "F10" || !event.altKey) return false;
        view.dom.closest(".visual")?.querySelector(".visual-tools button")?.focus();
        return true;
      },
    },
  });

  function tell(now) {
    const doc = now.getJSON();
    const said = JSON.stringify(doc);
    // Putting the document into its frame when the editor starts is nobody's change.
    if (here.current.last === undefined || said === here.current.last) return;
    here.current.last = said;
    fill(field, JSON.stringify({ doc, theme: looks.current }));
  }

  here.current.upload = async (file) => {
    setProblem("");
    try {
      const found = await upload(file);
      insertBlock(editor, BLOCKS.image({ ...found, alt: "" }));
    } catch (error) {
      setProblem(error.message);
    }
  };
  here.current.askLink = () => {
    const button = blocksAround(editor.state).find((one) => one.name === "Button");
    if (button) return setLink({ button, href: button.node.attrs.href ?? "" });
    editor.commands.extendMarkRange("link");
    return setLink({ href: editor.getAttributes("link").href ?? "" });
  };
  const look = (changed) => {
    setTheme(changed);
    looks.current = changed;
    fill(field, JSON.stringify({ doc: editor.getJSON(), theme: changed }));
  };
  const leadTo = (href) => {
    setLink(null);
    if (link.button) {
      editor.view.dispatch(editor.state.tr.setNodeAttribute(link.button.pos, "href", href || "#"));
      return editor.commands.focus();
    }
    const { empty } = editor.state.selection;
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!href) return chain.unsetMark("link").run();
    if (empty && !link.href) {
      const marks = [{ type: "link", attrs: { href } }];
      return chain.insertContent({ type: "text", text: href, marks }).run();
    }
    return chain.setMark("link", { href }).run();
  };
  const takeImage = (given) => {
    const at = image.pos;
    setImage(null);
    if (at == null) return insertBlock(editor, BLOCKS.image(given));
    const { tr, doc } = editor.state;
    tr.setNodeMarkup(at, undefined, { ...doc.nodeAt(at).attrs, ...given });
    editor.view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, at)));
    return editor.commands.focus();
  };

  const commands = useMemo(
    () => slashCommands(groups, () => setImage({ given: {} })),
    [groups],
  );
  return (
    <div className="visual" style={canvas(theme)}>
      {editor && (
        <EditorContext.Provider value={{ editor }}>
          {editable && (
            <Toolbar
              editor={editor}
              groups={groups}
              theme={theme}
              onTheme={look}
              onLink={() => here.current.askLink()}
              onImage={(block) =>
                setImage(block ? { pos: block.pos, given: block.node.attrs } : { given: {} })
              }
            />
          )}
          {problem && (
            <p role="alert" className="visual-problem">
              {problem}
            </p>
          )}
          <div className="visual-page">
            <EditorContent editor={editor} className="visual-paper" />
          </div>
          {editable && (
            <SlashCommand
              items={commands}
              filterItems={(items, query) =>
                query.trim() ? filterAndRankItems(items, query).slice(0, 12) : items
              }
            />
          )}
          <ChipPopover editor={editor} open={chip} onClose={() => setChip(null)} />
          <LinkDialog
            open={!!link}
            href={link?.href ?? ""}
            groups={groups}
            onApply={leadTo}
            onRemove={link?.href && !link.button ? () => leadTo("") : undefined}
            onClose={() => {
              setLink(null);
              editor.commands.focus();
            }}
          />
          <ImageDialog
            open={!!image}
            image={image?.given}
            groups={groups}
            onApply={takeImage}
            onClose={() => {
              setImage(null);
              editor.commands.focus();
            }}
          />
        </EditorContext.Provider>
      )}
    </div>
  );
}

function slashCommands(groups, askForImage) {
  const blocks = defaultSlashCommands
    .filter((one) => one.title !== "Code block")
    .map((one) => (one.title === "Section" ? { ...one, title: "Box", description: "Set apart" } : one));
  const image = {
    title: "Image",
    description: "Upload one, or by its address",
    icon: <ImageIcon size={20} />,
    category: "Layout",
    searchTerms: ["picture", "photo", "upload"],
    command: ({ editor, range }) => {
      editor.chain().focus().deleteRange(range).run();
      askForImage();
    },
  };
  const variables = groups.flatMap((group) =>
    group.items.map((item) => ({
      title: item.label,
      description: readTag(item.text)?.name ?? "",
      icon: <Braces size={20} />,
      category: "Variables",
      searchTerms: ["variable", readTag(item.text)?.name ?? ""],
      command: ({ editor, range }) =>
        editor
          .chain()
          .focus()
          .deleteRange(range)
          .insertContent({ type: "variable", attrs: { source: usualTag(item.text) } })
          .run(),
    })),
  );
  return [...blocks, image, ...variables];
}

