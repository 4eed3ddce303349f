import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { ShutInFrame } from "./shut_in_frame.jsx";

/**
 * An email that changes while it is looked at: only what changed is changed in the frame, so that
 * it stays where it was scrolled to, loads no image twice and does not flash.
 *
 * Nothing runs in the frame (no allow-scripts). It is of our origin, so that we can reach into it,
 * and therefore `credentialless`: what it loads is asked for without cookies. A browser that does
 * not know the word gets the frame that is shut in altogether, and reloads it.
 *
 * `onLink` is told where a link leads that somebody follows; nothing leads anywhere.
 */
export function LiveFrame({ html = "", title = "Email", dark = false, turned = false, onLink }) {
  const box = useRef(null);
  const shown = useRef({});
  const [shutIn, setShutIn] = useState(false);
  shown.current = { html: lit(html || BLANK, dark), turned, title, onLink };

  useEffect(() => {
    const frame = document.createElement("iframe");
    frame.className = "live-frame";
    frame.title = shown.current.title;
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.setAttribute("referrerpolicy", "no-referrer");
    // React leaves out what it does not know, and this must be there before anything is loaded.
    frame.credentialless = true;
    if (!frame.hasAttribute("credentialless")) return setShutIn(true);
    frame.srcdoc = BLANK;
    frame.onload = () => {
      for (const followed of ["click", "auxclick"]) {
        frame.contentDocument.addEventListener(followed, (event) => follow(event, shown.current.onLink));
      }
      show(frame, shown.current);
    };
    box.current.append(frame);
    return () => frame.remove();
  }, []);

  useLayoutEffect(() => {
    const frame = box.current?.querySelector("iframe.live-frame");
    if (!frame) return;
    frame.title = title;
    show(frame, shown.current);
  }, [html, dark, turned, title]);

  if (shutIn) return <ShutInFrame html={html} title={title} />;
  return <div className="live-frame-box" ref={box} />;
}

const BLANK = "<!DOCTYPE html><title>Email</title>";
const TURNED_BACK = "img { filter: invert(1) hue-rotate(180deg); }";

/** A link would load another page into the frame: say instead where it leads, as it is written. */
function follow(event, onLink) {
  event.preventDefault();
  const link = event.target.closest("a, area");
  const href = link?.getAttribute("href") ?? link?.getAttribute("xlink:href");
  if (href != null) onLink?.(href.trim());
}

function show(frame, { html, turned }) {
  const inside = frame.contentDocument;
  // Until it has loaded, the frame holds another document that is about to be thrown away.
  if (inside?.URL !== "about:srcdoc") return;
  patch(inside.documentElement, new DOMParser().parseFromString(html, "text/html").documentElement);
  turn(inside, turned);
}

const ASKED = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;

/** The email as in dark or light mode: what it asks the inbox is answered here, not by this machine. */
const lit = (html, dark) =>
  html.replace(ASKED, (_, wanted) =>
    (wanted.toLowerCase() === "dark") === dark ? "(min-width: 0)" : "(max-width: 0)",
  );

/** Where all colours are turned around, turn the images back. */
function turn(inside, turned) {
  const sheet = new inside.defaultView.CSSStyleSheet();
  sheet.replaceSync(turned ? TURNED_BACK : "");
  inside.adoptedStyleSheets = [sheet];
}

/** Make `from` equal to `to`, touching nothing that is equal already. */
function patch(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(from.ownerDocument.importNode(to, true));
  } else if (from.nodeType !== Node.ELEMENT_NODE) {
    from.nodeValue = to.nodeValue;
  } else {
    patchAttributes(from, to);
    patchChildren(from, to);
  }
}

function patchAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    // The parser takes names that setAttribute refuses; what has one is no email's attribute.
    if (from.getAttribute(name) !== value && /^[\w:.-]+$/.test(name)) {
      from.setAttribute(name, value);
    }
  }
}

function patchChildren(from, to) {
  const [old, now] = [[...from.childNodes], [...to.childNodes]];
  let start = 0;
  while (start < old.length && start < now.length && old[start].isEqualNode(now[start])) start++;
  let [oldEnd, nowEnd] = [old.length, now.length];
  while (oldEnd > start && nowEnd > start && old[oldEnd - 1].isEqualNode(now[nowEnd - 1])) {
    oldEnd--;
    nowEnd--;
  }
  const shared = Math.min(oldEnd, nowEnd);
  for (let place = start; place < shared; place++) patch(old[place], now[place]);
  for (let place = shared; place < oldEnd; place++) old[place].remove();
  const after = old[oldEnd] ?? null;
  for (let place = shared; place < nowEnd; place++) {
    from.insertBefore(from.ownerDocument.importNode(now[place], true), after);
  }
}
