import { useRef } from "react";
import { useEditorState } from "@tiptap/react";
import {
  Button,
  DropdownMenu,
  Flex,
  IconButton,
  Popover,
  Select,
  Separator,
  Text,
} from "@radix-ui/themes";
import {
  AlignCenter,
  AlignLeft,
  AlignRight,
  ArrowDown,
  ArrowUp,
  Bold,
  Braces,
  Columns2,
  Copy,
  Image as ImageIcon,
  Italic,
  Link as LinkIcon,
  List,
  ListOrdered,
  Minus,
  MousePointerClick,
  Palette,
  Redo2,
  Square,
  Strikethrough,
  Trash2,
  Underline,
  Undo2,
} from "lucide-react";
import { VariableMenu } from "$/public/chips.jsx";
import {
  BLOCKS,
  blocksAround,
  duplicate,
  insertBlock,
  move,
  remove,
  select,
} from "$/public/visual_blocks.jsx";

const STYLES = [
  ["paragraph", "Text", (chain) => chain.setParagraph()],
  ["1", "Title", (chain) => chain.setHeading({ level: 1 })],
  ["2", "Heading", (chain) => chain.setHeading({ level: 2 })],
  ["3", "Small heading", (chain) => chain.setHeading({ level: 3 })],
];
const MARKS = [
  ["bold", "Bold", Bold, "Ctrl+B"],
  ["italic", "Italic", Italic, "Ctrl+I"],
  ["underline", "Underline", Underline, "Ctrl+U"],
  ["strike", "Strike through", Strikethrough, ""],
];
const ALIGNMENTS = [
  ["left", "Align left", AlignLeft],
  ["center", "Centre", AlignCenter],
  ["right", "Align right", AlignRight],
];
const FONTS = [
  ["", "As the layout has it"],
  ["serif", "Georgia"],
  ["verdana", "Verdana"],
  ["trebuchet", "Trebuchet"],
  ["mono", "Courier"],
];
const COLORS = [
  ["accent", "Buttons and highlights", "#3b5bdb"],
  ["button_text", "Words on buttons", "#ffffff"],
  ["text", "Text", "#3d4452"],
  ["card", "Paper", "#ffffff"],
  ["background", "Around the paper", "#f2f3f5"],
];

const look = ({ editor }) => {
  const heading = editor.getAttributes("heading").level;
  const alignment = ["paragraph", "heading", "button", "image"]
    .map((name) => (editor.isActive(name) ? editor.getAttributes(name).alignment : null))
    .find(Boolean);
  return {
    style: editor.isActive("heading") ? String(heading) : "paragraph",
    alignment: alignment ?? "left",
    marks: MARKS.map(([name]) => editor.isActive(name)).join(),
    link: editor.isActive("link"),
    lists: [editor.isActive("bulletList"), editor.isActive("orderedList")].join(),
    undo: editor.can().undo(),
    redo: editor.can().redo(),
    at: blocksAround(editor.state)
      .map((one) => `${one.name}:${one.pos}:${one.node.attrs.class ?? ""}`)
      .join(),
    place: `${editor.state.selection.from}:${editor.state.doc.content.size}`,
  };
};

function Tool({ label, keys, icon: Icon, active, onClick, disabled, ...rest }) {
  return (
    <IconButton
      type="button"
      size="1"
      variant={active ? "soft" : "ghost"}
      color={active ? undefined : "gray"}
      className="tool"
      aria-label={label}
      aria-pressed={active}
      title={keys ? `${label} (${keys})` : label}
      disabled={disabled}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onClick}
      {...rest}
    >
      <Icon size={16} aria-hidden="true" />
    </IconButton>
  );
}

const Insert = ({ icon: Icon, children, ...rest }) => (
  <Button type="button" size="1" variant="soft" color="gray" {...rest}>
    <Icon size={14} aria-hidden="true" />
    {children}
  </Button>
);

/** Arrow keys go from tool to tool, as toolbars do. */
function roam(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !event.currentTarget.contains(event.target)) return;
  const tools = [...event.currentTarget.querySelectorAll("button:not([disabled])")];
  const next = tools[(tools.indexOf(event.target) + step + tools.length) % tools.length];
  if (!tools.includes(event.target)) return;
  event.preventDefault();
  next.focus();
}

