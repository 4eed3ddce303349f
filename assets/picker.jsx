import { useEffect, useId, useMemo, useRef, useState } from "react";
import { Popover, Text, TextField } from "@radix-ui/themes";

const SHOWN = 50;

const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/**
 * One of many, by typing: an ARIA combobox with a list of options.
 *
 * `options` are {value, label, hint, color}. With `onSearch` the server looks them up; without, what
 * is typed narrows them down here. With `onCreate` what is typed and not there can be made.
 */
export function Picker({
  id,
  options = [],
  value = "",
  label = "",
  placeholder = "Choose…",
  empty = "Nothing found.",
  createLabel = "Create",
  invalid = false,
  disabled = false,
  clearable = false,
  onPick,
  onSearch,
  onCreate,
}) {
  const listId = useId();
  const box = useRef(null);
  const field = useRef(null);
  const list = useRef(null);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);

  const chosen = options.find((option) => option.value === value);
  const words = fold(typed);
  const rows = useMemo(() => {
    const found = onSearch
      ? options
      : options.filter((option) => fold(option.label).includes(words));
    const shown = found.slice(0, SHOWN).map((option) => ({ ...option }));
    const exact = options.some((option) => fold(option.label) === words);
    if (onCreate && words && !exact) {
      shown.push({ create: true, value: "+", label: typed.trim() });
    }
    return shown;
  }, [options, words, typed, onSearch, onCreate]);

  useEffect(() => {
    list.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest" });
  }, [active, open]);

  const show = () => {
    if (open || disabled) return;
    setTyped("");
    onSearch?.("");
    setActive(
      Math.max(
        0,
        options.findIndex((option) => option.value === value),
      ),
    );
    setOpen(true);
    requestAnimationFrame(() => field.current?.select());
  };

  const take = (row) => {
    if (!row) return;
    setOpen(false);
    setTyped("");
    if (row.create) onCreate(row.label);
    else onPick?.(row.value);
  };

  const type = (text) => {
    if (!open) setOpen(true);
    setTyped(text);
    setActive(0);
    onSearch?.(text);
  };

  const move = (step) => {
    if (!open) return show();
    if (rows.length) setActive((active + step + rows.length) % rows.length);
  };

  const press = (event) => {
    const keys = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => (open ? take(rows[active]) : show()),
      Escape: () => setOpen(false),
    };
    if (event.key === "Tab") setOpen(false);
    if (!keys[event.key] || (event.key === "Escape" && !open)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      {/* Radix Themes' anchor drops its children, so it is told where the field is. */}
      <Popover.Anchor virtualRef={box} />
      <div ref={box}>
        <TextField.Root
          id={id}
          ref={field}
          role="combobox"
          aria-expanded={open}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={
            open && rows.length ? `${listId}-${active}` : undefined
          }
          aria-label={label || undefined}
          aria-invalid={invalid || undefined}
          autoComplete="off"
          disabled={disabled}
          placeholder={chosen ? chosen.label : placeholder}
          value={open ? typed : (chosen?.label ?? "")}
          onChange={(event) => type(event.target.value)}
          onClick={show}
          onKeyDown={press}
          // What is typed to find something is not part of the form around it.
          onInput={(event) => event.stopPropagation()}
        >
          {chosen?.color && !open && (
            <TextField.Slot>
              <span
                className="picker-dot"
                style={{ background: `var(--${chosen.color}-9)` }}
              />
            </TextField.Slot>
          )}
          <TextField.Slot side="right">
            {clearable && chosen ? (
              <button
                type="button"
                className="picker-clear"
                aria-label={`Clear ${label}`}
                onClick={() => onPick?.("")}
              >
                ×
              </button>
            ) : (
              <span className="picker-arrow" aria-hidden="true" />
            )}
          </TextField.Slot>
        </TextField.Root>
      </div>
      <Popover.Content
        role="presentation"
        size="1"
        className="picker-popup"
        sideOffset={4}
        onOpenAutoFocus={(event) => event.preventDefault()}
        onCloseAutoFocus={(event) => event.preventDefault()}
        onInteractOutside={(event) => {
          if (box.current?.contains(event.target)) event.preventDefault();
        }}
      >
        <div role="listbox" id={listId} ref={list} aria-label={label || "Options"}>
          {rows.map((row, index) => (
            <div
              key={row.value}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === active}
              className="picker-option"
              onPointerMove={() => setActive(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(row)}
            >
              {row.color && (
                <span
                  className="picker-dot"
                  style={{ background: `var(--${row.color}-9)` }}
                />
              )}
              <span className="picker-label">
                {row.create ? `${createLabel} “${row.label}”` : row.label}
              </span>
              {row.hint && (
                <Text size="1" color="gray" className="picker-hint">
                  {row.hint}
                </Text>
              )}
            </div>
          ))}
          {rows.length === 0 && (
            <Text as="p" size="2" color="gray" className="picker-empty">
              {empty}
            </Text>
          )}
        </div>
      </Popover.Content>
    </Popover.Root>
  );
}
