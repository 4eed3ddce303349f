import { useEffect, useState } from "react";

const MINUTE = 60000;
const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** What is past in words; never as something to come, however the reader's clock goes. */
export function ago(moment, now) {
  const seconds = Math.max(0, (now - moment) / 1000);
  for (const [unit, length] of STEPS) {
    if (seconds >= length) {
      return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(
        -Math.floor(seconds / length),
        unit,
      );
    }
  }
  return "just now";
}

/** What lies ahead as its day and time: "in 2 days" is not true for long. */
export function ahead(moment, now) {
  const time = moment.toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
  });
  const days = Math.round((midnight(moment) - midnight(now)) / 86400000);
  if (days === 0 || days === 1) return `${days ? "tomorrow" : "today"} at ${time}`;
  const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
  const day = moment.toLocaleDateString(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year,
  });
  return `${day} at ${time}`;
}

function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

/**
 * A moment in words, kept current while it is on the screen; exact on hover. One that lies ahead
 * (`isAhead`) is told by its day and time, all others by how long ago they are.
 */
export function When({ at, isAhead = false }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2);
    return () => clearInterval(timer);
  }, []);
  if (!at) return "–";
  const moment = new Date(at);
  const exact = moment.toLocaleString(undefined, {
    dateStyle: "full",
    timeStyle: "long",
  });
  return (
    <time dateTime={at} title={exact}>
      {isAhead ? ahead(moment, new Date(now)) : ago(moment.getTime(), now)}
    </time>
  );
}