/** Everything that can be done with the email, with its name on it. */
export function Toolbar({ editor, groups, theme, onTheme, onLink, onImage }) {
  const now = useEditorState({ editor, selector: look });
  const bar = useRef(null);
  const run = (change) => change(editor.chain().focus()).run();
  const marks = now.marks.split(",");
  const lists = now.lists.split(",");
  const around = blocksAround(editor.state);
  const block = around.at(-1);
  return (
    <div className="visual-tools" ref={bar}>
      <div role="toolbar" aria-label="Format" className="tool-row" onKeyDown={roam}>
        <Select.Root
          size="1"
          value={now.style}
          onValueChange={(value) => run(STYLES.find(([name]) => name === value)[2])}
        >
          <Select.Trigger variant="soft" color="gray" aria-label="Style of the text" />
          <Select.Content onCloseAutoFocus={(event) => {
            event.preventDefault();
            editor.commands.focus();
          }}>
            {STYLES.map(([value, label]) => (
              <Select.Item key={value} value={value}>
                {label}
              </Select.Item>
            ))}
          </Select.Content>
        </Select.Root>
        {MARKS.map(([name, label, icon, keys], index) => (
          <Tool
            key={name}
            label={label}
            keys={keys}
            icon={icon}
            active={marks[index] === "true"}
            onClick={() => run((chain) => chain.toggleMark(name))}
          />
        ))}
        <TextColor editor={editor} run={run} />
        <Tool label="Link" keys="Ctrl+K" icon={LinkIcon} active={now.link} onClick={onLink} />
        <Separator orientation="vertical" />
        {ALIGNMENTS.map(([value, label, icon]) => (
          <Tool
            key={value}
            label={label}
            icon={icon}
            active={now.alignment === value}
            onClick={() => run((chain) => chain.setAlignment(value))}
          />
        ))}
        <Separator orientation="vertical" />
        <Tool
          label="Bullet list"
          icon={List}
          active={lists[0] === "true"}
          onClick={() => run((chain) => chain.toggleBulletList())}
        />
        <Tool
          label="Numbered list"
          icon={ListOrdered}
          active={lists[1] === "true"}
          onClick={() => run((chain) => chain.toggleOrderedList())}
        />
        <Separator orientation="vertical" />
        <Tool
          label="Undo"
          keys="Ctrl+Z"
          icon={Undo2}
          disabled={!now.undo}
          onClick={() => run((chain) => chain.undo())}
        />
        <Tool
          label="Redo"
          keys="Ctrl+Y"
          icon={Redo2}
          disabled={!now.redo}
          onClick={() => run((chain) => chain.redo())}
        />
      </div>
      <div role="toolbar" aria-label="Insert" className="tool-row" onKeyDown={roam}>
        <VariableMenu
          groups={groups}
          onPick={(source) =>
            run((chain) => chain.insertContent({ type: "variable", attrs: { source } }))
          }
        >
          <Button type="button" size="1" variant="soft">
            <Braces size={14} aria-hidden="true" />
            Variable
          </Button>
        </VariableMenu>
        <Insert icon={MousePointerClick} onClick={() => insertBlock(editor, BLOCKS.button())}>
          Button
        </Insert>
        <Insert icon={ImageIcon} onClick={() => onImage()}>
          Image
        </Insert>
        <ColumnsMenu editor={editor} />
        <Insert icon={Square} onClick={() => insertBlock(editor, BLOCKS.box())}>
          Box
        </Insert>
        <Insert icon={Minus} onClick={() => insertBlock(editor, BLOCKS.line())}>
          Line
        </Insert>
        <Theme theme={theme} onTheme={onTheme} />
      </div>
      {block && (
        <div role="toolbar" aria-label="Block" className="tool-row block-row" onKeyDown={roam}>
          <Trail editor={editor} around={around} />
          <BlockTools editor={editor} block={block} onLink={onLink} onImage={onImage} />
          <span className="tool-space" />
          <Tool
            label={`Move ${block.name} up`}
            icon={ArrowUp}
            disabled={block.index === 0}
            onClick={() => move(editor, block, -1)}
          />
          <Tool
            label={`Move ${block.name} down`}
            icon={ArrowDown}
            disabled={block.index >= block.parent.childCount - 1}
            onClick={() => move(editor, block, 1)}
          />
          <Tool
            label={`Duplicate ${block.name}`}
            icon={Copy}
            onClick={() => duplicate(editor, block)}
          />
          <Tool
            label={`Delete ${block.name}`}
            icon={Trash2}
            onClick={() => remove(editor, block)}
          />
        </div>
      )}
    </div>
  );
}

