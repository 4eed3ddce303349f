import { useEffect } from "react";
import { useLocation } from "react-router";

let last = null;

/** Puts the focus where a new page begins, as a browser does, unless the page has put it already. */
export function RouteFocus() {
  // Written with or without the slash at its end, it is the same page.
  const pathname = useLocation().pathname.replace(/(?<=.)\/$/, "");
  useEffect(() => {
    if (last !== null && last !== pathname) {
      const main = document.getElementById("main");
      const busy = main?.contains(document.activeElement);
      if (!busy) main?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    last = pathname;
  }, [pathname]);
  return null;
}
