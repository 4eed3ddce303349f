const read = (form) => Object.fromEntries(new FormData(form));

/**
 * A form that tells the server what is in it while it is filled in (`onDraft`), and hands all of it
 * over when it is sent (`onSend`): by its submit button or Ctrl+S, not by Enter in a line of text.
 */
export function LiveForm({ id, className, onDraft, onSend, children }) {
  const press = (event) => {
    const form = event.currentTarget;
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
    }
  };
  const send = (event) => {
    event.preventDefault();
    // Events of a dialog's own form arrive here as well: React passes them up its tree.
    if (event.target === event.currentTarget) onSend?.(read(event.currentTarget));
  };
  const tell = (event) => {
    if (event.target.form === event.currentTarget) onDraft?.(read(event.currentTarget));
  };
  return (
    <form
      id={id}
      className={className}
      noValidate
      onChange={tell}
      onSubmit={send}
      onKeyDown={press}
    >
      {children}
    </form>
  );
}
