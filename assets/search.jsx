import { useEffect, useRef, useState } from "react";
import { TextField } from "@radix-ui/themes";

// Milliseconds: an answer in under 300 leaves little room to wait for the next key.
const PAUSE = 120;

/**
 * What a list is searched for. Handed over when typing pauses; what the server makes of it comes
 * back as `value`, and never overwrites what is being typed meanwhile.
 */
export function Search({ value = "", label = "Search", width, onSearch }) {
  const field = useRef(null);
  const timer = useRef(null);
  const [text, setText] = useState(value);

  useEffect(() => {
    if (document.activeElement !== field.current) setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (typed, pause) => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch?.(typed), pause);
  };

  return (
    <TextField.Root
      ref={field}
      type="search"
      style={{ width }}
      placeholder={label}
      aria-label={label}
      autoComplete="off"
      value={text}
      onChange={(event) => type(event.target.value, PAUSE)}
      onKeyDown={(event) => event.key === "Enter" && type(text, 0)}
    >
      <TextField.Slot>
        <svg width="15" height="15" viewBox="0 0 24 24" fill="none" stroke="currentColor"
          strokeWidth="2" strokeLinecap="round" aria-hidden="true">
          <circle cx="11" cy="11" r="8" />
          <path d="m21 21-4.3-4.3" />
        </svg>
      </TextField.Slot>
    </TextField.Root>
  );
}