/** Which block the caret is in, and what that one is in; each can be selected as a whole. */
function Trail({ editor, around }) {
  return around.map((one, index) => (
    <Flex key={one.pos} align="center" gap="1">
      {index > 0 && (
        <Text size="1" color="gray" aria-hidden="true">
          ›
        </Text>
      )}
      <button
        type="button"
        className="jump trail"
        aria-label={`Select ${one.name}`}
        onClick={() => select(editor, one)}
      >
        {one.name}
      </button>
    </Flex>
  ));
}

function BlockTools({ editor, block, onLink, onImage }) {
  const small = { type: "button", size: "1", variant: "soft", color: "gray" };
  if (block.name === "Button") {
    return (
      <Button {...small} onClick={onLink}>
        Where it leads
      </Button>
    );
  }
  if (block.name === "Image") {
    return (
      <Button {...small} onClick={() => onImage(block)}>
        Change image
      </Button>
    );
  }
  if (block.name !== "Box") return null;
  const bright = block.node.attrs.class === "highlight";
  return (
    <Button
      {...small}
      aria-pressed={bright}
      onClick={() =>
        editor.view.dispatch(
          editor.state.tr.setNodeAttribute(block.pos, "class", bright ? "" : "highlight"),
        )
      }
    >
      {bright ? "Make it calm" : "Highlight"}
    </Button>
  );
}

function TextColor({ editor, run }) {
  const color = editor.getAttributes("color").color ?? "";
  return (
    <label className="tool-color" title="Colour of the text">
      <span aria-hidden="true" style={{ borderColor: color || "currentColor" }}>
        A
      </span>
      <input
        type="color"
        aria-label="Colour of the text"
        value={color || "#3d4452"}
        onInput={(event) => event.stopPropagation()}
        onChange={(event) => {
          event.stopPropagation();
          run((chain) => chain.setMark("color", { color: event.target.value }));
        }}
      />
    </label>
  );
}

function ColumnsMenu({ editor }) {
  const picked = useRef(0);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger>
        <Button type="button" size="1" variant="soft" color="gray">
          <Columns2 size={14} aria-hidden="true" />
          Columns
          <DropdownMenu.TriggerIcon />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        size="1"
        onKeyDown={(event) => event.stopPropagation()}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          const count = picked.current;
          picked.current = 0;
          if (count) insertBlock(editor, BLOCKS.columns(count));
          else editor.commands.focus();
        }}
      >
        {[2, 3, 4].map((count) => (
          <DropdownMenu.Item key={count} onSelect={() => (picked.current = count)}>
            {count} columns
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function Theme({ theme, onTheme }) {
  const set = (name, value) => {
    const { [name]: _before, ...rest } = theme;
    onTheme(value === "" ? rest : { ...rest, [name]: value });
  };
  const quiet = { onInput: (event) => event.stopPropagation() };
  return (
    <Popover.Root>
      <Popover.Trigger>
        <Button type="button" size="1" variant="soft" color="gray">
          <Palette size={14} aria-hidden="true" />
          Look
        </Button>
      </Popover.Trigger>
      <Popover.Content
        size="2"
        width="300px"
        aria-label="Look"
        onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()}
      >
        <Flex direction="column" gap="3">
          {COLORS.map(([name, label, usual]) => (
            <Flex key={name} align="center" gap="2">
              <input
                type="color"
                id={`look-${name}`}
                value={theme[name] ?? usual}
                onChange={(event) => set(name, event.target.value)}
                {...quiet}
              />
              <Text as="label" htmlFor={`look-${name}`} size="2">
                {label}
              </Text>
              <span className="tool-space" />
              {theme[name] && (
                <Button
                  type="button"
                  size="1"
                  variant="ghost"
                  color="gray"
                  aria-label={`${label}: back to the layout’s`}
                  onClick={() => set(name, "")}
                >
                  Reset
                </Button>
              )}
            </Flex>
          ))}
          <Flex direction="column" gap="1">
            <Text as="label" htmlFor="look-font" size="2">
              Font
            </Text>
            <select
              id="look-font"
              className="look-select"
              value={theme.font ?? ""}
              onChange={(event) => set("font", event.target.value)}
              {...quiet}
            >
              {FONTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </Flex>
          <Flex direction="column" gap="1">
            <Text as="label" htmlFor="look-radius" size="2">
              Round corners of buttons
            </Text>
            <input
              id="look-radius"
              type="range"
              min="0"
              max="28"
              value={theme.radius ?? 8}
              onChange={(event) => set("radius", Number(event.target.value))}
              {...quiet}
            />
          </Flex>
        </Flex>
      </Popover.Content>
    </Popover.Root>
  );
}

