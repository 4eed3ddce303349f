import { useEffect, useState } from "react";

const STEPS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function ago(moment, now) {
  const seconds = (moment - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) {
      return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(
        Math.trunc(seconds / length),
        unit,
      );
    }
  }
  return seconds > 5 ? "in a moment" : "just now";
}

/** A moment in words, kept current while it is on the screen; exact on hover. */
export function When({ at }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30000);
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
      {ago(moment.getTime(), now)}
    </time>
  );
}
