import { useEffect, useRef } from "react";

/** Calls `onTick` every so many seconds while the page is looked at. Shows nothing. */
export function Tick({ every = 3, onTick }) {
  const call = useRef(onTick);
  useEffect(() => {
    call.current = onTick;
  });
  useEffect(() => {
    const tick = () => document.visibilityState === "visible" && call.current?.();
    const timer = setInterval(tick, every * 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [every]);
  return null;
}
