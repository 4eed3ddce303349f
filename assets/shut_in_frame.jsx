import { useEffect, useMemo, useState } from "react";

/**
 * An email, shut in altogether, for browsers in which `LiveFrame` cannot be.
 *
 * There are two frames on top of each other. The next state of the email loads in the hidden one
 * and is shown when it is ready, so that nothing flashes while somebody types.
 */
export function ShutInFrame({ html: source = "", title = "Email" }) {
  const html = useMemo(() => leadingNowhere(source), [source]);
  const [frames, setFrames] = useState({ docs: [html, ""], front: 0 });

  useEffect(() => {
    setFrames((now) => {
      // A frame that holds this state already will not load it again.
      const holds = now.docs.indexOf(html);
      if (holds >= 0) return { ...now, front: holds };
      return {
        ...now,
        docs: now.docs.map((doc, index) => (index === now.front ? doc : html)),
      };
    });
  }, [html]);

  const loaded = (index) =>
    setFrames((now) =>
      index !== now.front && now.docs[index] === html
        ? { ...now, front: index }
        : now,
    );

  return (
    <div className="live-frame-box">
      {frames.docs.map((doc, index) => (
        <iframe
          key={index}
          title={index === frames.front ? title : ""}
          aria-hidden={index !== frames.front}
          tabIndex={index === frames.front ? 0 : -1}
          sandbox=""
          srcDoc={doc}
          onLoad={() => loaded(index)}
          style={{ visibility: index === frames.front ? "visible" : "hidden" }}
        />
      ))}
    </div>
  );
}

const SAYS = `
  :is(a, area)[href]:is(:hover, :focus)::after {
    content: "Leads to " attr(href); position: fixed; inset: auto 0 0 0; z-index: 9; padding: 8px 12px;
    background: #fff; color: #222; border-top: 1px solid #ccc; font: 13px sans-serif; text-align: left;
    overflow-wrap: anywhere; }`;

/** What is followed asks for a new window, which nothing in here may open; it says where it leads. */
function leadingNowhere(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const link of page.querySelectorAll("a, area, form")) link.setAttribute("target", "_blank");
  page.head.append(Object.assign(page.createElement("style"), { textContent: SAYS }));
  return `${page.doctype ? "<!DOCTYPE html>" : ""}${page.documentElement.outerHTML}`;
}
