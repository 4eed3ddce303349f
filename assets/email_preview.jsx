import { Badge, Callout, Flex, IconButton, SegmentedControl, Tabs, Text, Tooltip } from "@radix-ui/themes";
import { EmailFrame } from "./email_frame.jsx";
import { change, useStudio } from "./studio.js";

// What mail programs show of a line, in characters; measured by them in pixels, so about.
const INBOXES = [
  { name: "Gmail on a computer", subject: 70, line: 110, together: true },
  { name: "Gmail on a phone", subject: 38, line: 42 },
  { name: "Apple Mail on an iPhone", subject: 40, line: 90 },
  { name: "Outlook", subject: 54, line: 60 },
];
const CLIPPED = 102_000;

const cut = (text, most) => {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most).join("").trimEnd()}…` : text;
};
const nameOf = (sender) => sender.replace(/\s*<[^>]*>\s*$/, "").replace(/^"|"$/g, "") || sender;
const kilobytes = (size) => `${Math.round(size / 1000)} KB`;

/** The email as its partner gets it: in the inbox, opened on a computer or a phone, as text. */
export function EmailPreview() {
  const { look, view, device, dark, trouble } = useStudio((studio) => studio);
  return (
    <Flex direction="column" gap="3" className="preview-pane">
      {trouble && (
        <Callout.Root color="amber" size="1" role="status">
          <Callout.Text>{trouble}</Callout.Text>
        </Callout.Root>
      )}
      {look.refused && (
        <Callout.Root color="amber" size="1" role="status">
          <Callout.Text>{`${look.refused} It would not be sent to them.`}</Callout.Text>
        </Callout.Root>
      )}
      <InboxRow look={look} />
      <Tabs.Root value={view} onValueChange={(value) => change({ view: value })}>
        <Flex justify="between" align="center" wrap="wrap" gap="2" className="preview-bar">
          <Tabs.List size="1">
            <Tabs.Trigger value="email">Email</Tabs.Trigger>
            <Tabs.Trigger value="text">Plain text</Tabs.Trigger>
            <Tabs.Trigger value="inbox">Inboxes</Tabs.Trigger>
          </Tabs.List>
          {view === "email" && <Looks device={device} dark={dark} size={look.size} />}
        </Flex>
        <Tabs.Content value="email">
          <div className={`preview-window ${device} ${shade(dark, look.html)}`}>
            <EmailFrame
              html={look.html}
              title="Preview of the email"
              height="100%"
              dark={dark}
              turned={dark && !isReady(look.html)}
            />
          </div>
          {dark && (
            <Text as="p" size="1" color="gray" mt="2">
              {isReady(look.html)
                ? "The email brings its own dark look, for inboxes that ask for it."
                : "The email has no dark look of its own. Some inboxes turn its colours around, about like this."}
            </Text>
          )}
        </Tabs.Content>
        <Tabs.Content value="text">
          <pre className="plain-text" tabIndex={0}>{look.text}</pre>
        </Tabs.Content>
        <Tabs.Content value="inbox">
          <Inboxes look={look} />
        </Tabs.Content>
      </Tabs.Root>
    </Flex>
  );
}

const isReady = (html) => /prefers-color-scheme\s*:\s*dark/i.test(html);
const shade = (dark, html) => (!dark ? "" : isReady(html) ? "dark-own" : "dark-forced");

function Looks({ device, dark, size }) {
  return (
    <Flex gap="3" align="center">
      {size > 0 && (
        <Tooltip content="Gmail cuts emails off at 102 KB">
          <Badge color={size > CLIPPED ? "amber" : "gray"} variant="soft" tabIndex={0}>
            {kilobytes(size)}
          </Badge>
        </Tooltip>
      )}
      <SegmentedControl.Root
        size="1"
        value={device}
        onValueChange={(value) => change({ device: value })}
        aria-label="Width"
      >
        <SegmentedControl.Item value="desktop">Desktop</SegmentedControl.Item>
        <SegmentedControl.Item value="phone">Phone</SegmentedControl.Item>
      </SegmentedControl.Root>
      <IconButton
        type="button"
        size="1"
        variant={dark ? "solid" : "soft"}
        color="gray"
        aria-label="Dark mode"
        aria-pressed={dark}
        title="Dark mode"
        onClick={() => change({ dark: !dark })}
      >
        <svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
          <path d="M21 12.8A9 9 0 1 1 11.2 3a7 7 0 0 0 9.8 9.8z" />
        </svg>
      </IconButton>
    </Flex>
  );
}

/** Sender, subject and preheader as an inbox lists them. */
function InboxRow({ look }) {
  const sender = nameOf(look.sender);
  return (
    <Flex className="inbox-row" gap="3" align="center" role="group" aria-label="In the inbox">
      <Face name={sender} />
      <div className="inbox-lines">
        <Text as="div" size="2" weight="medium" className="truncate">{sender}</Text>
        <Text as="div" size="2" className="truncate">
          <bdi>{look.subject || "No subject yet"}</bdi>
          {look.inbox && <Text color="gray"> – <bdi>{look.inbox}</bdi></Text>}
        </Text>
      </div>
    </Flex>
  );
}

const Face = ({ name }) => (
  <span className="inbox-face" aria-hidden="true">{([...name][0] ?? "?").toUpperCase()}</span>
);

/** The line in several inboxes, cut where they cut. */
function Inboxes({ look }) {
  const sender = nameOf(look.sender);
  const subject = look.subject || "No subject yet";
  const letters = [...look.subject].length;
  return (
    <Flex direction="column" gap="3" className="inboxes">
      {INBOXES.map((inbox) => (
        <section key={inbox.name} aria-label={inbox.name}>
          <Text as="div" size="1" color="gray" mb="1">{inbox.name}</Text>
          <div className={`inbox-item ${inbox.together ? "wide" : ""}`}>
            <Text as="div" size="2" weight="bold" className="inbox-from truncate">{sender}</Text>
            <div className="inbox-what">
              <Text size="2" weight="medium"><bdi>{cut(subject, inbox.subject)}</bdi></Text>
              {inbox.together ? " " : <br />}
              <Text size="2" color="gray">
                <bdi>{cut(look.inbox, inbox.together ? Math.max(0, inbox.line - letters) : inbox.line)}</bdi>
              </Text>
            </div>
            <Text size="1" color="gray" className="inbox-time">12:30</Text>
          </div>
        </section>
      ))}
      <Text as="p" size="1" color="gray">
        {`The subject has ${letters} ${letters === 1 ? "character" : "characters"}; phones show about 40. Inboxes measure in pixels, so a few more or less may fit.`}
      </Text>
    </Flex>
  );
}

/** The partner's place among all, for a step to the one before or after. */
export function StepPartner({ onStep }) {
  const step = (by, label, path) => (
    <Tooltip content={label}>
      <IconButton type="button" size="2" variant="soft" color="gray" aria-label={label} onClick={() => onStep?.(by)}>
        <svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
          <path d={path} />
        </svg>
      </IconButton>
    </Tooltip>
  );
  return (
    <Flex gap="1">
      {step(-1, "Previous partner", "m15 18-6-6 6-6")}
      {step(1, "Next partner", "m9 18 6-6-6-6")}
    </Flex>
  );
}
