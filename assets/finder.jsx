import { useEffect, useId, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Dialog, Kbd } from "@radix-ui/themes";

const PAUSE = 120;
const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * Finds anything: opened by Ctrl+K (or a button with the class `finder-open`), an ARIA combobox over
 * a list in groups. `groups` is what the server found for `found`: [{name, rows: [{label, hint,
 * href}]}].
 */
export function Finder({ groups = [], found = "", onSearch }) {
  const listId = useId();
  const list = useRef(null);
  const timer = useRef(null);
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);

  const rows = groups.flatMap((group) => group.rows);
  const waits = typed.trim() !== found;

  const show = (wanted) => {
    if (wanted) {
      setTyped("");
      setActive(0);
      onSearch?.("");
    }
    setOpen(wanted);
  };

  useEffect(() => {
    const press = (event) => {
      // An editor that has the focus may have taken the key: there it makes a link.
      if (event.defaultPrevented) return;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        show(!open);
      }
    };
    const click = (event) => {
      if (event.target.closest?.(".finder-open")) show(true);
    };
    document.addEventListener("keydown", press);
    document.addEventListener("click", click);
    return () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("click", click);
    };
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => setActive(0), [found]);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const type = (text) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch?.(text.trim()), PAUSE);
  };

  const go = (row) => {
    if (!row) return;
    setOpen(false);
    navigate(row.href);
  };

  const press = (event) => {
    const last = rows.length - 1;
    const keys = {
      ArrowDown: () => setActive(active >= last ? 0 : active + 1),
      ArrowUp: () => setActive(active <= 0 ? last : active - 1),
      // What was found for other words is not what Enter means.
      Enter: () => !waits && go(rows[active]),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    if (rows.length) keys[event.key]();
  };

  let place = -1;
  return (
    <Dialog.Root open={open} onOpenChange={show}>
      <Dialog.Content className="finder" aria-describedby={undefined} size="1">
        <Dialog.Title className="unseen">Find anything</Dialog.Title>
        <div className="finder-head">
          <svg width="17" height="17" viewBox="0 0 24 24" fill="none" stroke="currentColor"
            strokeWidth="2" strokeLinecap="round" aria-hidden="true">
            <circle cx="11" cy="11" r="8" />
            <path d="m21 21-4.3-4.3" />
          </svg>
          <input
            className="finder-field"
            role="combobox"
            aria-expanded="true"
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={rows.length ? `${listId}-${active}` : undefined}
            aria-label="Find partners, tags, emails, automations and pages"
            placeholder="Find partners, tags, emails, automations, pages…"
            autoComplete="off"
            autoFocus
            spellCheck="false"
            value={typed}
            onChange={(event) => type(event.target.value)}
            onKeyDown={press}
          />
          <Kbd aria-hidden="true">Esc</Kbd>
        </div>
        <div role="listbox" id={listId} ref={list} className="finder-list" aria-label="Found"
          aria-busy={waits}>
          {groups.map((group) => (
            <div role="group" key={group.name} aria-label={group.name}>
              <div className="finder-group" aria-hidden="true">{group.name}</div>
              {group.rows.map((row) => {
                place += 1;
                const at = place;
                return (
                  <div
                    key={row.href + row.label}
                    id={`${listId}-${at}`}
                    role="option"
                    aria-selected={at === active}
                    className="finder-row"
                    onPointerMove={() => setActive(at)}
                    onPointerDown={(event) => event.preventDefault()}
                    onClick={() => go(row)}
                  >
                    <span className="finder-label">{row.label}</span>
                    {row.hint && <span className="finder-hint">{row.hint}</span>}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        {rows.length === 0 && !waits && (
          <p className="finder-none">
            Nothing is called “{typed.trim()}”. Part of a name or an address is enough.
          </p>
        )}
        <div className="unseen" role="status">
          {waits ? "" : rows.length === 1 ? "1 found" : `${rows.length} found`}
        </div>
      </Dialog.Content>
    </Dialog.Root>
  );
}

/** How to open it from the keyboard, as this machine's keys are called. */
export function FinderKeys() {
  const [mac, setMac] = useState(false);
  useEffect(() => setMac(isMac()), []);
  return <Kbd size="1" aria-hidden="true">{mac ? "⌘K" : "Ctrl K"}</Kbd>;
}
