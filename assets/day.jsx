import { TextField } from "@radix-ui/themes";

const pad = (number) => String(number).padStart(2, "0");

/**
 * A day of the reader's own calendar, handed over as the moment it begins (ISO 8601), or with `end`
 * as the moment the next one does.
 */
export function Day({ value = "", end = false, label, onPick }) {
  const moment = value ? new Date(value) : null;
  if (moment && end) moment.setDate(moment.getDate() - 1);
  const shown =
    moment && !isNaN(moment)
      ? `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
      : "";
  const pick = (text) => {
    if (!text) return onPick("");
    const [year, month, day] = text.split("-").map(Number);
    // A year still being typed is not one yet.
    if (year >= 1970) onPick(new Date(year, month - 1, day + (end ? 1 : 0)).toISOString());
  };
  return (
    <TextField.Root
      type="date"
      aria-label={label}
      defaultValue={shown}
      key={shown}
      onChange={(event) => pick(event.target.value)}
    />
  );
}
