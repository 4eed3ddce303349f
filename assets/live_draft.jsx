import { useEffect, useRef } from "react";
import { ask, change, current, forget, read, useStudio } from "./studio.js";

// The wait after a key is a part of what an answer takes, so that a slow server is not flooded.
const PART = 0.25;
const LONGEST_WAIT = 150;
const AGAIN = 2000;
const KEEP_AFTER = 400;
const LOST =
  "The connection is lost. What you write is kept in this browser; the preview goes on when it is back.";

/**
 * Watches the form `form` and keeps its preview up to date: one question at a time, the newest
 * next; what was typed meanwhile is asked once.
 *
 * A draft that is not saved is kept in this browser and not on the server: it must survive just
 * what cuts the server off, a lost connection or a crash of either side. It holds no partner's data.
 */
export function LiveDraft({ form, revision, who = "", dirty, person = "", number = 0, version = 0,
  viewed = 0 }) {
  const text = useStudio((studio) => studio.view === "text");
  const line = useRef(null);
  line.current ??= new Line();
  const props = { form, who, text, viewed, number };

  useEffect(() => () => line.current.stop(), []);
  useEffect(forget, [number]);
  useEffect(() => {
    line.current.now(props);
  }, [form, revision, who, text, viewed, number]);

  useEffect(() => {
    const typed = (event) => event.target.form?.id === form && line.current.soon(props);
    document.addEventListener("input", typed, true);
    document.addEventListener("change", typed, true);
    return () => {
      document.removeEventListener("input", typed, true);
      document.removeEventListener("change", typed, true);
    };
  }, [form, who, text, viewed, number]);

  useKept({ form, key: `rxapp-draft:${person}:${number}`, revision, dirty, version, person });
  return null;
}

class Line {
  cost = 40;

  soon(props) {
    this.props = props;
    if (this.busy) this.again = true;
    else this.timer ??= setTimeout(() => this.now(this.props), Math.min(LONGEST_WAIT, this.cost * PART));
  }

  async now(props) {
    this.props = props;
    clearTimeout(this.timer);
    this.timer = null;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    await this.askOnce();
    this.busy = false;
    if (this.again) this.now(this.props);
  }

  async askOnce() {
    const began = performance.now();
    try {
      const look = await lookAt(this.props);
      this.cost = this.cost * 0.7 + (performance.now() - began) * 0.3;
      if (look && !this.stopped) arrive(look);
    } catch (error) {
      // `fetch` fails this way when nobody answers.
      const away = error instanceof TypeError;
      change({ trouble: away ? LOST : error.message });
      if (away && !this.stopped) this.timer = setTimeout(() => this.now(this.props), AGAIN);
    }
  }

  stop() {
    this.stopped = true;
    this.again = false;
    clearTimeout(this.timer);
  }
}

async function lookAt({ form, who, text, viewed, number }) {
  const found = document.getElementById(form);
  if (!found) return null;
  if (viewed) {
    const asked = new URLSearchParams({ version: viewed, who });
    return { html: await ask(`emails/${number}?${asked}`), old: true };
  }
  return ask("preview", { ...read(found), who, text, number });
}

function arrive(look) {
  const before = current();
  if (look.old) return change({ look: { ...before.look, html: look.html }, trouble: "" });
  // The last good preview stays, so that nothing jumps while a word is half written.
  const wrong = look.problems.some((problem) => problem.severity === "error");
  const kept = wrong || look.refused ? pick(before.look) : {};
  change({ look: { ...look, ...kept }, trouble: "" });
  count(look.uses);
}

const pick = ({ html, text, subject, inbox, size }) => ({ html, text, subject, inbox, size });

let counted = "";
async function count(uses) {
  const asked = JSON.stringify(uses);
  if (asked === counted || !uses.length) return uses.length || change({ gaps: [] });
  counted = asked;
  try {
    const gaps = await ask("gaps", { uses });
    if (counted === asked) change({ gaps });
  } catch {
    counted = "";
  }
}

/** Keep what is typed, offer it again after a crash, and drop it once it is saved. */
function useKept({ form, key, revision, dirty, version, person }) {
  useEffect(() => {
    if (!revision || !person) return;
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    const found = document.getElementById(form);
    if (!kept || !found) return change({ offer: null });
    const same = JSON.stringify(kept.fields) === JSON.stringify(read(found));
    if (same) localStorage.removeItem(key);
    change({ offer: same ? null : { ...kept, key, newer: version > kept.version } });
  }, [key, revision]);

  useEffect(() => {
    let timer;
    const keep = () => {
      const found = document.getElementById(form);
      if (!found || !person) return;
      const kept = { at: Date.now(), version, fields: read(found) };
      try {
        localStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // No room, or no storage in this browser: the guard on leaving is what is left.
      }
    };
    const typed = (event) => {
      if (event.target.form?.id !== form) return;
      clearTimeout(timer);
      timer = setTimeout(keep, KEEP_AFTER);
    };
    document.addEventListener("input", typed, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("input", typed, true);
    };
  }, [form, key, version, person]);

  const was = useRef({});
  useEffect(() => {
    const before = was.current;
    was.current = { key, dirty, revision };
    // The form is the same and nothing in it is unsaved any more: it was saved, a new email under
    // an address that it only got by that.
    if (before.dirty && !dirty && before.revision === revision) {
      localStorage.removeItem(before.key);
      change({ offer: null });
    }
  }, [dirty, key, revision]);
}
