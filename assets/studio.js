import { useSyncExternalStore } from "react";

/**
 * What the parts of the email studio share in the browser: the draft in the form, and what the
 * server says of it. It is not Reflex's state: at each keystroke it would carry the whole email
 * there and back in order with all other events.
 */

const NOTHING = {
  sender: "", subject: "", inbox: "", html: "", text: "", refused: "",
  problems: [], uses: [], size: 0,
};
const BEGINNING = {
  look: NOTHING, gaps: [], view: "email", device: "desktop", dark: false,
  trouble: "", line: null, offer: null,
};

let state = BEGINNING;
const listeners = new Set();

export const current = () => state;

export function change(changes) {
  state = { ...state, ...changes };
  listeners.forEach((listener) => listener());
}

/** Forget the email that was open before. */
export const forget = () => change({ ...BEGINNING, view: state.view, device: state.device });

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** A part of what is shared; `pick` must give the same for the same state. */
export const useStudio = (pick) =>
  useSyncExternalStore(subscribe, () => pick(state), () => pick(state));

/** What a form holds, by the names of its fields. */
export const read = (form) => Object.fromEntries(new FormData(form));

/** Ask our own server; null when it answers that there is no such thing. */
export async function ask(path, body) {
  const answer = await fetch(`/api/studio/${path}`, {
    method: body ? "POST" : "GET",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  if (answer.status === 401) throw new Error("You are signed out. Sign in again in another tab.");
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? "");
  return body ? answer.json() : answer.text();
}

/**
 * Put the caret at a line of a field. An editor of its own takes the event and prevents the rest.
 */
export function jump(field, line = 0) {
  const asked = new CustomEvent("studio-jump", { detail: { field, line }, cancelable: true });
  const target = document.getElementById(field);
  if (!document.dispatchEvent(asked) || !target) return;
  target.focus();
  if (!target.setSelectionRange) return;
  const lines = target.value.split("\n");
  const before = lines.slice(0, Math.max(0, line - 1));
  const start = before.reduce((sum, text) => sum + text.length + 1, 0);
  target.setSelectionRange(start, start + (lines[Math.max(0, line - 1)] ?? "").length);
  if (target.matches("textarea")) {
    target.scrollTop = (before.length / lines.length) * target.scrollHeight - 60;
  }
}
