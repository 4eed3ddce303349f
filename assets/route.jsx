import { useEffect } from "react";
import { useLocation } from "react-router";

const OPENED = "[role=dialog], [role=alertdialog]";
let last = null;

/**
 * Puts the focus where a new page begins, as a browser does, unless the page has put it already;
 * and back where it was, when a dialog that took it is gone.
 */
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
  useEffect(() => {
    let outside = null;
    const note = ({ target }) => {
      if (!target.closest(`${OPENED}, [role=menu]`)) outside = target;
    };
    const giveBack = () => {
      if (document.activeElement === document.body && outside?.isConnected) outside.focus();
    };
    // A dialog that no button of its own opens gives the focus to nobody when it goes. What it
    // stands in is a child of the body, and gone only after the dialog itself.
    const frames = new WeakSet();
    const holds = (node) => node.nodeType === 1 && (node.matches(OPENED) || node.querySelector(OPENED));
    const observer = new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        for (const node of addedNodes) if (holds(node)) frames.add(node);
        for (const node of removedNodes) if (frames.has(node)) giveBack();
      }
    });
    document.addEventListener("focusin", note);
    observer.observe(document.body, { childList: true });
    return () => {
      document.removeEventListener("focusin", note);
      observer.disconnect();
    };
  }, []);
  return null;
}
