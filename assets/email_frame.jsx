import { useEffect, useState } from "react";

/**
 * An email, shut in: no scripts, no forms, no way out of the frame.
 *
 * There are two frames on top of each other. The next state of the email loads in the hidden one
 * and is shown when it is ready, so that nothing flashes while somebody types.
 */
export function EmailFrame({ html = "", title = "Email", width = "100%", height = "640px" }) {
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
    <div className="email-frame" style={{ width, height }}>
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
