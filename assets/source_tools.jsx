import { useEffect, useRef } from "react";
import { Button, DropdownMenu, Text } from "@radix-ui/themes";

const TEXT = "input[type=text], textarea";

/** Put text where the caret is, as typing would, so that it can be taken back with Ctrl+Z. */
function insert(field, text) {
  field.focus();
  const [start, end] = [field.selectionStart, field.selectionEnd];
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * A menu of variables; the one chosen goes where somebody wrote last in the form `form`, or else
 * into the field `fallback`. `groups` are {label, items: [{text, label}]}.
 */
export function InsertMenu({ form, fallback, groups = [], label = "Insert variable" }) {
  const last = useRef(null);

  useEffect(() => {
    const note = (event) => {
      if (event.target.form?.id === form && event.target.matches(TEXT)) {
        last.current = event.target;
      }
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [form]);

  const chosen = useRef("");
  const place = (event) => {
    if (!chosen.current) return;
    event.preventDefault();
    const field = last.current?.isConnected
      ? last.current
      : document.getElementById(fallback);
    if (field) insert(field, chosen.current);
    chosen.current = "";
  };

  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger>
        <Button type="button" variant="soft" color="gray" size="1">
          {label}
          <DropdownMenu.TriggerIcon />
        </Button>
      </DropdownMenu.Trigger>
      {/* The menu holds the focus until it is closed: only then can the field have it back. */}
      <DropdownMenu.Content size="1" onCloseAutoFocus={place} className="insert-menu">
        {groups.map((group) => (
          <DropdownMenu.Group key={group.label}>
            <DropdownMenu.Label>{group.label}</DropdownMenu.Label>
            {group.items.map((item) => (
              <DropdownMenu.Item key={item.text} onSelect={() => (chosen.current = item.text)}>
                {item.label}
                <Text size="1" color="gray" className="insert-code">
                  {item.text}
                </Text>
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Group>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

/** A link to a line of a field: marks the line and brings it into view. */
export function JumpTo({ field, line = 0, children }) {
  const jump = () => {
    const target = document.getElementById(field);
    if (!target) return;
    const lines = target.value.split("\n");
    const before = lines.slice(0, Math.max(0, line - 1));
    const start = before.reduce((sum, text) => sum + text.length + 1, 0);
    target.focus();
    target.setSelectionRange(start, start + (lines[Math.max(0, line - 1)] ?? "").length);
    if (target.matches("textarea")) {
      target.scrollTop = (before.length / lines.length) * target.scrollHeight - 60;
    }
  };
  return (
    <button type="button" className="jump" onClick={jump}>
      {children}
    </button>
  );
}
