import { read } from "./studio.js";

/**
 * A form that tells the server what is in it while it is filled in (`onDraft`), and hands all of it
 * over when it is sent (`onSend`): by its submit button or Ctrl+S, not by Enter in a line of text.
 *
 * With `along` it is a small form beside another: it hands over that one's fields as well, and Enter
 * sends it.
 */
export function LiveForm({ id, className, along, onDraft, onSend, children }) {
  const press = (event) => {
    const form = event.currentTarget;
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (!along && event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
    }
  };
  const send = (event) => {
    event.preventDefault();
    // Events of a dialog's own form arrive here as well: React passes them up its tree.
    if (event.target !== event.currentTarget) return;
    const other = document.getElementById(along);
    onSend?.({ ...(other ? read(other) : {}), ...read(event.currentTarget) });
  };
  const tell = (event) => {
    if (event.target.form === event.currentTarget) onDraft?.(read(event.currentTarget));
  };
  return (
    <form
      id={id}
      className={className}
      data-live
      noValidate
      onChange={tell}
      onSubmit={send}
      onKeyDown={press}
    >
      {children}
    </form>
  );
}
