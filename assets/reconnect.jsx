import { useContext, useEffect } from "react";
import { StateStoreContext, app } from "$/utils/context-registry";
import { read } from "./studio.js";

// One message may have a million characters; what is left is for what Reflex adds.
const ROOM = 900_000;
// What is larger is an email as it is shown, which the server reads again.
const LARGE = 100_000;
// Milliseconds. The server forgets a tab that has been silent for an hour.
const SIGN_OF_LIFE = 600_000;

/**
 * Has the page that is open win over a server that was away.
 *
 * Reflex, connected again, shows what the server holds, which after a restart is nothing. So the
 * page gives what it shows along with the first thing it says, which comes before whatever was
 * pressed meanwhile; rxapp/state/reconnect.py takes it up. A page that is loaded gives nothing.
 */
export function Reconnect({ person = "", onLife }) {
  const store = useContext(StateStoreContext);

  useEffect(() => {
    const begin = app.initialEvents;
    app.initialEvents = (first) => {
      const [boot] = begin(first);
      const held = !first && person && holds(store, person);
      return [held ? { ...boot, payload: { ...boot.payload, held } } : boot];
    };
    return () => (app.initialEvents = begin);
  }, [store, person]);

  useEffect(() => {
    const timer = setInterval(() => onLife?.(), SIGN_OF_LIFE);
    return () => clearInterval(timer);
  }, [onLife]);
  return null;
}

/** What the page shows and what is typed into it; null where that is too much for one message. */
function holds(store, person) {
  const states = Object.entries(app.initialState).map(([name, initial]) => [
    name,
    changed(store.getSnapshot(name), initial),
  ]);
  const forms = [...document.querySelectorAll("form[data-live]")].map((form) => [form.id, read(form)]);
  const held = { person, states: Object.fromEntries(states), forms: Object.fromEntries(forms) };
  return JSON.stringify(held).length < ROOM ? held : null;
}

const changed = (now, initial) =>
  Object.fromEntries(
    Object.entries(now).filter(
      // What the server never changed is still the very same value.
      ([name, value]) => value !== initial[name] && (JSON.stringify(value)?.length ?? LARGE) < LARGE,
    ),
  );
