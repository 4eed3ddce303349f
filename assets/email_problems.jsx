import { Badge, Button, Flex, Link, Text } from "@radix-ui/themes";
import { change, jump, useStudio } from "./studio.js";

const SIGNS = {
  error: { color: "red", name: "Error", path: "M12 8v5m0 3h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z" },
  warning: { color: "amber", name: "Warning", path: "M12 9v4m0 3h.01M10.3 4 2.4 18a2 2 0 0 0 1.7 3h15.8a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0z" },
  note: { color: "gray", name: "Good to know", path: "M12 11v5m0-8h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z" },
};
const NAMES = { subject: "Subject", preheader: "Preheader", body: "Body" };

const errorsOf = (look) => look.problems.filter((one) => one.severity === "error").length;
const counted = (number) => (number === 1 ? "1 problem" : `${number} problems`);

/** How many problems keep the email from being saved; nothing when none do. */
export function ProblemCount() {
  const wrong = useStudio((studio) => errorsOf(studio.look));
  if (!wrong) return null;
  return (
    <Link href="#problems">
      <Badge color="red">{counted(wrong)}</Badge>
    </Link>
  );
}

/** Everything wrong or worth knowing about the draft, the worst first, each with the way to it. */
export function ProblemList() {
  const look = useStudio((studio) => studio.look);
  const gaps = useStudio((studio) => studio.gaps);
  const wrong = errorsOf(look);
  const rows = [
    ...look.problems.filter((one) => one.severity === "error"),
    ...gaps.map((gap) => ({ ...gap, severity: gap.stops ? "warning" : "note" })),
    ...look.problems.filter((one) => one.severity !== "error"),
  ];
  const order = { error: 0, warning: 1, note: 2 };
  rows.sort((one, other) => order[one.severity] - order[other.severity]);
  if (!rows.length) return null;
  return (
    <section className="problems-panel" id="problems">
      <Text as="div" size="2" weight="medium" mb="2">
        {wrong ? `${counted(wrong)} to solve before saving` : "Good to know before sending"}
      </Text>
      <ul className="problems" aria-live="polite" aria-label="Problems">
        {rows.map((row, index) => (
          <Row key={`${row.message} ${row.line ?? ""} ${index}`} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row }) {
  const sign = SIGNS[row.severity];
  const place = row.part && `${NAMES[row.part]}${row.line ? `, line ${row.line}` : ""}`;
  return (
    <li>
      <svg width="15" height="15" viewBox="0 0 24 24" fill="none" strokeWidth="2" role="img" aria-label={sign.name}
        stroke={`var(--${sign.color}-10)`} strokeLinecap="round">
        <path d={sign.path} />
      </svg>
      <Text size="2">
        {place && (
          <>
            <button type="button" className="jump" onClick={() => jump(row.part, row.line ?? 0)}>
              {place}
            </button>
            {": "}
          </>
        )}
        {row.message}
      </Text>
    </li>
  );
}

/** Offers what was written and never saved, after a crash or a lost connection. */
export function KeptDraft({ onTake }) {
  const offer = useStudio((studio) => studio.offer);
  if (!offer) return null;
  const at = new Date(offer.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const drop = () => {
    localStorage.removeItem(offer.key);
    change({ offer: null });
  };
  const take = () => {
    onTake?.(offer.fields);
    change({ offer: null });
  };
  return (
    <Flex className="kept-draft" role="status" justify="between" align="center" gap="3" wrap="wrap">
      <Text size="2">
        {`You wrote something here on ${at} that was never saved.`}
        {offer.newer && " Somebody has saved a newer version since."}
      </Text>
      <Flex gap="2">
        <Button type="button" size="1" variant="soft" color="gray" onClick={drop}>
          Discard it
        </Button>
        <Button type="button" size="1" onClick={take}>
          Bring it back
        </Button>
      </Flex>
    </Flex>
  );
}
