import { useEffect, useState } from "react";
import { Button, IconButton, Text } from "@radix-ui/themes";
import { LiveFrame } from "./live_frame.jsx";
import { ask } from "./studio.js";

/**
 * An email to look at: no scripts, no forms, no way out of the frame. A link that is followed says
 * where it leads, and leads nowhere.
 *
 * It is `html`, or what the studio answers at `src`. `unsubscribe` is where an unsubscribe link can
 * be tried, which in the email itself is nobody's.
 */
export function EmailFrame({ html = "", src = "", title = "Email", width = "100%", height = "640px",
  dark = false, turned = false, unsubscribe = "" }) {
  const answered = useAnswer(src);
  const [link, setLink] = useState(null);
  const shown = src ? answered : html;
  useEffect(() => setLink(null), [src, html]);
  return (
    <div className="email-frame" style={{ width, height }}>
      <LiveFrame html={shown} title={title} dark={dark} turned={turned} onLink={setLink} />
      {/* There from the start: only what changes in it is read out. */}
      <div aria-live="polite">
        {link !== null && <LinkBar link={link} unsubscribe={unsubscribe} onClose={() => setLink(null)} />}
      </div>
    </div>
  );
}

function useAnswer(src) {
  const [answer, setAnswer] = useState("");
  useEffect(() => {
    let current = true;
    const take = (html) => current && setAnswer(html);
    if (src) ask(src).then(take, () => take("<p>It could not be loaded.</p>"));
    return () => (current = false);
  }, [src]);
  return answer;
}

function LinkBar({ link, unsubscribe, onClose }) {
  const opens = unsubscribe && isUnsubscribe(link);
  return (
    <div className="link-bar">
      <Text size="2" className="link-bar-words">
        {/^#?$/.test(link) ? "This link leads nowhere yet." : <>Leads to <bdi>{link}</bdi></>}
      </Text>
      {opens && (
        <Button size="1" variant="soft" asChild>
          <a href={unsubscribe} target="_blank" rel="noopener noreferrer">Try it in a new tab</a>
        </Button>
      )}
      <IconButton size="1" variant="ghost" color="gray" aria-label="Close" onClick={onClose}>
        <svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
          <path d="M18 6 6 18M6 6l12 12" />
        </svg>
      </IconButton>
    </div>
  );
}

const isUnsubscribe = (link) => /^https?:\/\/[^/]+\/unsubscribe\//.test(link);
